"""Pages drawn for the tests of steps, and a reader that starts no other program."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from offing.ocr import Reader
from offing.ocr.engine.crops import Pixels
from offing.ocr.engine.models import ModelSet
from offing.ocr.engine.options import Quality
from offing.ocr.engine.runtime import Network, RuntimeName, Tensor
from offing.ocr.engine.scripts import ScriptRouter
from offing.ocr.engine.scripts.tesseract import Tesseract

PITCH, MARGIN = 44, 20
FONT = ImageFont.load_default(30)
WHITE, DARK = (255, 255, 255), (20, 30, 60)


class Recorder:
    """A network that keeps what it is given and passes it on."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.raw_scores = network.raw_scores
        self.given: list[Tensor] = []

    def infer(self, tensor: Tensor) -> Tensor:
        """What the network itself answers."""
        self.given.append(tensor.copy())
        return self._network.infer(tensor)


def page(*texts: str, width: int = 420, height: int = 0) -> Pixels:
    """A white page with a line of dark letters for each text."""
    canvas = Image.new("RGB", (width, height or 2 * MARGIN + PITCH * len(texts)), WHITE)
    for number, text in enumerate(texts):
        ImageDraw.Draw(canvas).text((MARGIN, MARGIN + PITCH * number), text, DARK, FONT)
    return np.array(canvas)


def line(text: str) -> Pixels:
    """A page that is but one line, with little around it."""
    left, top, right, bottom = FONT.getbbox(text)
    canvas = Image.new("RGB", (round(right - left) + 12, round(bottom - top) + 12), WHITE)
    ImageDraw.Draw(canvas).text((6 - left, 6 - top), text, DARK, FONT)
    return np.array(canvas)


def reader(
    quality: Quality = "fast",
    *,
    threads: int = 2,
    given: ModelSet | None = None,
    runtime: RuntimeName | None = None,
) -> Reader:
    """A reader to whom Tesseract is not installed."""
    scripts = ScriptRouter(Tesseract("no-such-program"))
    return Reader(quality=quality, threads=threads, given=given, runtime=runtime, scripts=scripts)


def texts(reader: Reader, pages: Sequence[Pixels]) -> list[str]:
    """What is read on each page."""
    return [reader.read(each).text for each in pages]
