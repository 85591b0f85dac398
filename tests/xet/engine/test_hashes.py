"""Hashes: their text form, and that of a chunk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.engine.hashes import chunk_hash, chunk_hashes, from_text, is_text, to_text

digests = st.binary(min_size=32, max_size=32)


@given(digests)
def test_the_text_of_a_hash_leads_back_to_it(digest: bytes) -> None:
    assert from_text(to_text(digest)) == digest
    assert is_text(to_text(digest))


def test_the_text_of_a_hash_turns_each_eight_bytes_around() -> None:
    assert to_text(bytes(range(32))) == ("07060504030201000f0e0d0c0b0a090817161514131211101f1e1d1c1b1a1918")


@pytest.mark.parametrize(
    "text", ["", "0" * 63, "0" * 65, "G" + "0" * 63, "A" * 64, "0" * 63 + "\n", "\u0660" * 64]
)
def test_what_is_no_hash_is_refused(text: str) -> None:
    assert not is_text(text)
    with pytest.raises(ValueError, match="not a hash"):
        from_text(text)


def test_a_chunk_is_known_by_its_content_alone() -> None:
    assert chunk_hash(b"offing") == chunk_hash(memoryview(bytearray(b"offing")))
    assert chunk_hash(b"offing") != chunk_hash(b"offinh")


@given(st.lists(st.binary(min_size=1, max_size=5000)))
def test_chunks_that_follow_each_other_have_the_hashes_of_each(chunks: list[bytes]) -> None:
    assert chunk_hashes(b"".join(chunks), map(len, chunks)) == b"".join(map(chunk_hash, chunks))
