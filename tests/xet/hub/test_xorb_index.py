"""Only what is a xorb of its hash becomes one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.engine.chunks import BadChunk, Scheme
from offing.xet.engine.hashes import to_text
from offing.xet.hub.disk import Disk
from offing.xet.hub.refusals import Refusal
from offing.xet.hub.xorb_index import read_index, scan
from offing.xet.hub.xorbs import Xorbs
from tests.xet.hub.building import xorb

CONTENTS = [b"first chunk " * 30, b"the second" * 100, bytes(1001)]


def test_an_index_tells_where_chunks_lie(tmp_path: Path) -> None:
    name, data = xorb(CONTENTS, list(Scheme))
    (tmp_path / "x").write_bytes(data)
    index, root = scan(tmp_path / "x")
    assert to_text(root) == name
    assert index.count == 3
    assert index.stored[-1] == len(data)
    assert list(index.plain) == [0, 360, 1360, 2361]
    assert index.unpacked(1, 3) == 2001


def test_a_kept_index_reads_back_and_a_torn_one_is_none(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(xorb(CONTENTS)[1])
    index, _ = scan(tmp_path / "x")
    kept = tmp_path / "i"
    kept.write_bytes(index.encode())
    again = read_index(kept)
    assert again is not None
    assert again.digests == index.digests
    assert list(again.stored) == list(index.stored)
    for size in (0, 5, 16, len(index.encode()) - 1):
        kept.write_bytes(index.encode()[:size])
        assert read_index(kept) is None


def test_what_stands_after_the_chunks_is_dropped(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "hub")
    xorbs = Xorbs(disk)
    name, data = xorb(CONTENTS)
    with disk.temporary() as temporary:
        temporary.write_bytes(data + b"XETBLOB and an index")
        xorbs.take(name, temporary)
    assert xorbs.path(name).read_bytes() == data
    disk.close()


def test_an_index_that_is_lost_is_made_again(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "hub")
    name, data = xorb(CONTENTS)
    with disk.temporary() as temporary:
        temporary.write_bytes(data)
        Xorbs(disk).take(name, temporary)
    place = Xorbs(disk).path(name).with_suffix(".index")
    place.unlink()
    index = Xorbs(disk).index(name)
    assert index is not None
    assert index.count == 3
    assert place.is_file()
    disk.close()


@given(st.data())
def test_a_xorb_with_any_bit_flipped_is_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    name, good = xorb(CONTENTS, list(Scheme))
    place = data.draw(st.integers(0, len(good) - 1))
    bad = bytearray(good)
    bad[place] ^= 1 << data.draw(st.integers(0, 7))
    changed = tmp_path_factory.getbasetemp() / "changed-xorb"
    changed.write_bytes(bad)
    try:
        index, root = scan(changed)
    except BadChunk:
        return
    # Some bits of an LZ4 frame mean nothing: then the content is the same, and so is its length.
    assert to_text(root) != name or list(index.plain) == [0, 360, 1360, 2361]


@pytest.mark.parametrize("cut", [1, 7, 8, 20])
def test_a_xorb_that_ends_early_is_refused(tmp_path: Path, cut: int) -> None:
    name, data = xorb(CONTENTS)
    disk = Disk(tmp_path)
    with disk.temporary() as temporary:
        temporary.write_bytes(data[:-cut])
        with pytest.raises(Refusal) as refused:
            Xorbs(disk).take(name, temporary)
    assert refused.value.status == 400
    assert not Xorbs(disk).has(name)
    disk.close()


@pytest.mark.parametrize("data", [b"", b"XETBLOB", b"\0" * 8, b"\xff" * 100])
def test_what_has_no_chunk_is_no_xorb(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(BadChunk):
        scan(tmp_path / "x")
