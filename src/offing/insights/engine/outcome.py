"""What goes to a worker process beside the image's bytes, and what comes back."""

from __future__ import annotations

from typing import Any

import msgspec

from offing.insights.engine.options import Limits, Options


class Job(msgspec.Struct, frozen=True):
    """What is asked of a worker."""

    options: Options
    limits: Limits


class Outcome(msgspec.Struct, frozen=True):
    """What a worker answers: a report, or a problem's code and members."""

    milliseconds: float
    report: bytes = b""
    """The report's JSON object."""
    problem: str = ""
    members: dict[str, Any] = {}


_encoder = msgspec.msgpack.Encoder()


def encode_job(options: Options, limits: Limits) -> bytes:
    """The header of a job."""
    return _encoder.encode(Job(options, limits))
