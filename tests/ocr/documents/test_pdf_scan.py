"""Pages of a PDF that are rendered: their size, and what is on them."""

from __future__ import annotations

import numpy as np
import pytest

from offing.ocr.problems import TooManyPixels
from tests.ocr.documents.opening import first_page, pixels_of
from tests.ocr.documents.pdf_files import document, drawn, image, stream, text

RAMP = np.arange(200 * 150, dtype=np.uint32).reshape(150, 200) % 251
"""Every pixel unlike its neighbours, and the picture unlike itself turned."""
GRAY = RAMP.astype(np.uint8)


def scan(points: tuple[int, int] = (200, 150), rotate: int = 0) -> bytes:
    """One image that fills a page of so many points."""
    box = (0, 0, *points)
    return document(
        drawn(b"I", box), extra=[image(200, 150, GRAY.tobytes())], named=b"/I 4 0 R", box=box, rotate=rotate
    )


@pytest.mark.parametrize(("rotate", "turns"), [(0, 0), (90, -1), (180, 2), (270, 1)])
def test_a_scan_is_rendered_pixel_by_pixel_and_turned(rotate: int, turns: int) -> None:
    page = first_page(scan(rotate=rotate))
    assert page.pixels is not None
    assert (page.source, page.dpi) == ("pdf-scan", 72)
    expected = np.repeat(np.rot90(GRAY, turns)[..., None], 3, axis=2)
    assert page.pixels.shape == expected.shape
    assert np.median(np.abs(page.pixels.astype(int) - expected)) <= 1


def test_colours_are_red_green_and_blue_in_this_order() -> None:
    pixels = pixels_of(document(b"1 0 0 rg 0 0 99 99 re f 0 1 0 rg 0 0 50 99 re f", box=(0, 0, 99, 99)))
    assert tuple(pixels[5, 5]) == (0, 255, 0)
    assert tuple(pixels[5, -5]) == (255, 0, 0)


def test_what_is_not_drawn_on_is_white() -> None:
    assert (pixels_of(document(b"")) == 255).all()


def test_a_scan_finer_than_the_resolution_is_rendered_at_the_resolution() -> None:
    page = first_page(scan((36, 27)), dpi=200)  # 400 dpi
    assert page.dpi == 400  # a small page
    page = first_page(scan((18, 14)), dpi=200)
    assert page.dpi == 400


@pytest.mark.parametrize(
    ("points", "dpi"),
    [
        ((595, 842), 200),  # A4
        ((241, 153), 400),  # a card
        ((400, 300), 288),  # 1600 pixels along
        ((2384, 3370), 152.3),  # A0: 36 million pixels
    ],
)
def test_the_resolution_follows_the_paper(points: tuple[int, int], dpi: float) -> None:
    page = first_page(document(text(9, 9, 9, "x"), box=(0, 0, *points)), max_pixels=36_000_000)
    assert page.dpi == pytest.approx(dpi, abs=2.5)
    assert page.width * page.height <= 36_000_000


def test_a_setting_gives_another_resolution() -> None:
    assert first_page(document(b""), dpi=100).height == 1600  # small at 100, so finer
    assert first_page(document(b""), dpi=300).width == round(595 / 72 * 300)


@pytest.mark.parametrize("side", [14_400, 200_000, 10**9, 10**30])
def test_paper_beyond_all_measure_is_413(side: int) -> None:
    with pytest.raises(TooManyPixels) as caught:
        first_page(document(text(9, 9, 9, "x"), box=(0, 0, side, side)))
    assert caught.value.status == 413
    assert caught.value.members["max_pixels"] == 50_000_000


@pytest.mark.parametrize("box", [(0, 0, 0, 0), (0, 0, 595, 0), (5, 5, 5, 900)])
def test_paper_without_a_size_is_taken_as_a_letter(box: tuple[int, ...]) -> None:
    page = first_page(document(b"", box=box))
    assert (page.width, page.height) == (1700, 2200)


@pytest.mark.parametrize("box", [(595, 842, 0, 0), (0, 842, 595, 0)])
def test_a_box_whose_corners_are_swapped_is_the_same_paper(box: tuple[int, ...]) -> None:
    page = first_page(document(b"", box=box))
    assert (page.width, page.height) == (1653, 2339)


def test_a_strip_of_paper_has_at_least_one_pixel_across() -> None:
    page = first_page(document(b"0 g 0 0 99 99 re f", box=(0, 0, 0.01, 500)))
    assert page.width == 1
    assert page.pixels is not None
    assert page.pixels.shape == (page.height, 1, 3)


def test_a_filled_field_is_drawn() -> None:
    appearance = stream(b"0 g 0 0 90 90 re f", b"/Type/XObject/Subtype/Form/BBox[0 0 90 90]")
    data = document(
        b"",
        extra=[
            b"<</Type/Annot/Subtype/Widget/FT/Tx/T(n)/V(Ahab)/F 4/Rect[100 100 190 190]/AP<</N 5 0 R>>>>",
            appearance,
        ],
        page=b"/Annots[4 0 R]",
        catalog=b"/AcroForm<</Fields[4 0 R]>>",
    )
    page = first_page(data)
    assert page.source == "pdf-scan"
    assert page.pixels is not None
    dark = np.argwhere(page.pixels.max(axis=2) < 128) / 200 * 72
    assert dark.size
    assert np.allclose(dark.mean(axis=0), (842 - 145, 145), atol=2)
