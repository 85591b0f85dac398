"""The annotated image: frames where lines are, the rest untouched."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray
from PIL import Image

from offing.ocr.engine.page import Page
from offing.ocr.writers import FORMATS, PageImage
from offing.ocr.writers.annotated import annotated
from tests.ocr.writers.pages import any_page, blank, line, page, write


def test_lines_have_frames_of_their_blocks_colour_and_numbers_in_order() -> None:
    shown = _shown(write("png", page([line("One", at=(100, 100))], [line("two", at=(100, 300))])))
    first, second = shown[100, 110], shown[300, 110]
    assert first.tolist() != [255, 255, 255]
    assert second.tolist() not in ([255, 255, 255], first.tolist())
    assert np.all(shown[500:] == 255)
    ones, twos = (shown[top : top + 25, 80:100] for top in (100, 300))
    assert not np.array_equal(np.all(ones == 255, axis=2), np.all(twos == 255, axis=2))


def test_frames_are_drawn_on_the_page_as_displayed() -> None:
    lying = page([line("One", at=(100, 100))], orientation=90)
    shown = _shown(write("png", lying))
    assert shown.shape == (800, 1000, 3)
    left, top = map(int, lying.blocks[0].lines[0].bbox[0])
    assert (left, top) == (900, 100)
    assert shown[top + 20, left].tolist() != [255, 255, 255]


def test_the_callers_pixels_stay_as_they_were() -> None:
    pixels = blank(800, 1000)
    annotated(page([line("One")]), pixels)
    assert np.all(pixels == 255)


@settings(max_examples=20)
@given(any_page())
def test_any_place_can_be_drawn(any_page: Page) -> None:
    assert _shown(write("png", any_page)).shape == (any_page.height, any_page.width, 3)


def test_a_png_has_one_page_and_needs_its_image() -> None:
    writer = FORMATS["png"].writer()
    with pytest.raises(ValueError, match="none is given"):
        writer.page(page())
    writer.page(page(), PageImage(blank(800, 1000)))
    with pytest.raises(ValueError, match="one page"):
        writer.page(page(), PageImage(blank(800, 1000)))


def _shown(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(png)))
