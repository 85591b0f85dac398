"""The labelled images, the groups that are scored, and the turned and skewed ones made of them."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PIL import Image

from bench.ocr.scoring import Unit

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "ocr"
"""Where the images are: beside the checkout, not in it."""
COMPLEX = frozenset({
    "sroie_020", "sroie_228", "sroie_384", "scribe_receipt_03", "scribe_multicol_05", "scribe_filing_01",
    "tess_8087_054.3B", "tess_eurotext", "synpage0", "synpage1", "synpage2", "synpage3",
})  # fmt: skip
"""The complex pages that are timed: receipts, columns, a form, newsprint and rendered pages."""
LATIN_AND_CJK = ("deu", "fra", "spa", "pol", "vie", "tur", "chi_sim", "chi_tra", "jpn")
SCRIPTS = {
    "Russian": "rus", "Greek": "ell", "Arabic": "ara", "Hindi": "hin", "Thai": "tha",
    "Tamil": "tam", "Telugu": "tel", "Vietnamese": "vie", "Korean": "kor",
}  # fmt: skip
QUARTERS = {
    90: Image.Transpose.ROTATE_270,  # Pillow counts against the clock
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
SKEWS = (-12, -5, 5, 12)
"""Degrees clockwise."""
PAPER = (255, 255, 255)


@dataclass(frozen=True)
class Labelled:
    """An image as an encoded file, and what it says."""

    name: str
    group: str
    """``simple``, ``complex`` or ``multi``."""
    language: str
    """Tesseract's name of its language or script."""
    lines: tuple[str, ...]
    unit: Unit
    ordered: bool
    """The lines are in reading order."""
    path: Path
    made: bytes = b""
    """The file's content where it was made from the one at ``path``."""

    @property
    def content(self) -> bytes:
        """The encoded image."""
        return self.made or self.path.read_bytes()


def load(folder: Path = DATA) -> list[Labelled]:
    """Read the manifest. Raises :class:`FileNotFoundError` where the folder holds none."""
    told = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return [
        Labelled(
            each["name"], each["group"], language(each["name"], each["language"]),
            tuple(each["lines"]), each["unit"], each["ordered"], folder / each["file"],
        )
        for each in told
    ]  # fmt: skip


def language(name: str, told: str) -> str:
    """Tesseract's name: a rendered image is named by its language, where the manifest has the script."""
    return name.removeprefix("syn_") if name.startswith("syn_") else told


def simple(images: Iterable[Labelled]) -> list[Labelled]:
    """Short, clean images in English."""
    return [each for each in images if each.group == "simple"]


def timed_complex(images: Iterable[Labelled]) -> list[Labelled]:
    """The complex pages that are timed and judged."""
    return [each for each in images if each.name in COMPLEX]


def upright_complex(images: Iterable[Labelled]) -> list[Labelled]:
    """Every complex page that stands upright."""
    return [each for each in images if each.group == "complex" and "_rot" not in each.name]


def latin_and_cjk(images: Iterable[Labelled]) -> list[Labelled]:
    """Languages that the PP-OCR models are made for."""
    names = {f"syn_{code}" for code in LATIN_AND_CJK}
    return [each for each in images if each.name in names]


def ordered_pages(images: Iterable[Labelled]) -> list[Labelled]:
    """English images with more than one line in a known order."""
    return [each for each in images if each.ordered and each.group != "multi" and len(each.lines) > 1]


def spread(images: Sequence[Labelled], limit: int | None) -> list[Labelled]:
    """So many of the images, taken evenly from the first to the last kind; all without a limit."""
    if limit is None or limit >= len(images):
        return list(images)
    return [images[place * len(images) // limit] for place in range(limit)]


def turned(images: Iterable[Labelled], degrees: int) -> Iterator[Labelled]:
    """The images turned clockwise by 90, 180 or 270 degrees; no pixel is lost."""
    for each in images:
        with Image.open(each.path) as picture:
            content = encoded(picture.convert("RGB").transpose(QUARTERS[degrees]))
        yield replace(each, name=f"{each.name} turned by {degrees}", made=content)


def skewed(images: Iterable[Labelled], degrees: float) -> Iterator[Labelled]:
    """The images as a crooked scanner gives them, on white paper that is large enough."""
    for each in images:
        with Image.open(each.path) as picture:
            page = picture.convert("RGB").rotate(
                -degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=PAPER
            )
        yield replace(each, name=f"{each.name} skewed by {degrees:+g}", made=encoded(page))


def encoded(picture: Image.Image) -> bytes:
    """The picture as a PNG."""
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=1)
    return file.getvalue()
