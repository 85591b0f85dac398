"""TIFF files of several pages."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
from PIL import Image

from offing.ocr.documents.document import open_document
from offing.ocr.documents.limits import DocumentLimits
from offing.ocr.problems import BrokenDocument, TooManyPages
from tests.ocr.documents.opening import pixels_of

SHADES = (10, 90, 170, 250)


def of_pages(*images: Image.Image, **options: str) -> bytes:
    """A TIFF of these pages."""
    file = io.BytesIO()
    images[0].save(file, "TIFF", save_all=True, append_images=images[1:], **options)
    return file.getvalue()


def shades() -> bytes:
    return of_pages(*(Image.new("L", (20 + shade, 30), shade) for shade in SHADES))


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "jpeg"])
def test_every_page_comes_in_any_order(compression: str) -> None:
    data = of_pages(*(Image.new("L", (20 + shade, 30), shade) for shade in SHADES), compression=compression)
    with open_document(data) as document:
        assert document.pages == 4
        for number in (3, 1, 4, 2, 2, 1):
            page = document.page(number)
            assert page.pixels is not None
            assert (page.number, page.width, page.height) == (number, 20 + SHADES[number - 1], 30)
            assert np.abs(page.pixels.astype(int) - SHADES[number - 1]).max() <= 1


def test_pages_of_different_modes_are_each_right() -> None:
    pages = (Image.new("1", (9, 9), 1), Image.new("RGB", (8, 8), (1, 2, 3)), Image.new("L", (7, 7), 77))
    with open_document(of_pages(*pages)) as document:
        for number, expected in enumerate((255, (1, 2, 3), 77), 1):
            pixels = document.page(number).pixels
            assert pixels is not None
            assert (pixels == expected).all()


def test_black_on_white_and_white_on_black_are_told_apart() -> None:
    """Fax machines store black as 1 (PhotometricInterpretation 0), others as 0."""
    image = Image.new("1", (64, 16), 1)
    image.paste(0, (0, 0, 64, 8))
    for compression in ("group4", "group3", "tiff_lzw"):
        pixels = pixels_of(of_pages(image, compression=compression))
        assert (pixels[:8] == 0).all()
        assert (pixels[8:] == 255).all()


def test_a_thumbnail_is_no_page() -> None:
    data = shades()
    with open_document(_marked(data, frame=1)) as document:
        assert document.pages == 3
        assert [document.page(number).width - 20 for number in (1, 2, 3)] == [10, 170, 250]


def test_more_pages_than_the_limit_are_413_with_the_limit() -> None:
    with pytest.raises(TooManyPages) as caught, open_document(shades(), DocumentLimits(max_pages=3)):
        pass
    assert (caught.value.status, caught.value.members) == (413, {"max_pages": 3})
    with open_document(shades(), DocumentLimits(max_pages=4)) as document:
        assert document.pages == 4


def test_a_chain_of_pages_that_returns_to_its_start_ends() -> None:
    data = bytearray(shades())
    directories = _directories(data)
    struct.pack_into("<I", data, _next_at(data, directories[-1]), directories[0])
    with open_document(data) as document:
        assert document.pages == 4


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_a_page_without_end_or_beyond_the_file_is_broken() -> None:
    data = bytearray(shades())
    struct.pack_into("<I", data, _next_at(data, _directories(data)[1]), len(data) + 1000)
    with pytest.raises(BrokenDocument), open_document(data):
        pass


def _directories(data: bytes | bytearray) -> list[int]:
    """Where each directory of a little-endian file begins (TIFF 6.0, section 2)."""
    found, place = [], struct.unpack_from("<I", data, 4)[0]
    while place:
        found.append(place)
        place = struct.unpack_from("<I", data, _next_at(data, place))[0]
    return found


def _next_at(data: bytes | bytearray, directory: int) -> int:
    return int(directory + 2 + 12 * struct.unpack_from("<H", data, directory)[0])


def _marked(data: bytes, frame: int) -> bytes:
    """The file with a frame marked as a reduced version: a first entry, NewSubfileType 1, put in."""
    place = _directories(data)[frame]
    (count,) = struct.unpack_from("<H", data, place)
    entry = struct.pack("<HHII", 254, 4, 1, 1)
    directory = struct.pack("<H", count + 1) + entry + data[place + 2 : _next_at(data, place) + 4]
    moved = bytearray(data + bytes(len(data) % 2) + directory)
    before = _directories(data)[frame - 1]
    struct.pack_into("<I", moved, _next_at(data, before), len(moved) - len(directory))
    return bytes(moved)
