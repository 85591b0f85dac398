"""Formats beyond JPEG and PNG: refused by default, opened where they are named, the same numbers."""

from __future__ import annotations

import struct
import subprocess
import sys
from typing import Any, get_args

import msgspec
import pytest
from PIL import Image

from offing.insights import Limits, Options, analyze
from offing.insights.engine.options import Format
from offing.insights.problems import DecoderMissing, InvalidImage, TooManyPixels, UnsupportedType
from tests.insights import oracle
from tests.insights.images import ORIENTATION, Size, noise, saved
from tests.insights.photographs import photograph

EVERY = Limits(formats=get_args(Format))
HEIC = struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(64)
LOSSLESS: dict[str, tuple[str, dict[str, Any], tuple[str, ...]]] = {
    "webp": ("WEBP", {"lossless": True, "exact": True}, ("RGB", "RGBA", "L")),
    "gif": ("GIF", {}, ("L", "1")),
    "tiff": ("TIFF", {}, ("RGB", "RGBA", "L", "LA", "1", "CMYK", "I;16")),
    "tiff-lzw": ("TIFF", {"compression": "tiff_lzw"}, ("RGB", "I;16")),
    "tiff-deflate": ("TIFF", {"compression": "tiff_deflate"}, ("RGB", "CMYK")),
    "avif-gray": ("AVIF", {"quality": 100}, ("L",)),
}
CASES = [(kind, options, mode) for kind, options, modes in LOSSLESS.values() for mode in modes]
NAMES = [f"{name}-{mode}" for name, (_, _, modes) in LOSSLESS.items() for mode in modes]
SMALL, RESIZED = (61, 43), (700, 530)


def picture(mode: str, size: Size) -> Image.Image:
    image = Image.fromarray(noise("formats", size, 4)).convert("RGBA")
    return image.convert("L").convert("I;16") if mode == "I;16" else image.convert(mode)


def numbers(data: bytes, **options: Any) -> dict[str, Any]:
    report = analyze(data, Options(metrics=oracle.METRICS, **options), EVERY)
    fields: dict[str, Any] = msgspec.to_builtins(report)
    return fields


@pytest.mark.parametrize("size", [SMALL, RESIZED], ids=["small", "resized"])
@pytest.mark.parametrize(("kind", "options", "mode"), CASES, ids=NAMES)
def test_a_lossless_file_has_the_numbers_of_the_same_pixels_in_a_png(
    kind: str, options: dict[str, Any], mode: str, size: Size
) -> None:
    image = picture(mode, size)
    as_png = image.convert("RGB") if mode == "CMYK" else image
    for edge_mode, expected in oracle.read_every_edge(saved(as_png, "PNG")).items():
        assert numbers(saved(image, kind, **options), edge_mode=edge_mode) == expected


@pytest.mark.parametrize(("kind", "options", "mode"), [case for case in CASES if case[2] in {"RGBA", "LA"}])
def test_transparency_means_the_same_in_every_format(kind: str, options: dict[str, Any], mode: str) -> None:
    image = picture(mode, SMALL)
    data, as_png = saved(image, kind, **options), saved(image, "PNG")
    assert numbers(data, alpha="checker") == numbers(as_png, alpha="checker")


def test_a_transparent_colour_of_a_gif_lets_the_background_through() -> None:
    image = Image.new("P", (16, 16))
    image.putpalette([10, 20, 30, 200, 200, 200])
    data = saved(image, "GIF", transparency=0)
    assert numbers(data, alpha="white")["average_luminance"] == 255
    assert numbers(data)["average_luminance"] == 18.6


@pytest.mark.parametrize(("quality", "distance"), [(100, 0.2), (70, 1.0)])
def test_a_lossy_avif_is_near(quality: int, distance: float) -> None:
    image = photograph("avif", SMALL)
    found = numbers(saved(image, "AVIF", quality=quality, subsampling="4:4:4"))
    expected = oracle.read(saved(image, "PNG"))
    assert found["average_luminance"] == pytest.approx(expected["average_luminance"], abs=distance)
    assert (found["width"], found["height"]) == SMALL


@pytest.mark.parametrize(
    ("kind", "options"),
    [("GIF", {}), ("TIFF", {}), ("WEBP", {"lossless": True}), ("AVIF", {"quality": 100})],
    ids=["gif", "tiff", "webp", "avif"],
)
def test_of_several_frames_the_first_counts(kind: str, options: dict[str, Any]) -> None:
    frames = [Image.new("L", (24, 16), value) for value in (40, 200, 90)]
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    found = numbers(data)
    assert found["average_luminance"] == 40
    assert (found["width"], found["height"]) == (24, 16)


@pytest.mark.parametrize("kind", ["WEBP", "AVIF"])
def test_orientation_is_read_in_webp_and_avif_too(kind: str) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = saved(photograph("oriented", SMALL), kind, exif=exif)
    stored, turned = numbers(data), numbers(data, orientation="exif")
    assert (stored["width"], stored["height"]) == SMALL
    assert (turned["width"], turned["height"]) == SMALL[::-1]


def test_a_tiff_is_always_upright_for_its_decoder_turns_it() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = saved(photograph("oriented", SMALL), "TIFF", exif=exif)
    assert numbers(data) == numbers(data, orientation="exif")
    assert (numbers(data)["width"], numbers(data)["height"]) == SMALL[::-1]


@pytest.mark.parametrize("mode", ["I", "F"])
def test_samples_of_32_bits_are_refused_for_nobody_says_what_is_white(mode: str) -> None:
    for size in (SMALL, RESIZED):
        with pytest.raises(InvalidImage) as caught:
            numbers(saved(picture("L", size).convert(mode), "TIFF"))
        assert "mode is not supported" in caught.value.members["details"]


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "TIFF", "AVIF"])
def test_by_default_other_formats_are_415(kind: str) -> None:
    with pytest.raises(UnsupportedType) as caught:
        analyze(saved(picture("RGB", SMALL), kind))
    assert caught.value.status == 415
    assert caught.value.body()["detail"] == {
        "error": "Unsupported image type",
        "allowed_types": ["image/jpeg", "image/png"],
        "received_type": f"image/{kind.lower()}",
    }


@pytest.mark.parametrize("kind", ["WEBP", "GIF", "TIFF", "AVIF"])
def test_the_pixel_limit_holds_in_every_format(kind: str) -> None:
    data = saved(picture("RGB", SMALL), kind)
    with pytest.raises(TooManyPixels):
        analyze(data, limits=Limits(formats=EVERY.formats, max_pixels=SMALL[0] * SMALL[1] - 1))


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow tells of a cut directory, too
@pytest.mark.parametrize("kind", ["WEBP", "GIF", "TIFF", "AVIF"])
def test_a_file_that_ends_early_is_refused_in_every_format(kind: str) -> None:
    whole = saved(picture("L", RESIZED), kind)
    for length in (16, len(whole) // 2):
        with pytest.raises(InvalidImage):
            analyze(whole[:length], limits=EVERY)


def test_without_its_decoder_heif_is_refused_with_a_remedy() -> None:
    """In a process of its own, in which the decoder cannot be imported even where it is installed."""
    program = (
        "import sys; sys.modules['pi_heif'] = None\n"
        "from offing.insights import Limits, analyze\n"
        "from offing.insights.problems import DecoderMissing\n"
        f"try: analyze({HEIC!r}, limits=Limits(formats=('HEIF',)))\n"
        "except DecoderMissing as told: print(told.status, told.public_text, told.public_remedy, sep='|')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    status, text, remedy = done.stdout.strip().split("|")
    assert (status, text) == ("415", DecoderMissing.text)
    assert "offing[heif]" in remedy


def test_a_format_costs_the_modules_of_that_format_alone() -> None:
    program = (
        "import sys\n"
        "from offing.insights import Limits, analyze\n"
        "analyze(sys.stdin.buffer.read(), limits=Limits(formats=('WEBP',)))\n"
        "print(*sorted(name for name in sys.modules if name.startswith('PIL.') and name.endswith('Plugin')))"
    )
    data = saved(picture("RGB", SMALL), "WEBP")
    done = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, check=True)
    assert done.stdout.decode().split() == [
        "PIL.JpegImagePlugin",
        "PIL.PngImagePlugin",
        "PIL.WebPImagePlugin",
    ]
