"""The page's picture: JPEGs pass as they are, everything looks as it was and stands upright."""

from __future__ import annotations

import io

import cv2
import numpy as np
import pikepdf
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps

from offing.ocr.engine.page import Page
from offing.ocr.writers import FORMATS, PageImage, written
from offing.ocr.writers.pdf.jpeg import frame_of, orientation_of
from tests.ocr.writers.readers import opened, rendered

Pixels = NDArray[np.uint8]

TURNS = {0: 0, 90: 3, 180: 2, 270: 1}
"""Quarter turns anticlockwise that turn a page's content clockwise by so many degrees."""


def corners(height: int = 120, width: int = 80) -> Pixels:
    """A picture whose four quarters have four colours."""
    pixels = np.full((height, width, 3), (250, 250, 250), np.uint8)
    pixels[: height // 2, : width // 2] = (220, 30, 30)
    pixels[: height // 2, width // 2 :] = (30, 160, 30)
    pixels[height // 2 :, : width // 2] = (30, 30, 200)
    return pixels


def noise(height: int = 120, width: int = 80) -> Pixels:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)


@pytest.mark.parametrize("orientation", TURNS)
@pytest.mark.parametrize("as_jpeg", [False, True])
def test_a_turned_page_is_drawn_upright(orientation: int, *, as_jpeg: bool) -> None:
    shown = np.ascontiguousarray(np.rot90(corners(), TURNS[orientation]))
    page = Page(shown.shape[1], shown.shape[0], orientation=orientation, dpi=72)
    pdf = _pdf(page, PageImage(shown, _jpeg(shown) if as_jpeg else None))
    assert _near(rendered(pdf), corners())


@pytest.mark.parametrize("exif", range(1, 9))
@pytest.mark.parametrize("orientation", TURNS)
def test_a_jpeg_that_says_how_it_lies_is_drawn_as_it_is_shown(exif: int, orientation: int) -> None:
    shown = np.ascontiguousarray(np.rot90(corners(), TURNS[orientation]))
    jpeg = _jpeg_stored(shown, exif)
    assert orientation_of(jpeg) == exif
    page = Page(shown.shape[1], shown.shape[0], orientation=orientation, dpi=72)
    pdf = _pdf(page, PageImage(shown, jpeg))
    assert _image(pdf)["data"] == jpeg
    assert _near(rendered(pdf), corners())


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"subsampling": 0}, {"optimize": True}])
def test_a_jpeg_passes_byte_for_byte(options: dict[str, object]) -> None:
    pixels = noise()
    jpeg = _jpeg(pixels, **options)
    image = _image(_pdf(Page(80, 120), PageImage(pixels, jpeg)))
    assert (image["data"], image["filter"]) == (jpeg, "/DCTDecode")


def test_a_gray_jpeg_passes_as_gray() -> None:
    pixels = np.repeat(noise()[..., :1], 3, axis=2)
    stored = io.BytesIO()
    Image.fromarray(pixels[..., 0]).save(stored, "JPEG")
    image = _image(_pdf(Page(80, 120), PageImage(pixels, stored.getvalue())))
    assert (image["data"], image["space"]) == (stored.getvalue(), "/DeviceGray")


@pytest.mark.parametrize("kind", ["cmyk", "broken", "other proportions", "no jpeg", "empty"])
def test_what_viewers_may_not_show_as_it_is_is_packed_anew(kind: str) -> None:
    pixels = corners()
    jpeg = _jpeg(pixels)
    cmyk = io.BytesIO()
    Image.fromarray(pixels).convert("CMYK").save(cmyk, "JPEG")
    files = {
        "cmyk": cmyk.getvalue(),
        "broken": jpeg[:100],
        "other proportions": _jpeg(corners(80, 120)),
        "no jpeg": b"GIF89a" + jpeg,
        "empty": b"",
    }
    pdf = _pdf(Page(80, 120, dpi=72), PageImage(pixels, files[kind]))
    assert _image(pdf)["data"] != files[kind]
    assert _near(rendered(pdf), pixels)


def test_flat_pictures_are_kept_without_loss_and_noisy_ones_are_jpegs() -> None:
    assert _image(_pdf(Page(80, 120), PageImage(corners())))["filter"] == "/FlateDecode"
    noisy = _image(_pdf(Page(80, 120), PageImage(noise())))
    assert noisy["filter"] == "/DCTDecode"
    assert np.array_equal(_decoded(_pdf(Page(80, 120), PageImage(corners()))), corners())


def test_black_on_white_takes_one_bit_and_gray_one_channel() -> None:
    page = np.full((120, 81, 3), 255, np.uint8)
    page[30:60, 20:50] = 0
    pdf = _pdf(Page(81, 120), PageImage(page))
    assert (_image(pdf)["bits"], _image(pdf)["space"]) == (1, "/DeviceGray")
    assert np.array_equal(_decoded(pdf), page)
    gray = np.repeat(np.tile(np.arange(80, dtype=np.uint8), (120, 1))[..., None], 3, axis=2)
    pdf = _pdf(Page(80, 120), PageImage(gray))
    assert (_image(pdf)["bits"], _image(pdf)["space"]) == (8, "/DeviceGray")
    assert _near(_decoded(pdf), gray)


def test_pixels_that_are_no_copy_of_their_own_can_be_packed() -> None:
    flipped = corners()[::-1]
    assert np.array_equal(_decoded(_pdf(Page(80, 120), PageImage(flipped))), flipped)


@pytest.mark.parametrize("length", range(0, 700, 7))
def test_a_jpeg_cut_anywhere_has_a_frame_or_none(length: int) -> None:
    jpeg = _jpeg(corners())
    frame = frame_of(jpeg[:length])
    assert frame is None or (frame.width, frame.height, frame.common) == (80, 120, True)
    assert orientation_of(jpeg[:length]) == 1


def test_markers_may_have_fill_bytes_before_them() -> None:
    jpeg = _jpeg(corners())
    assert frame_of(jpeg[:2] + b"\xff\xff" + jpeg[2:]) == frame_of(jpeg)


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_none(value: int) -> None:
    exif = Image.Exif()
    exif[274] = value
    stored = io.BytesIO()
    Image.fromarray(corners()).save(stored, "JPEG", exif=exif)
    assert orientation_of(stored.getvalue()) == 1


def _pdf(page: Page, image: PageImage) -> bytes:
    return b"".join(written(FORMATS["pdf"], [(page, image)]))


def _image(pdf: bytes) -> dict[str, object]:
    with opened(pdf) as document:
        image = document.pages[0].Resources.XObject.Image
        return {
            "data": image.read_raw_bytes(),
            "filter": str(image.Filter),
            "space": str(image.ColorSpace),
            "bits": int(image.BitsPerComponent),
        }


def _decoded(pdf: bytes) -> Pixels:
    """The image as pikepdf and Pillow read it."""
    with opened(pdf) as document:
        image = document.pages[0].Resources.XObject.Image
        assert isinstance(image, pikepdf.Stream)
        return np.asarray(pikepdf.PdfImage(image).as_pil_image().convert("RGB"))


def _jpeg(pixels: Pixels, **options: object) -> bytes:
    stored = io.BytesIO()
    Image.fromarray(pixels).save(stored, "JPEG", **{"quality": 90, **options})
    return stored.getvalue()


def _jpeg_stored(shown: Pixels, exif: int) -> bytes:
    """A JPEG that is shown as these pixels when its orientation is followed."""
    tag = Image.Exif()
    tag[274] = {6: 8, 8: 6}.get(exif, exif)  # the inverse of each turn; the others are their own
    stored = Image.fromarray(shown)
    stored.info["exif"] = tag.tobytes()
    stored.getexif()[274] = tag[274]
    turned = ImageOps.exif_transpose(stored)
    file, tag = io.BytesIO(), Image.Exif()
    tag[274] = exif
    turned.save(file, "JPEG", quality=90, exif=tag)
    return file.getvalue()


def _near(first: Pixels, second: Pixels) -> bool:
    """Whether they are alike but for the edges, where JPEG and drawing blur."""
    if first.shape != second.shape:
        return False
    return bool(np.median(cv2.absdiff(first, np.ascontiguousarray(second))) <= 3) and bool(
        np.mean(cv2.absdiff(first, np.ascontiguousarray(second))) < 4
    )
