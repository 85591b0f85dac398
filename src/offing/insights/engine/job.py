"""The engine as a worker process runs it: a job in, an outcome out, both as bytes."""

from __future__ import annotations

import io
import time
import warnings
from importlib import import_module
from typing import Any

import msgspec
from PIL import Image, PngImagePlugin

from offing.insights.engine.analyze import analyze
from offing.insights.engine.decode import ORIENTATION_TAG
from offing.insights.engine.names import ALL_METRICS
from offing.insights.engine.options import Options
from offing.insights.engine.outcome import Job, Outcome
from offing.insights.problems import InsightsProblem, InvalidImage
from offing.kernel.processors import available

_encoder, _decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Job)
_json = msgspec.json.Encoder()


def handle(header: bytes, body: bytearray) -> bytes:
    """Do a job. A problem is an outcome; out of memory means that the image asks for too much."""
    job, started = _decoder.decode(header), time.perf_counter()
    try:
        fields: dict[str, Any] = {"report": _json.encode(analyze(body, job.options, job.limits))}
    except InsightsProblem as problem:
        fields = {"problem": problem.code, "members": problem.members}
    except MemoryError:
        greedy = InvalidImage("The image takes more memory than is allowed.")
        fields = {"problem": greedy.code, "members": greedy.members}
    return _encoder.encode(Outcome((time.perf_counter() - started) * 1000, **fields))


def warm() -> None:
    """Real calls, one a format and step, so that every module is loaded before the first job."""
    _settle()
    turned = Image.Exif()
    turned[ORIENTATION_TAG] = 6
    options = Options(metrics=ALL_METRICS, edge_mode="all", orientation="exif", alpha="checker")
    for mode, name in (("RGB", "JPEG"), ("LA", "PNG")):
        file = io.BytesIO()
        Image.linear_gradient("L").convert(mode).resize((520, 8)).save(file, name, exif=turned)
        analyze(file.getvalue(), options)
    if available() > 1:  # large images are shared between threads then
        import_module("concurrent.futures.thread")


def _settle() -> None:
    """Settings of the whole process, which a library may not make for those who import it."""
    warnings.simplefilter("ignore")  # Pillow's warnings quote what a client sent
    Image.MAX_IMAGE_PIXELS = None  # the header has been checked against our own limit
    PngImagePlugin.MAX_TEXT_CHUNK = 1024 * 1024
    PngImagePlugin.MAX_TEXT_MEMORY = 16 * 1024 * 1024  # plain text counts too, and may fill a file
