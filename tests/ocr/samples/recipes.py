"""Every sample: how it is drawn, what happened to it since, and what it is for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgspec
from PIL import Image, ImageFilter

from tests.ocr.samples import EXAMPLE, Group, Sample, documents, encoding, languages, notices, pages
from tests.ocr.samples.canvas import Canvas
from tests.ocr.samples.languages import Writing
from tests.ocr.samples.paper import cast, faded, grainy, planks, shaded, skewed, speckled, turned

Effect = Callable[[Image.Image], Image.Image]


class Recipe(msgspec.Struct, frozen=True):
    """A sample yet to be made."""

    file: str
    make: Callable[[], tuple[Sample, bytes]]


def recipes() -> Iterator[Recipe]:
    """All of them, in the manifest's order."""
    yield from _simple()
    yield from _complex()
    yield from _turned()
    yield from _latin_and_cjk()
    yield from _scripts()
    yield from _documents()


def _simple() -> Iterator[Recipe]:
    yield _picture("label.png", "simple", "a shipping label with a bar code", pages.label)
    yield _picture(
        "form.jpg", "simple", "a customs form", pages.form, partial(grainy, name="form", amplitude=5)
    )
    yield _picture("departures.png", "simple", "a board of ferries, white on dark", pages.departures)
    yield _picture("small_print.png", "simple", "letters of 11 pixels", pages.small_print)


def _complex() -> Iterator[Recipe]:
    prose = partial(pages.notice, notices.PROSE, (1000, 1010), 25)
    yield _picture("prose.png", "complex", "a page of prose", prose)
    yield _picture("columns.png", "complex", "a newspaper page of two columns", pages.columns)
    yield _picture("faint_receipt.jpg", "complex", "a faint receipt with dirt on it", pages.receipt, _worn)
    yield _picture("table.png", "complex", "a ruled table", pages.berths)
    stained = partial(shaded, left=0, right=-30)
    yield _picture("invoice.jpg", "complex", "an invoice", pages.invoice, stained, ordered=False)
    for degrees, text in ((8, notices.STORM), (-12, notices.PILOTS)):
        yield _picture(
            f"skewed_{'right' if degrees > 0 else 'left'}.jpg",
            "complex",
            f"a notice laid down askew by {degrees} degrees",
            partial(pages.notice, text, (900, 640), 25, "sans"),
            partial(_laid_askew, degrees=degrees),
            skew=float(degrees),
            boxes=(),
        )
    shows = "a photograph of a receipt on a table"
    yield _picture(EXAMPLE, "complex", shows, pages.chandlery, _photographed, quality=70, skew=-2.7, boxes=())


def _turned() -> Iterator[Recipe]:
    texts = {90: notices.LETTER, 180: notices.AUCTION, 270: notices.PACKING}
    for degrees, text in texts.items():
        yield _picture(
            f"turned_{degrees}.png",
            "turned",
            f"a page turned clockwise by {degrees} degrees",
            partial(pages.notice, text, (800, 640), 25),
            partial(turned, degrees=degrees),
            orientation=degrees,
            boxes=(),
        )


def _latin_and_cjk() -> Iterator[Recipe]:
    for file, writing in languages.LATIN_AND_CJK.items():
        yield _text(file, "latin-cjk", writing)
    draw, shows = partial(languages.written_down, languages.VERTICAL), "lines from top to bottom"
    file = "japanese_vertical.png"
    yield _picture(file, "latin-cjk", shows, draw, language="jpn", unit="char", vertical=True)


def _scripts() -> Iterator[Recipe]:
    for file, writing in languages.SCRIPTS.items():
        yield _text(file, "scripts", writing)


def _documents() -> Iterator[Recipe]:
    yield _document("fax.tiff", "three pages in black and white", documents.fax)
    yield _document("born_digital.pdf", "two pages of text", documents.born_digital)
    yield _document("scanned.pdf", "two scans without a text layer", documents.scanned)
    yield _document("mixed.pdf", "a page of text and a scan", documents.mixed)


def _picture(
    file: str,
    group: Group,
    shows: str,
    draw: Callable[[], Canvas],
    effect: Effect | None = None,
    *,
    quality: int = 60,
    **truth: Any,
) -> Recipe:
    def make() -> tuple[Sample, bytes]:
        page = draw()
        image = effect(page.image) if effect else page.image
        known: dict[str, Any] = {
            "language": "eng",
            "lines": tuple(page.lines),
            "boxes": tuple(page.boxes),
            **truth,
        }
        data = encoding.png(image) if file.endswith(".png") else encoding.jpeg(image, quality)
        return Sample(file=file, group=group, shows=shows, **known), data

    return Recipe(file, make)


def _text(file: str, group: Group, writing: Writing) -> Recipe:
    draw, unit = partial(languages.written, writing), "word" if writing.spaced else "char"
    return _picture(file, group, "a notice", draw, quality=75, language=writing.language, unit=unit)


def _document(file: str, shows: str, draw: Callable[[], documents.Document]) -> Recipe:
    def make() -> tuple[Sample, bytes]:
        data, page_lines = draw()
        lines = tuple(line for page in page_lines for line in page)
        known: dict[str, Any] = {"language": "eng", "lines": lines, "pages": tuple(map(len, page_lines))}
        return Sample(file=file, group="documents", shows=shows, **known), data

    return Recipe(file, make)


def _worn(image: Image.Image) -> Image.Image:
    dirty = speckled(faded(image, 120, 205), "receipt", 200)
    return grainy(shaded(dirty, 12, -28), "receipt", 14)


def _laid_askew(image: Image.Image, degrees: float) -> Image.Image:
    return grainy(skewed(faded(image, 30, 236), degrees, 236), f"askew{degrees}", 4)


def _photographed(image: Image.Image) -> Image.Image:
    paper = faded(image, 38, 240).convert("RGB")
    light = [value * part // 100 for part in (100, 97, 90) for value in range(256)]  # of a lamp: warm
    corners = (138, 92), (742, 62), (806, 1118), (104, 1150)
    lying = cast(planks((900, 1200), "table"), paper.point(light), corners)
    taken = shaded(lying, 10, -34).filter(ImageFilter.GaussianBlur(0.7))
    return grainy(taken, "photograph", 4)
