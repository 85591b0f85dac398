"""A page that remembers what was written on it, and where."""

from __future__ import annotations

from collections.abc import Iterable

from PIL import Image, ImageDraw, ImageFont

from tests.ocr.samples import Box

Cell = tuple[float, str]
"""Where a cell begins (or ends, or has its middle, as the row's anchor says), and its text."""
Font = ImageFont.FreeTypeFont


class Canvas:
    """A gray page; what is written becomes the truth, a line a row."""

    def __init__(self, width: int, height: int, paper: int = 255, ink: int = 0) -> None:
        self.image = Image.new("L", (width, height), paper)
        self.lines: list[str] = []
        self.boxes: list[Box] = []
        self._draw = ImageDraw.Draw(self.image)
        self._paper, self._ink = paper, ink

    def row(self, y: float, cells: Iterable[Cell], font: Font, anchors: str = "l") -> None:
        """Write the cells of one line, their ascenders at ``y``, each with its anchor (l, m or r)."""
        known = tuple(cells)
        written = [
            self._write((x, y), text, font, anchors[min(number, len(anchors) - 1)] + "a")
            for number, (x, text) in enumerate(known)
        ]
        self._keep(" ".join(text for _, text in known), written)

    def paragraph(
        self, place: tuple[float, float], width: float, text: str, font: Font, lead: float
    ) -> float:
        """Write text in lines no longer than ``width``, ``lead`` apart; gives where the next line goes."""
        x, y = place
        for line in wrapped(text, width, font):
            self.row(y, [(x, line)], font)
            y += lead
        return y

    def column(self, x: float, y: float, text: str, font: Font) -> None:
        """Write text from top to bottom, its right edge at ``x``."""
        box = self._draw.textbbox((x, y), text, font, anchor="rt", direction="ttb")
        self._draw.text((x, y), text, self._ink, font, anchor="rt", direction="ttb")
        self._keep(text, [box])

    def rule(self, *corners: float, width: int = 2, ink: int | None = None) -> None:
        """Draw a line from x, y to x, y."""
        self._draw.line(corners, self._ink if ink is None else ink, width)

    def bars(self, box: Box, widths: Iterable[int]) -> None:
        """Draw upright bars: a bar, a gap, a bar …, each a number of pixels wide."""
        left, top, _, bottom = box
        for number, width in enumerate(widths):
            if number % 2 == 0:
                self._draw.rectangle((left, top, left + width - 1, bottom), self._ink)
            left += width

    def _write(self, place: tuple[float, float], text: str, font: Font, anchor: str) -> Iterable[float]:
        self._draw.text(place, text, self._ink, font, anchor=anchor)
        return self._draw.textbbox(place, text, font, anchor=anchor)

    def _keep(self, text: str, boxes: list[Iterable[float]]) -> None:
        left, top, right, bottom = zip(*boxes, strict=True)
        self.lines.append(text)
        self.boxes.append((int(min(left)), int(min(top)), int(max(right)) + 1, int(max(bottom)) + 1))


def wrapped(text: str, width: float, font: Font) -> list[str]:
    """The text broken between words into lines no longer than ``width`` pixels."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
