"""Checks: the right file passes, and any other does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.engine.hashes import chunk_hash
from offing.xet.engine.nodes import Nodes
from offing.xet.engine.verify import Check, KnownChunks, NotTheFile, WholeFile
from tests.xet.engine.xorbs import file_hash

contents = st.lists(st.binary(min_size=1, max_size=40), min_size=1, max_size=60)


def leaves(chunks: list[bytes]) -> Nodes:
    return Nodes.of((chunk_hash(each), len(each)) for each in chunks)


def tell(check: Check, told: Nodes, start: int = 0, together: int = 3) -> None:
    """Tell a check of chunks in a row, some of them together."""
    for place in range(0, len(told), together):
        several = told.part(place, min(len(told), place + together))
        check.chunks(start, several)
        start += sum(several.sizes)
    check.end()


def whole(chunks: list[bytes]) -> WholeFile:
    return WholeFile(file_hash(chunks), sum(map(len, chunks)))


@given(contents)
def test_the_file_passes(chunks: list[bytes]) -> None:
    tell(whole(chunks), leaves(chunks))


@given(contents, st.data())
def test_a_file_with_one_other_chunk_does_not_pass(chunks: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(chunks) - 1))
    changed = list(chunks)
    changed[place] = bytes([changed[place][0] ^ 1]) + changed[place][1:]
    with pytest.raises(NotTheFile):
        tell(whole(chunks), leaves(changed))


@given(contents, st.data())
def test_a_file_without_one_of_its_chunks_does_not_pass(chunks: list[bytes], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(chunks) - 1))
    with pytest.raises(NotTheFile):
        tell(whole(chunks), leaves(chunks[:place] + chunks[place + 1 :]))


def test_a_file_of_another_size_than_the_hub_said_does_not_pass() -> None:
    with pytest.raises(NotTheFile):
        tell(WholeFile(file_hash([b"ab"]), 3), leaves([b"ab"]))


def test_a_chunk_in_another_place_does_not_pass() -> None:
    check = whole([b"offing", b"beyond"])
    with pytest.raises(NotTheFile):
        check.chunks(6, leaves([b"beyond"]))


@given(contents, st.data())
def test_a_range_passes_by_the_chunks_that_were_seen_before(chunks: list[bytes], data: st.DataObject) -> None:
    check = whole(chunks)
    tell(check, leaves(chunks))
    known = KnownChunks(check.digests, check.lengths)
    first = data.draw(st.integers(0, len(chunks) - 1))
    end = data.draw(st.integers(first + 1, len(chunks)))
    start = sum(map(len, chunks[:first]))
    tell(known, leaves(chunks[first:end]), start)
    other = bytes([chunks[first][0] ^ 1]) + chunks[first][1:]
    for wrong, where in ((other, start), (chunks[first] + b"x", start), (chunks[first], start + 100_000)):
        with pytest.raises(NotTheFile):
            tell(known, leaves([wrong]), where)
