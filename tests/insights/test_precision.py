"""``precision=fast``: how far its numbers are from the exact ones, and that it is otherwise as careful."""

from __future__ import annotations

import contextlib
import io
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image, JpegImagePlugin

from offing.insights import Options, analyze
from offing.insights.engine.decode import DECODER_FAILURES, without_ac_scans
from offing.insights.problems import InsightsProblem, InvalidImage
from tests.hostile import jpeg_writer as jpeg
from tests.insights import oracle
from tests.insights.images import ORIENTATION, Size, saved, scene
from tests.insights.mutations import mutated, steady
from tests.insights.photographs import photograph

HALF, QUARTER, EIGHTH = (1500, 1100), (2100, 1400), (4200, 2800)
DOCUMENTED = {
    ("JPEG", HALF): (0.05, 0.3, 0.3, 0.1),
    ("JPEG", QUARTER): (0.05, 0.3, 0.5, 0.1),
    ("JPEG", EIGHTH): (0.2, 0.4, 0.8, 0.5),
    ("PNG", HALF): (0.2, 0.4, 0.3, 0.3),
    ("PNG", EIGHTH): (0.2, 0.4, 0.3, 0.3),
}
"""Most that the average, the median, any bucket of the histogram and the edges' average differ by."""
KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "baseline": ("RGB", {}),
    "progressive": ("RGB", {"progressive": True}),
    "444": ("RGB", {"subsampling": 0}),
    "gray": ("L", {}),
    "gray-progressive": ("L", {"progressive": True}),
    "cmyk": ("CMYK", {}),
    "cmyk-progressive": ("CMYK", {"progressive": True}),
}
SIXTEENTHS = (4096, 4104)
PROGRESSIVE = saved(scene("progressive", (70, 50)), "JPEG", progressive=True)
SPECTRAL_START = 5
"""Where a scan's header tells its first coefficient, past two bytes for each component (B.2.3)."""


@cache
def numbers(data: bytes, **options: Any) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(analyze(data, Options(metrics=oracle.METRICS, **options)))
    return fields


def assert_near(data: bytes, most: tuple[float, float, float, float]) -> None:
    average, median, bucket, edges = most
    for edge_mode in ("left_right", "top_bottom"):
        exact = numbers(data, edge_mode=edge_mode)
        fast = numbers(data, edge_mode=edge_mode, precision="fast")
        assert list(fast) == list(exact)
        assert (fast["width"], fast["height"]) == (exact["width"], exact["height"])
        assert fast["average_luminance"] == pytest.approx(exact["average_luminance"], abs=average)
        assert fast["median_luminance"] == pytest.approx(exact["median_luminance"], abs=median)
        assert fast["edge_average_luminance"] == pytest.approx(exact["edge_average_luminance"], abs=edges)
        for found, right in zip(fast["histogram"], exact["histogram"], strict=True):
            assert found["percent"] == pytest.approx(right["percent"], abs=bucket)


def starts_of_scans(data: bytes | bytearray) -> list[int]:
    """The first coefficient of each scan of a sound file."""
    starts, place = [], data.find(b"\xff\xda")
    while place >= 0:
        starts.append(data[place + SPECTRAL_START + 2 * data[place + 4]])
        place = data.find(b"\xff\xda", place + 2)
    return starts


def shrunk_to_an_eighth(data: bytes | bytearray) -> Image.Image:
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(data))
    image.draft(image.mode, (max(1, image.width // 8), max(1, image.height // 8)))
    image.load()
    return image


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", [HALF, QUARTER, EIGHTH], ids=["half", "quarter", "eighth"])
def test_fast_numbers_of_a_jpeg_are_as_near_as_documented(kind: str, size: Size) -> None:
    mode, options = KINDS[kind]
    image = photograph("precision", size).convert(mode)
    assert_near(saved(image, "JPEG", **options), DOCUMENTED["JPEG", size])


@pytest.mark.parametrize("size", [HALF, EIGHTH], ids=["half", "eighth"])
def test_fast_numbers_of_a_png_are_as_near_as_documented(size: Size) -> None:
    data = saved(photograph("precision", size), "PNG", compress_level=1)
    assert_near(data, DOCUMENTED["PNG", size])


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_an_image_that_needs_no_resize_has_the_exact_numbers(kind: str) -> None:
    for size in ((512, 512), (300, 41), (1, 1)):
        data = saved(photograph("small", size), kind)
        assert numbers(data, precision="fast", edge_mode="all") == numbers(data, edge_mode="all")


def test_orientation_and_alpha_mean_the_same_when_fast() -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    turned = saved(photograph("precision", HALF), "JPEG", exif=exif)
    fast = numbers(turned, precision="fast", orientation="exif")
    assert (fast["width"], fast["height"]) == HALF[::-1]
    transparent = saved(Image.new("RGBA", (900, 700)), "PNG")
    assert numbers(transparent, precision="fast", alpha="white")["brightness_score"] == 100


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("size", [(640, 400), (257, 129), (70, 50)])
def test_all_dc_scans_are_kept_and_no_other(size: Size, mode: str) -> None:
    whole = saved(scene("dc", size).convert(mode), "JPEG", progressive=True)
    fewer = without_ac_scans(whole)
    assert set(starts_of_scans(whole)) > {0}
    assert starts_of_scans(fewer) == [start for start in starts_of_scans(whole) if start == 0]
    light = [float(np.asarray(shrunk_to_an_eighth(data)).mean()) for data in (whole, fewer)]
    assert light[1] == pytest.approx(light[0], abs=1)  # the decoder evens out blocks that lack their AC part


def test_refinements_and_restarts_and_tables_between_scans_are_kept() -> None:
    dc = jpeg.scan(b"\x1f\xff\xd0\x1f\xff\xd1\x1f\xff\xd2\x1f", spectrum=(0, 0))
    refined = jpeg.scan(b"\0" * 3, spectrum=(0, 0), approximation=(1, 0))
    ac, table = jpeg.scan(bytes(9), spectrum=(1, 63)), jpeg.huffman(1)
    head = jpeg.tables() + jpeg.frame(16, 16, marker=jpeg.SOF2) + jpeg.segment(jpeg.DRI, b"\0\1")
    comment = jpeg.segment(jpeg.COM, b"\xff\xda\xff\xd9")
    assert without_ac_scans(jpeg.file(head, comment, dc, ac, table, ac, refined, ac)) == jpeg.file(
        head, comment, dc, table, refined
    )


def test_fill_bytes_before_a_marker_change_nothing() -> None:
    padded = PROGRESSIVE
    for marker in (b"\xff\xdb", b"\xff\xc4", b"\xff\xc2", b"\xff\xda", b"\xff\xd9"):
        padded = padded.replace(marker, b"\xff\xff\xff" + marker)
    assert set(starts_of_scans(without_ac_scans(padded))) == {0}
    with_fill, without = (shrunk_to_an_eighth(without_ac_scans(data)) for data in (padded, PROGRESSIVE))
    assert np.array_equal(np.asarray(with_fill), np.asarray(without))


def test_what_follows_the_end_of_the_image_is_dropped() -> None:
    assert without_ac_scans(PROGRESSIVE + b"more" * 1000) == without_ac_scans(PROGRESSIVE)


@pytest.mark.parametrize("lost", [2, 30, 400])
def test_a_file_that_ends_early_comes_back_whole_and_is_refused_as_ever(lost: int) -> None:
    assert without_ac_scans(PROGRESSIVE[:-lost]) == PROGRESSIVE[:-lost]
    large = saved(scene("cut", SIXTEENTHS), "JPEG", progressive=True, quality=10)[:-lost]
    for options in (Options(), Options(precision="fast")):
        with pytest.raises(InvalidImage):
            analyze(large, options)


@settings(steady, max_examples=400)
@given(mutated([PROGRESSIVE, saved(scene("gray", (40, 24)).convert("L"), "JPEG", progressive=True)]))
def test_dropping_scans_never_fails_in_a_way_that_decoding_does_not_catch(data: bytes) -> None:
    with contextlib.suppress(*DECODER_FAILURES):
        fewer = without_ac_scans(data)
        assert len(fewer) <= len(data)
        assert fewer[:2] == data[:2]


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow tells of broken EXIF data
@settings(steady, max_examples=60)
@given(mutated([saved(scene("large", SIXTEENTHS), "JPEG", progressive=True, quality=1, subsampling=2)]))
def test_a_changed_file_gives_a_report_or_a_problem_when_fast(data: bytes) -> None:
    with contextlib.suppress(InsightsProblem):
        report = analyze(data, Options(precision="fast"))
        assert 0 <= float(report.average_luminance) <= 255  # type: ignore[arg-type]
