"""Chunks that say nothing to a decoder do not keep a reader busy; all others stay, and where they are."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from offing.kernel.png import LOOKED_AT, MUCH_ELSE, TEXTS, without_others
from tests.hostile import png_writer as png

OTHERS = [b"sPLT", b"tIME", b"prVt", b"abcd", b"tEXt", b"iTXt"]
KEPT = [b"IHDR", b"PLTE", b"IDAT", b"ABCD", b"Abcd", b"pHYs", b"eXIf", b"1bcd"]
kinds = st.lists(st.sampled_from(OTHERS + KEPT), max_size=30)


def file_of(kinds: list[bytes]) -> bytes:
    return png.SIGNATURE + b"".join(png.chunk(kind, kind * 3) for kind in [*kinds, b"IEND"])


@given(kinds, kinds, st.sampled_from([bytes, bytearray, memoryview]))
def test_what_is_not_looked_at_goes_where_it_is_much(
    before: list[bytes], after: list[bytes], kind: type[bytes]
) -> None:
    whole = [*before, *[b"abcd"] * (MUCH_ELSE + 2), *after]
    left = [
        each
        for number, each in enumerate(whole)
        if each not in OTHERS or (number and whole[number - 1] == b"IDAT")
    ]
    assert bytes(without_others(kind(file_of(whole)))) == file_of(left)


@given(kinds)
def test_a_file_with_few_comes_back_as_it_is(kinds: list[bytes]) -> None:
    data = file_of(kinds)
    assert without_others(data) is data


@given(st.binary(max_size=200), st.integers(0, 12))
def test_whatever_the_bytes_are_there_is_an_end(data: bytes, cut: int) -> None:
    flood = file_of([b"abcd"] * (MUCH_ELSE + 2))
    assert len(without_others(png.SIGNATURE + data)) <= len(data) + len(png.SIGNATURE)
    assert bytes(without_others(flood[: len(flood) - 12 - cut] + data)).startswith(png.SIGNATURE)


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
@pytest.mark.parametrize("text", [b"Raw profile type exif\0\0x", b"XML:com.adobe.xmp\0\0\0\0\0x"])
def test_texts_that_may_turn_the_image_stay(kind: bytes, text: bytes) -> None:
    flood = png.chunk(b"tEXt", b"Comment\0nothing") * (MUCH_ELSE + 1)
    telling = png.chunk(kind, text)
    assert without_others(png.SIGNATURE + flood + telling + flood) == png.SIGNATURE + telling


def test_all_that_pillow_looks_at_stays() -> None:
    known = {
        name.removeprefix("chunk_").encode() for name in dir(PngImagePlugin.PngStream) if "chunk_" in name
    }
    assert {kind for kind in known if kind[:1].islower()} <= LOOKED_AT | TEXTS


@pytest.mark.parametrize("place", ["before", "behind"])
def test_an_image_among_400000_is_read_at_once(place: str) -> None:
    plain = png.gray()
    flood = png.chunk(b"abcd") * 400_000
    at = plain.index(b"IDAT") - 4 if place == "before" else plain.index(b"IEND") - 4
    started = time.process_time()
    image = Image.open(io.BytesIO(without_others(plain[:at] + flood + plain[at:])))
    image.load()
    assert time.process_time() - started < 1.0  # 2.9 without
    assert image.tobytes() == Image.open(io.BytesIO(plain)).tobytes()
