"""Shards are read as they are written, and never past their end."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.hub.shards import BadShard, ShardFile, Term, read_shard
from tests.xet.hub.building import END, SHARD_HEAD, shard

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
TERMS = [Term(A, 0, 3, 1000), Term(B, 5, 6, 70000)]


def test_files_come_with_their_terms_and_sha256() -> None:
    files = read_shard(shard((C, TERMS, "1" * 64), (A, TERMS[:1], None)))
    assert files == [ShardFile(C, TERMS, "1" * 64), ShardFile(A, TERMS[:1], "")]


def test_a_shard_of_no_file_is_empty() -> None:
    assert read_shard(SHARD_HEAD + END) == []


@given(st.data())
def test_a_shard_that_is_cut_is_refused(data: st.DataObject) -> None:
    whole = shard((C, TERMS, "1" * 64))
    files_end = len(whole) - len(END)
    with pytest.raises(BadShard):
        read_shard(whole[: data.draw(st.integers(0, files_end - 1))])


@given(st.data())
def test_any_change_is_read_or_refused(data: st.DataObject) -> None:
    changed = bytearray(shard((C, TERMS, "1" * 64)))
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BadShard):
        read_shard(bytes(changed))


@pytest.mark.parametrize("term", [Term(A, 3, 3, 10), Term(A, 4, 3, 10), Term(A, 0, 1, 0)])
def test_a_term_without_a_chunk_is_refused(term: Term) -> None:
    with pytest.raises(BadShard):
        read_shard(shard((C, [term], None)))


def test_another_format_or_version_is_refused() -> None:
    whole = shard((C, TERMS, None))
    for changed in (b"x" + whole[1:], whole[:32] + b"\x03" + whole[33:], b"", whole[:47]):
        with pytest.raises(BadShard):
            read_shard(changed)
