"""Images of every format, mode and orientation become the pixels that another decoder sees."""

from __future__ import annotations

import io
import time
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from offing.ocr.documents.document import open_document
from offing.ocr.documents.limits import DocumentLimits
from offing.ocr.problems import BrokenDocument, CostlyDocument, NoSuchPage, TooManyPixels
from tests.hostile import jpeg_writer as jpeg
from tests.hostile import png_writer as png
from tests.insights.images import ADOBE_TRANSFORM_IN_CMYK, noise, saved, scene
from tests.ocr.documents.opening import first_page, pixels_of

ORIENTATION = 0x0112
SIZE = (67, 41)
hushed = pytest.mark.filterwarnings("ignore::UserWarning")
"""Pillow warns of what is broken; a worker does not listen to it."""


def by_opencv(data: bytes) -> NDArray[np.uint8]:
    """What OpenCV decodes: its own libraries, another author's code around them."""
    flags = cv2.IMREAD_COLOR_RGB
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    assert decoded is not None
    return np.asarray(decoded, np.uint8)


def difference(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> int:
    assert one.shape == other.shape
    return int(np.abs(one.astype(int) - other.astype(int)).max())


@pytest.mark.parametrize(
    ("kind", "mode", "options", "allowed"),
    [
        ("JPEG", "RGB", {"quality": 92}, 3),
        ("JPEG", "RGB", {"quality": 92, "progressive": True, "subsampling": 0}, 3),
        ("JPEG", "L", {}, 0),
        ("PNG", "RGB", {}, 0),
        ("PNG", "L", {}, 0),
        ("PNG", "1", {}, 0),
        ("PNG", "P", {}, 0),
        ("BMP", "RGB", {}, 0),
        ("BMP", "L", {}, 0),
        ("BMP", "P", {}, 0),
        ("WEBP", "RGB", {"lossless": True}, 0),
        ("WEBP", "RGB", {"quality": 80}, 2),
        ("GIF", "P", {}, 0),
        ("TIFF", "RGB", {}, 0),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}, 0),
        ("TIFF", "RGB", {"compression": "tiff_adobe_deflate"}, 0),
        ("TIFF", "L", {"compression": "packbits"}, 0),
        ("TIFF", "1", {"compression": "group4"}, 0),
        ("TIFF", "P", {}, 0),
    ],
)
def test_a_format_and_mode_is_decoded_as_by_another_decoder(
    kind: str, mode: str, options: dict[str, Any], allowed: int
) -> None:
    data = saved(scene(f"{kind} {mode}", SIZE).convert(mode), kind, **options)
    pixels = pixels_of(data)
    assert pixels.dtype == np.uint8
    assert difference(pixels, by_opencv(data)) <= allowed


@pytest.mark.parametrize("depth", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("interlaced", [False, True])
def test_gray_png_of_any_depth_is_spread_to_8_bits(depth: int, interlaced: bool) -> None:  # noqa: FBT001
    kind: Any = np.uint16 if depth == 16 else np.uint8
    samples = np.random.default_rng(depth).integers(0, 2**depth, (23, 31), kind)
    data = png.encode(samples, depth, png.GRAY, interlaced=interlaced)
    gray = samples >> 8 if depth == 16 else samples.astype(int) * 255 // (2**depth - 1)
    expected = np.repeat(gray[..., None], 3, axis=2).astype(np.uint8)
    assert difference(pixels_of(data), expected) == 0


def test_16_bit_colour_keeps_its_high_byte() -> None:
    samples = np.random.default_rng(1).integers(0, 2**16, (9, 8, 3), np.uint16)
    expected = (samples >> 8).astype(np.uint8)
    assert difference(pixels_of(png.encode(samples, 16, png.RGB)), expected) <= 1


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("channels", [2, 4])
def test_transparent_parts_lie_over_white(depth: int, channels: int) -> None:
    kind: Any = np.uint16 if depth == 16 else np.uint8
    samples = np.random.default_rng(channels).integers(0, 2**depth, (40, 30, channels), kind)
    samples[:10, ..., -1] = 0
    samples[10:20, ..., -1] = 2**depth - 1
    data = png.encode(samples, depth, png.GRAY_ALPHA if channels == 2 else png.RGBA)
    scaled = samples.astype(float) / (2**depth - 1)
    colour, alpha = scaled[..., :-1], scaled[..., -1:]
    expected = np.broadcast_to((colour * alpha + 1 - alpha) * 255, (40, 30, 3))
    pixels = pixels_of(data)
    assert (pixels[:10] == 255).all()
    assert np.abs(pixels - expected).max() <= 2


@pytest.mark.parametrize(
    ("colour", "depth", "transparency", "clear"),
    [
        (png.GRAY, 8, b"\0\x40", 0x40),
        (png.GRAY, 4, b"\0\x07", 0x07),
        (png.GRAY, 16, b"\x12\x34", 0x1234),
        (png.GRAY, 1, b"\0\0", 0),
    ],
)
def test_a_colour_that_is_named_transparent_becomes_white(
    colour: int, depth: int, transparency: bytes, clear: int
) -> None:
    samples = np.full((4, 6), clear, np.uint16 if depth == 16 else np.uint8)
    samples[:2] = 0 if clear else 1
    data = png.encode(samples, depth, colour, extra=png.chunk(b"tRNS", transparency))
    pixels = pixels_of(data)
    assert (pixels[2:] == 255).all()
    assert (pixels[:2] == (0 if clear else 255)).all()


def test_a_transparent_palette_entry_becomes_white() -> None:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([0, 0, 0, 200, 10, 10, 9, 9, 9])
    image.paste(2, (0, 0, 8, 3))
    pixels = pixels_of(saved(image, "PNG", transparency=1))
    assert (pixels[:3] == 9).all()
    assert (pixels[3:] == 255).all()


def test_a_cmyk_jpeg_with_and_without_adobes_inversion_is_right() -> None:
    image = Image.merge("CMYK", [Image.new("L", (32, 16), value) for value in (10, 200, 30, 0)])
    expected = np.asarray(image.convert("RGB"))
    plain = saved(image, "JPEG", quality=100)
    assert difference(pixels_of(plain), np.asarray(expected)) <= 4
    assert ADOBE_TRANSFORM_IN_CMYK[:5] in plain  # Pillow writes Adobe's kind, which is inverted
    assert difference(pixels_of(saved(image, "TIFF")), np.asarray(expected)) <= 1


@pytest.mark.parametrize("mode", ["I;16", "I", "F"])
def test_a_tiff_of_wide_numbers_is_brought_to_8_bits(mode: str) -> None:
    ramp = np.linspace(0, 65535, 300).reshape(10, 30)
    kinds: dict[str, Any] = {"I;16": np.uint16, "I": np.int32, "F": np.float32}
    pixels = pixels_of(saved(Image.fromarray(ramp.astype(kinds[mode])), "TIFF"))
    assert np.abs(pixels[..., 0].astype(float) - ramp / 65535 * 255).max() <= 1.5


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_exif_orientation_is_applied(orientation: int, kind: str) -> None:
    stored = scene("oriented", (700, 500)).convert("RGB")  # more than one strip
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    options: dict[str, Any] = {"JPEG": {"quality": 95}, "WEBP": {"lossless": True, "method": 0}}.get(kind, {})
    data = saved(stored, kind, exif=exif, **options)
    page = first_page(data)
    plain = pixels_of(saved(stored, kind, **options))
    turned = {
        1: plain,
        2: plain[:, ::-1],
        3: plain[::-1, ::-1],
        4: plain[::-1],
        5: plain.transpose(1, 0, 2),
        6: np.rot90(plain, -1),
        7: plain[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(plain),
    }[orientation]
    assert page.pixels is not None
    assert (page.height, page.width) == page.pixels.shape[:2]
    assert difference(page.pixels, np.asarray(turned)) == 0


@hushed
def test_broken_exif_means_no_orientation() -> None:
    data = saved(scene("broken exif", SIZE), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(30))
    assert pixels_of(data).shape == (41, 67, 3)


def test_of_an_animation_the_first_frame_is_taken() -> None:
    frames = [Image.new("RGB", (20, 10), colour) for colour in ((200, 0, 0), (0, 0, 200))]
    for kind in ("GIF", "WEBP", "PNG"):
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
        with open_document(data) as document:
            assert document.pages == 1
            pixels = document.page(1).pixels
        assert pixels is not None
        assert (pixels == (200, 0, 0)).all()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP"])
def test_the_resolution_is_told_where_the_file_tells_it(kind: str) -> None:
    image = scene("dpi", SIZE)
    assert first_page(saved(image, kind, dpi=(300, 300))).dpi == pytest.approx(300, abs=0.1)
    assert first_page(saved(image, "WEBP")).dpi == 0


@pytest.mark.parametrize("size", [(1, 1), (1, 9000), (9000, 1), (300_000, 2)])
def test_images_of_extreme_shape_are_whole(size: tuple[int, int]) -> None:
    image = Image.fromarray(noise("extreme", size))
    assert difference(pixels_of(saved(image, "PNG")), np.asarray(image)) == 0


def test_an_image_of_more_pixels_than_the_limit_is_413_before_it_is_decoded() -> None:
    data = png.file(png.header(60_000, 60_000), png.pixels(bytes(100)), png.end())
    with pytest.raises(TooManyPixels) as caught:
        pixels_of(data)
    assert caught.value.status == 413
    assert caught.value.members == {"max_pixels": 50_000_000, "received_pixels": 3_600_000_000}
    at_the_limit = saved(Image.new("L", (100, 100)), "PNG")
    assert pixels_of(at_the_limit, max_pixels=10_000).shape == (100, 100, 3)
    with pytest.raises(TooManyPixels):
        pixels_of(at_the_limit, max_pixels=9_999)


def test_a_jpeg_of_more_scans_than_the_limit_is_refused_before_it_is_decoded() -> None:
    head = jpeg.tables() + jpeg.frame(16, 16, marker=jpeg.SOF2) + jpeg.scan(bytes(2), spectrum=(0, 0))
    again = jpeg.scan(bytes(2), spectrum=(1, 63))
    assert pixels_of(jpeg.file(head, again * 63)).shape == (16, 16, 3)
    with pytest.raises(CostlyDocument) as caught:
        pixels_of(jpeg.file(head, again * 64))
    assert caught.value.status == 422


def test_a_million_fill_bytes_before_a_segment_are_passed_over_at_once() -> None:
    plain = jpeg.flat()
    filled = jpeg.SOI + b"\xff" * 1_000_000 + plain[2:]
    started = time.process_time()
    assert difference(pixels_of(filled), pixels_of(plain)) == 0
    assert time.process_time() - started < 0.3  # Pillow's own loop over them takes a second


def test_a_page_that_is_not_there_is_told() -> None:
    with open_document(saved(scene("one", SIZE), "PNG")) as document:
        for number in (0, -1, 2):
            with pytest.raises(NoSuchPage) as caught:
                document.page(number)
            assert caught.value.members == {"page": number, "pages": 1}


@hushed
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "WEBP", "GIF", "TIFF"])
def test_a_file_cut_off_anywhere_is_broken_or_whole(kind: str) -> None:
    whole = saved(scene("cut", (40, 30)), kind)
    refused = 0
    for end in {*range(18, min(200, len(whole)), 3), *range(200, len(whole), 61)}:
        try:
            assert pixels_of(whole[:end]).shape == (30, 40, 3)
        except BrokenDocument:
            refused += 1
    assert refused > 10
    with pytest.raises(BrokenDocument) as caught:
        pixels_of(whole[: len(whole) // 2])
    assert caught.value.status == 422


def test_an_open_image_gives_its_page_again_and_again() -> None:
    data = saved(scene("again", SIZE), "JPEG")
    with open_document(bytearray(data), DocumentLimits()) as document:
        one, other = document.page(1).pixels, document.page(1).pixels
    assert one is not None
    assert other is not None
    assert not np.shares_memory(one, other)
    assert (one == other).all()
    assert io.BytesIO(data).getvalue() == data
