"""``orientation=exif``: the image as the camera held it; ``stored``: as v1 looks at it."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from offing.insights import Options, analyze
from tests.hostile import jpeg_writer as jpeg
from tests.hostile import png_writer as png
from tests.insights import oracle
from tests.insights.images import ORIENTATION, Size, saved
from tests.insights.mutations import steady
from tests.insights.photographs import photograph

Samples = NDArray[np.uint8]
Turn = Callable[[Samples], Samples]

# EXIF 2.32, section 4.6.4: where the 0th row and the 0th column of what is stored belong.
UPRIGHT: dict[int, Turn] = {
    1: lambda stored: stored,
    2: lambda stored: stored[:, ::-1],
    3: lambda stored: stored[::-1, ::-1],
    4: lambda stored: stored[::-1, :],
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: stored.swapaxes(0, 1)[:, ::-1],
    7: lambda stored: stored.swapaxes(0, 1)[::-1, ::-1],
    8: lambda stored: stored.swapaxes(0, 1)[::-1, :],
}
SIDES_SWAP = {5, 6, 7, 8}
FITTING, RESIZED = (300, 170), (900, 610)
EXIF_TYPES_SHORT_LONG = (3, 4)
BROKEN_TAGS = {
    "empty": b"",
    "cut": b"II*\0",
    "of-no-byte-order": b"XX*\0\x08\0\0\0\1\0",
    "past-the-end": b"II*\0\xff\xff\0\0",
    "that-loop": b"II*\0\x08\0\0\0\0\0\x08\0\0\0",
    "of-garbage": bytes(range(200)),
}


@cache
def oriented(value: int, kind: str, size: Size) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = value
    return saved(photograph("oriented", size), kind, exif=exif)


def numbers(data: bytes, **options: Any) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(analyze(data, Options(metrics=oracle.METRICS, **options)))
    return fields


def with_orientation(tags: bytes) -> bytes:
    """A JPEG of six blocks in two rows, each of another gray, whose EXIF data are these."""
    whole = saved(
        Image.fromarray(np.arange(0, 252, 42, dtype=np.uint8).reshape(2, 3)).resize((48, 32), 0), "JPEG"
    )
    return jpeg.SOI + jpeg.segment(0xE1, b"Exif\0\0" + tags) + whole[2:]


def directory(order: str, value: int, kind: int = 3) -> bytes:
    """EXIF data that hold the orientation alone, as SHORT or LONG, in either byte order."""
    small = order == "little"
    entry = [(ORIENTATION, 2), (kind, 2), (1, 4)]
    number = value.to_bytes(2 if kind == 3 else 4, order).ljust(4, b"\0")  # type: ignore[arg-type]
    head = b"II*\0" if small else b"MM\0*"
    fields = b"".join(each.to_bytes(size, order) for each, size in [(8, 4), (1, 2), *entry])  # type: ignore[arg-type]
    return head + fields + number + bytes(4)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("value", UPRIGHT)
def test_the_numbers_are_those_of_the_image_turned_by_hand(value: int, kind: str) -> None:
    data = oriented(value, kind, FITTING)
    turned = Image.fromarray(np.ascontiguousarray(UPRIGHT[value](np.asarray(oracle.stored_pixels(data)))))
    for edge_mode, expected in oracle.read_every_edge(saved(turned, "PNG")).items():
        assert numbers(data, orientation="exif", edge_mode=edge_mode) == expected


@pytest.mark.parametrize("value", UPRIGHT)
def test_a_large_image_is_turned_after_its_resize(value: int) -> None:
    data = oriented(value, "JPEG", RESIZED)
    stored = oracle.stored_pixels(data)
    turned = np.ascontiguousarray(UPRIGHT[value](np.asarray(oracle.resized(stored))))
    whole = stored.transpose(Image.Transpose.TRANSPOSE) if value in SIDES_SWAP else stored
    for edge_mode in oracle.EDGE_MODES:
        expected = oracle.answer(whole, oracle.luminance(Image.fromarray(turned)), oracle.METRICS, edge_mode)
        assert numbers(data, orientation="exif", edge_mode=edge_mode) == expected


@pytest.mark.parametrize("value", UPRIGHT)
def test_a_large_image_differs_from_one_stored_upright_by_rounding_at_most(value: int) -> None:
    data = oriented(value, "PNG", RESIZED)
    upright = Image.fromarray(np.ascontiguousarray(UPRIGHT[value](np.asarray(oracle.stored_pixels(data)))))
    found = numbers(data, orientation="exif", edge_mode="left_right")
    expected = oracle.read(saved(upright, "PNG"), edge_mode="left_right")
    for name in ("average_luminance", "median_luminance", "edge_average_luminance"):
        assert found[name] == pytest.approx(expected[name], abs=0.03)
    for mine, theirs in zip(found["histogram"], expected["histogram"], strict=True):
        assert mine["percent"] == pytest.approx(theirs["percent"], abs=0.2)
    if value not in SIDES_SWAP:
        assert found == expected


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("value", UPRIGHT)
def test_width_and_height_are_those_of_the_turned_image(value: int, kind: str) -> None:
    for size in (FITTING, RESIZED):
        found = numbers(oriented(value, kind, size), orientation="exif")
        assert (found["width"], found["height"]) == (size[::-1] if value in SIDES_SWAP else size)


@pytest.mark.parametrize("value", UPRIGHT)
def test_stored_looks_past_the_orientation(value: int) -> None:
    data = oriented(value, "JPEG", FITTING)
    assert numbers(data, edge_mode="left_right") == oracle.read(data, edge_mode="left_right")


@pytest.mark.parametrize("kind", EXIF_TYPES_SHORT_LONG)
@pytest.mark.parametrize("order", ["little", "big"])
def test_both_byte_orders_are_read(order: str, kind: int) -> None:
    found = numbers(with_orientation(directory(order, 6, kind)), orientation="exif")
    assert (found["width"], found["height"]) == (32, 48)


@pytest.mark.parametrize("value", [0, 9, 255, 65535])
def test_a_value_that_exif_does_not_know_means_as_stored(value: int) -> None:
    data = with_orientation(directory("little", value))
    assert numbers(data, orientation="exif", edge_mode="all") == numbers(data, edge_mode="all")


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow tells of broken EXIF data; so it should
@pytest.mark.parametrize("tags", BROKEN_TAGS.values(), ids=BROKEN_TAGS)
def test_broken_exif_data_mean_as_stored(tags: bytes) -> None:
    for data in (with_orientation(tags), png.gray(40, 30, png.chunk(b"eXIf", tags))):
        assert numbers(data, orientation="exif", edge_mode="all") == numbers(data, edge_mode="all")


@pytest.mark.filterwarnings("ignore::UserWarning")
@steady
@given(st.data(), st.sampled_from([directory("little", 6), directory("big", 8, 4)]))
def test_any_exif_data_give_one_of_the_eight_views(data: st.DataObject, tags: bytes) -> None:
    changed = bytearray(tags)
    for _ in range(data.draw(st.integers(1, 6))):
        changed[data.draw(st.integers(0, len(tags) - 1))] = data.draw(st.integers(0, 255))
    found = numbers(with_orientation(bytes(changed)), orientation="exif", edge_mode="left_right")
    assert found in _views()


@cache
def _views() -> list[dict[str, Any]]:
    return [
        numbers(with_orientation(directory("little", value)), orientation="exif", edge_mode="left_right")
        for value in UPRIGHT
    ]


def test_a_file_without_exif_data_is_looked_at_as_stored() -> None:
    for kind in ("JPEG", "PNG"):
        data = saved(photograph("plain", FITTING), kind)
        assert b"Exif" not in data
        assert numbers(data, orientation="exif") == numbers(data)


def test_every_other_metric_sees_the_turned_image_too() -> None:
    stored = oracle.stored_pixels(data := oriented(6, "PNG", (120, 60)))
    turned = Image.fromarray(np.ascontiguousarray(UPRIGHT[6](np.asarray(stored))))
    names = ("thumbhash", "blurhash", "phash", "sharpness", "dominant_color")
    assert analyze(data, Options(metrics=names, orientation="exif")) == analyze(
        saved(turned, "PNG"), Options(metrics=names)
    )
    with Image.open(io.BytesIO(data)) as image:
        assert image.getexif()[ORIENTATION] == 6
