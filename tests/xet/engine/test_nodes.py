"""Nodes in a row: what goes in by twos comes out by twos, whole or in part."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from offing.xet.engine.nodes import Nodes

pairs = st.lists(st.tuples(st.binary(min_size=32, max_size=32), st.integers(0, 2**40)), max_size=20)


@given(pairs, st.integers(0, 20), st.integers(0, 20))
def test_nodes_keep_their_order_in_whole_and_in_part(
    rows: list[tuple[bytes, int]], one: int, two: int
) -> None:
    nodes = Nodes.of(iter(rows))
    assert len(nodes) == len(rows)
    assert [*nodes] == rows
    assert [*nodes.part(one)] == rows[one:]
    first, end = sorted((one, two))
    assert nodes.part(first, end) == Nodes.of(rows[first:end])
