"""Hashes: their text form, and the tree over chunks."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.engine.hashes import (
    NODE_KEY,
    MerkleTree,
    Node,
    chunk_hash,
    from_text,
    is_text,
    to_text,
)

digests = st.binary(min_size=32, max_size=32)
nodes = st.lists(st.tuples(digests, st.integers(1, 131_072)), max_size=400)


def by_the_draft(nodes: list[Node]) -> bytes:
    """The root as the draft tells it: level by level, each over the whole of the one below."""
    from blake3 import blake3

    if not nodes:
        return bytes(32)
    while len(nodes) > 1:
        above, rest = [], list(nodes)
        while rest:
            cut = next(
                (place + 1 for place, (digest, _) in enumerate(rest[:9]) if place > 1 and not digest[24] % 4),
                min(9, len(rest)),
            )
            children, rest = rest[:cut], rest[cut:]
            lines = "".join(f"{to_text(digest)} : {size}\n" for digest, size in children)
            above.append((blake3(lines.encode(), key=NODE_KEY).digest(), sum(size for _, size in children)))
        nodes = above
    return nodes[0][0]


@given(nodes)
def test_a_tree_built_chunk_by_chunk_is_the_tree_of_the_whole(leaves: list[Node]) -> None:
    tree = MerkleTree()
    for digest, size in leaves:
        tree.add(digest, size)
    assert tree.root() == by_the_draft(leaves)
    assert tree.size == sum(size for _, size in leaves)


@given(st.lists(digests, min_size=2, max_size=60, unique=True), st.data())
def test_two_chunks_in_another_order_are_another_file(leaves: list[bytes], data: st.DataObject) -> None:
    one, other = data.draw(st.lists(st.sampled_from(range(len(leaves))), min_size=2, max_size=2, unique=True))
    swapped = list(leaves)
    swapped[one], swapped[other] = swapped[other], swapped[one]
    assert file_of(leaves) != file_of(swapped)


def file_of(leaves: list[bytes]) -> bytes:
    tree = MerkleTree()
    for digest in leaves:
        tree.add(digest, 1)
    return tree.file_hash()


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
