"""Chunks: what was packed comes out again, by C and by Python alike, and what is none is refused."""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import lz4.frame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.engine import unpack
from offing.xet.engine.batch import Batch
from offing.xet.engine.chunks import LARGEST_CHUNK, BadChunk
from offing.xet.engine.hashes import chunk_hash
from tests.xet.engine.xorbs import encode, group, packed_as, some_xorb

Way = Callable[[memoryview, int], unpack.Unpacked]

contents = st.one_of(st.binary(min_size=1, max_size=5000), st.integers(1, LARGEST_CHUNK).map(bytes))
packings = st.lists(st.tuples(contents, st.integers(0, 2)), max_size=6)
each_way = pytest.mark.parametrize("way", [unpack.unpack, unpack.by_python])
needs_c = pytest.mark.skipif(unpack.find() is None, reason="the unpacking in C is not built")
MOST = 1 << 30
BLOCK_SIZES = (
    lz4.frame.BLOCKSIZE_MAX64KB, lz4.frame.BLOCKSIZE_MAX256KB,
    lz4.frame.BLOCKSIZE_MAX1MB, lz4.frame.BLOCKSIZE_MAX4MB,
)  # fmt: skip
FLAGS = ("block_linked", "block_checksum", "content_checksum")
COMPILER = shutil.which("cc")
SANITIZED = (
    "-O1", "-g", "-fPIC", "-shared", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
)  # fmt: skip


@each_way
@given(packings, st.binary(max_size=7))
def test_whole_chunks_are_unpacked_and_the_rest_is_left(
    way: Way, packed: list[tuple[bytes, int]], rest: bytes
) -> None:
    data = b"".join(encode(content, scheme) for content, scheme in packed)
    content, lengths, consumed = way(memoryview(data + rest), MOST)
    assert content == b"".join(content for content, _ in packed)
    assert lengths == [len(content) for content, _ in packed]
    assert consumed == len(data)


@given(packings)
def test_a_batch_knows_the_hash_of_each_of_its_chunks(packed: list[tuple[bytes, int]]) -> None:
    data = b"".join(encode(content, scheme) for content, scheme in packed)
    batch, consumed = Batch.decoded(memoryview(data), most=MOST)
    assert [*batch.leaves] == [(chunk_hash(content), len(content)) for content, _ in packed]
    assert (len(batch.content), consumed) == (sum(len(content) for content, _ in packed), len(data))


@each_way
@given(packings.filter(bool), st.integers(0, 300_000))
def test_no_more_content_is_unpacked_than_asked_for_but_one_chunk_at_least(
    way: Way, packed: list[tuple[bytes, int]], most: int
) -> None:
    data = b"".join(encode(content, scheme) for content, scheme in packed)
    content, lengths, consumed = way(memoryview(data), most)
    count = len(lengths)
    assert count >= 1
    assert count == 1 or len(content) <= most
    assert count == len(packed) or len(content) + len(packed[count][0]) > most
    assert consumed == sum(len(encode(*each)) for each in packed[:count])


@each_way
def test_more_chunks_than_are_unpacked_at_once_come_in_turn(way: Way) -> None:
    data = memoryview(encode(b"x", 0) * (unpack.MOST_CHUNKS + 3))
    content, lengths, consumed = way(data, MOST)
    assert (len(content), lengths) == (unpack.MOST_CHUNKS, [1] * unpack.MOST_CHUNKS)
    assert way(data[consumed:], MOST) == (b"xxx", [1, 1, 1], 27)


@each_way
@given(st.data())
def test_a_chunk_that_is_cut_anywhere_waits_for_its_rest(way: Way, data: st.DataObject) -> None:
    whole = encode(b"offing" * 50, data.draw(st.integers(0, 2)))
    part = whole[: data.draw(st.integers(0, len(whole) - 1))]
    assert way(memoryview(part), MOST) == (b"", [], 0)


@given(st.integers(0, 2), st.data())
def test_a_changed_byte_never_passes_as_the_chunk_and_both_ways_say_the_same(
    scheme: int, data: st.DataObject
) -> None:
    content = random.Random(7).randbytes(200)  # noqa: S311  the same bytes in every run
    packed = bytearray(encode(content, scheme))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    results: list[unpack.Unpacked | str] = []
    for way in (unpack.unpack, unpack.by_python):
        try:
            results.append(way(memoryview(packed), MOST))
        except BadChunk as error:
            results.append(str(error))
    assert results[0] == results[1]
    if isinstance(results[0], str):
        return
    found, _, consumed = results[0]
    # What is not stored in the content (LZ4's own bookkeeping) may differ.
    assert consumed < len(packed) or found == content or chunk_hash(found) != chunk_hash(content)


@each_way
@given(
    pieces=st.lists(st.tuples(st.integers(1, LARGEST_CHUNK), st.integers(1, 2)), min_size=1, max_size=4),
    block_size=st.sampled_from(BLOCK_SIZES),
    flags=st.fixed_dictionaries(dict.fromkeys(FLAGS, st.booleans())),
)
def test_frames_of_every_kind_are_unpacked(
    way: Way, pieces: list[tuple[int, int]], block_size: int, flags: dict[str, bool]
) -> None:
    # LZ4 takes other ways through its own memory for each, and near the end of ours.
    data, whole = b"", b""
    for length, scheme in pieces:
        content = (b"of the offing " * (length // 14 + 1))[: length // 2].ljust(length, b"\x07")
        stored = group(content) if scheme == 2 else content
        packed = lz4.frame.compress(stored, block_size=block_size, **flags)
        data, whole = data + packed_as(scheme, packed, length), whole + content
    assert way(memoryview(data), MOST)[0] == whole


@needs_c
@pytest.mark.parametrize("scheme", [1, 2])
@pytest.mark.parametrize("more", [1, 1_000, 200_000])
def test_a_frame_with_more_than_its_header_says_is_refused_though_there_is_room(
    scheme: int, more: int
) -> None:
    library = unpack.find()
    assert library is not None
    lying = packed_as(scheme, lz4.frame.compress(bytes(5_000 + more)), 5_000)
    data = memoryview(lying + encode(bytes(LARGEST_CHUNK), 0) * 2)
    assert unpack.by_c(library, data, MOST) is None
    with pytest.raises(BadChunk):
        unpack.unpack(data, MOST)


@each_way
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
def test_a_header_that_cannot_be_is_refused(way: Way, header: bytes) -> None:
    with pytest.raises(BadChunk):
        way(memoryview(header + b"12345"), MOST)


@each_way
@pytest.mark.parametrize("scheme", [1, 2])
def test_a_frame_that_unpacks_to_more_than_the_header_says_is_refused_in_little_memory(
    way: Way, scheme: int
) -> None:
    bomb = lz4.frame.compress(bytes(30_000_000))
    assert len(bomb) < LARGEST_CHUNK
    tracemalloc.start()
    try:
        with pytest.raises(BadChunk):
            way(memoryview(packed_as(scheme, bomb, 100)), MOST)
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()


@each_way
@pytest.mark.parametrize("scheme", [1, 2])
@pytest.mark.parametrize("tail", [b"x", lz4.frame.compress(b"more")])
def test_bytes_behind_a_frame_are_refused(way: Way, scheme: int, tail: bytes) -> None:
    with pytest.raises(BadChunk):
        way(memoryview(packed_as(scheme, lz4.frame.compress(b"offing") + tail, 6)), MOST)


@each_way
@pytest.mark.parametrize("scheme", [1, 2])
def test_a_bad_frame_leaves_nothing_for_the_chunk_after_it(way: Way, scheme: int) -> None:
    frame = lz4.frame.compress(random.Random(1).randbytes(9000))  # noqa: S311  the same in every run
    with pytest.raises(BadChunk):
        way(memoryview(packed_as(scheme, frame[:-700], 9000)), MOST)
    assert way(memoryview(encode(b"offing", scheme)), MOST)[0] == b"offing"


@needs_c
@given(
    content=st.one_of(contents, st.integers(1, LARGEST_CHUNK).map(lambda size: os.urandom(8) * (size // 8))),
    grouped=st.booleans(),
    block_size=st.sampled_from([0, 4, 5, 6, 7]),
    linked=st.booleans(),
    checksums=st.tuples(st.booleans(), st.booleans()),
    store_size=st.booleans(),
)
def test_every_form_of_frame_is_taken_by_c(
    content: bytes,
    block_size: int,
    checksums: tuple[bool, bool],
    *,
    grouped: bool,
    linked: bool,
    store_size: bool,
) -> None:
    content = content or b"x"
    frame = lz4.frame.compress(
        group(content) if grouped else content, block_size=block_size, block_linked=linked,
        content_checksum=checksums[0], block_checksum=checksums[1], store_size=store_size,
    )  # fmt: skip
    data = packed_as(2 if grouped else 1, frame, len(content))
    library = unpack.find()
    assert library
    assert unpack.by_c(library, memoryview(data), MOST) == (content, [len(content)], len(data))


def test_chunks_of_a_xorb_come_in_its_order() -> None:
    xorb = some_xorb(random.Random(3), 40)  # noqa: S311  the same in every run
    content, lengths, consumed = unpack.unpack(memoryview(xorb.data), MOST)
    assert content == b"".join(xorb.chunks)
    assert lengths == [len(each) for each in xorb.chunks]
    assert consumed == len(xorb.data)


@needs_c
@pytest.mark.skipif(COMPILER is None, reason="there is no C compiler")
def test_hostile_bytes_make_c_read_and_write_nothing_beyond_what_is_its(tmp_path: Path) -> None:
    library, source = tmp_path / "libunpack.so", unpack.LIBRARY.with_name("unpack.c")
    runtime = told(str(COMPILER), "-print-file-name=libasan.so").strip()
    if not Path(runtime).is_absolute():
        pytest.skip("this compiler has no sanitizer to load first")
    told(str(COMPILER), *SANITIZED, "-o", str(library), str(source))
    refused = told(
        sys.executable, "-m", "tests.xet.engine.unpack_hostile", str(library),
        LD_PRELOAD=runtime, ASAN_OPTIONS="detect_leaks=0", PYTHONMALLOC="malloc",
    )  # fmt: skip
    assert int(refused) > 500, "the bytes are not hostile enough"


def told(*command: str, **environment: str) -> str:
    """What a program prints."""
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_an_lz4_without_functions_for_c_leaves_it_to_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offing.xet.engine.unpack._lz4", lambda: ctypes.CDLL(None))
    unpack.find.cache_clear()
    assert unpack.find() is None
    assert unpack.unpack(memoryview(encode(b"offing", 2)), MOST)[0] == b"offing"
    unpack.find.cache_clear()


def test_a_library_that_cannot_be_loaded_leaves_it_to_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpack, "LIBRARY", tmp_path / "libunpack.so")
    for content in (None, b"not a library"):
        if content:
            unpack.LIBRARY.write_bytes(content)
        unpack.find.cache_clear()
        assert unpack.find() is None
        assert unpack.unpack(memoryview(encode(b"offing", 2)), MOST)[0] == b"offing"
    unpack.find.cache_clear()
