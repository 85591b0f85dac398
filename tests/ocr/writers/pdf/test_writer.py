"""The document: its structure, its pages' sizes, and what it keeps in memory."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing import __version__
from offing.ocr.engine.page import Page
from offing.ocr.writers import FORMATS, PageImage, written
from tests.ocr.writers.pages import line, page, write
from tests.ocr.writers.readers import needs_poppler, opened, pdfium_text, poppler_text


@pytest.mark.parametrize(
    ("size", "dpi", "points"),
    [
        ((2480, 3508), 300, (595.2, 841.92)),
        ((640, 480), 0, (640, 480)),
        ((1240, 1754), 0, (595.18, 841.89)),
        ((3508, 2480), 0, (841.89, 595.18)),
        ((30_000, 300), 72, (14_400, 144)),
        ((1, 1), 0, (1, 1)),
    ],
)
def test_a_pages_size_is_what_its_resolution_makes_it(
    size: tuple[int, int], dpi: float, points: tuple[float, float]
) -> None:
    image = PageImage(np.full((size[1], size[0], 3), 255, np.uint8))
    pdf = b"".join(written(FORMATS["pdf"], [(Page(*size, dpi=dpi), image)]))
    with opened(pdf) as document:
        _, _, width, height = document.pages[0].MediaBox.as_list()
        assert (float(width), float(height)) == pytest.approx(points, abs=0.01)


@given(st.integers(1, 4))
def test_pages_come_in_their_order_and_the_structure_is_sound(count: int) -> None:
    pages = [page([line(f"page{number}")]) for number in range(count)]
    pdf = write("pdf", *pages)
    with opened(pdf) as document:
        assert len(document.pages) == document.Root.Pages.Count == count
        assert str(document.docinfo.Producer) == f"Offing {__version__}"
    assert pdfium_text(pdf).split("\f") == [each.text for each in pages]


@needs_poppler
def test_poppler_reads_the_pages_in_order() -> None:
    pdf = write("pdf", *(page([line(f"page{number}")]) for number in range(3)))
    assert poppler_text(pdf).split() == ["page0", "page1", "page2"]


def test_of_a_long_document_one_page_is_held_at_a_time() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (300, 300, 3), dtype=np.uint8)

    def pages() -> Iterator[tuple[Page, PageImage]]:
        for _ in range(40):
            yield Page(300, 300), PageImage(pixels)

    tracemalloc.start()
    total = sum(map(len, written(FORMATS["pdf"], pages())))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < total / 3


def test_a_page_needs_its_image() -> None:
    with pytest.raises(ValueError, match="none is given"):
        FORMATS["pdf"].writer().page(page())
