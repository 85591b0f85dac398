"""The Merkle tree: as the draft tells it, by C and by Python alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.engine import parents
from offing.xet.engine.hashes import NODE_KEY, to_text
from offing.xet.engine.merkle import MerkleTree
from offing.xet.engine.nodes import Nodes

digests = st.binary(min_size=32, max_size=32)
Node = tuple[bytes, int]
nodes = st.lists(st.tuples(digests, st.integers(1, 131_072)), max_size=400)
needs_c = pytest.mark.skipif(parents.find() is None, reason="the C is not built")


def by_the_draft(nodes: list[Node]) -> bytes:
    """The root as the draft tells it: level by level, each over the whole of the one below."""
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


@given(nodes, st.integers(1, 50))
def test_a_tree_built_from_left_to_right_is_the_tree_of_the_whole(leaves: list[Node], together: int) -> None:
    tree = MerkleTree()
    for place in range(0, len(leaves), together):
        tree.extend(Nodes.of(leaves[place : place + together]))
    assert tree.root() == by_the_draft(leaves)
    assert tree.size == sum(size for _, size in leaves)


def test_no_chunk_adds_nothing() -> None:
    tree = MerkleTree()
    tree.extend(Nodes.of([]))
    assert tree.root() == bytes(32)
    tree.add(b"\1" * 32, 1)
    tree.extend(Nodes.of([]))
    assert tree.root() == b"\1" * 32


def test_more_chunks_at_once_than_a_batch_has_are_taken_as_well() -> None:
    leaves = [(number.to_bytes(2, "big") * 16, 1 + number) for number in range(3 * parents.MOST_NODES)]
    tree = MerkleTree()
    tree.extend(Nodes.of(leaves))
    assert tree.root() == by_the_draft(leaves)


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


@needs_c
@given(
    st.lists(st.tuples(digests, st.integers(0, 2**64 // 2048 - 1)), max_size=100),
    st.sampled_from([1, parents.MOST_CHILDREN]),
)
def test_c_finds_the_parents_that_python_finds(nodes: list[Node], least: int) -> None:
    library = parents.find()
    assert library
    assert parents.by_c(library, Nodes.of(nodes), least) == parents.by_python(Nodes.of(nodes), least)


@needs_c
def test_c_has_room_for_as_many_nodes_as_it_takes_with_the_longest_lines() -> None:
    library = parents.find()
    assert library
    nodes = Nodes.of([(b"\xff" * 32, 2**64 // 9)] * parents.MOST_NODES)
    assert len(str(2**64 // 9)) >= 19
    assert parents.by_c(library, nodes, 1) == parents.by_python(nodes, 1)


def test_a_library_that_cannot_be_loaded_leaves_it_to_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaves = Nodes.of((bytes([number]) * 32, 7) for number in range(40))
    monkeypatch.setattr(parents, "LIBRARY", tmp_path / "libparents.so")
    for content in (None, b"not a library"):
        if content:
            parents.LIBRARY.write_bytes(content)
        parents.find.cache_clear()
        assert parents.find() is None
        assert parents.parents(leaves, 1) == parents.by_python(leaves, 1)
    parents.find.cache_clear()
