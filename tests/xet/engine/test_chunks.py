"""Chunks: what was packed comes out again, and what is none is refused."""

from __future__ import annotations

import random
import tracemalloc

import lz4.frame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.engine.chunks import LARGEST_CHUNK, BadChunk, decode
from offing.xet.engine.hashes import chunk_hash
from tests.xet.engine.xorbs import encode, some_xorb

contents = st.one_of(st.binary(min_size=1, max_size=5000), st.integers(1, LARGEST_CHUNK).map(bytes))


@given(st.lists(st.tuples(contents, st.integers(0, 2)), max_size=6), st.binary(max_size=7))
def test_whole_chunks_are_decoded_and_the_rest_is_left(packed: list[tuple[bytes, int]], rest: bytes) -> None:
    data = b"".join(encode(content, scheme) for content, scheme in packed)
    chunks, consumed = decode(memoryview(data + rest))
    assert [bytes(chunk.content) for chunk in chunks] == [content for content, _ in packed]
    assert [chunk.digest for chunk in chunks] == [chunk_hash(content) for content, _ in packed]
    assert consumed == len(data)


@given(st.data())
def test_a_chunk_that_is_cut_anywhere_waits_for_its_rest(data: st.DataObject) -> None:
    whole = encode(b"offing" * 50, data.draw(st.integers(0, 2)))
    part = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert decode(memoryview(part)) == ([], 0)


@given(st.integers(0, 2), st.data())
def test_a_changed_byte_never_passes_as_the_chunk(scheme: int, data: st.DataObject) -> None:
    content = random.Random(7).randbytes(200)  # noqa: S311  the same bytes in every run
    packed = bytearray(encode(content, scheme))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        chunks, consumed = decode(memoryview(packed))
    except BadChunk:
        return
    whole = consumed == len(packed)
    # What is not stored in the content (LZ4's own bookkeeping) may differ.
    assert (
        not whole
        or [bytes(each.content) for each in chunks] == [content]
        or (chunks[0].digest != chunk_hash(content))
    )


@pytest.mark.parametrize(
    "header",
    [
        b"\x01\x05\0\0\0\x05\0\0",
        b"\0\x05\0\0\x03\x05\0\0",
        b"\0\x05\0\0\xff\x05\0\0",
        b"\0\x05\0\0\0\0\0\0",
        b"\0\0\0\0\0\x05\0\0",
        b"\0\x05\0\0\0\x01\0\x02",
        b"\0\xff\xff\xff\0\x05\0\0",
        b"\0\x05\0\0\0\x04\0\0",
        b"\0\x05\0\0\0\x06\0\0",
    ],
    ids=[
        "version", "scheme", "scheme 255", "no content", "nothing packed", "over 128 KiB", "over its bound",
        "shorter than it says", "longer than it says",
    ],
)  # fmt: skip
def test_a_header_that_cannot_be_is_refused(header: bytes) -> None:
    with pytest.raises(BadChunk):
        decode(memoryview(header + b"12345"))


def test_a_frame_that_unpacks_to_more_than_the_header_says_is_refused_in_little_memory() -> None:
    bomb = lz4.frame.compress(bytes(30_000_000))
    assert len(bomb) < LARGEST_CHUNK
    data = memoryview(b"\0" + len(bomb).to_bytes(3, "little") + b"\x01" + (100).to_bytes(3, "little") + bomb)
    tracemalloc.start()
    try:
        with pytest.raises(BadChunk):
            decode(data)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("tail", [b"x", lz4.frame.compress(b"more")])
def test_bytes_behind_a_frame_are_refused(tail: bytes) -> None:
    packed = lz4.frame.compress(b"offing") + tail
    data = b"\0" + len(packed).to_bytes(3, "little") + b"\x01" + (6).to_bytes(3, "little") + packed
    with pytest.raises(BadChunk):
        decode(memoryview(data))


def test_chunks_of_a_xorb_come_in_its_order() -> None:
    xorb = some_xorb(random.Random(3), 40)  # noqa: S311  the same in every run
    chunks, consumed = decode(memoryview(xorb.data))
    assert [bytes(each.content) for each in chunks] == xorb.chunks
    assert consumed == len(xorb.data)
