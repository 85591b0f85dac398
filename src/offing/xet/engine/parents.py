"""The parents of nodes in a Merkle tree: by the C of ``parents.c``, or by Python where that is not built.

Source: draft-denis-xet, section "Merkle Trees".
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple, cast

from offing.xet.engine.hashes import TEXT_LETTERS, to_text

LIBRARY = Path(__file__).with_name("libparents.so")
MOST_CHILDREN = 9
"""Nodes under one parent; beyond it a parent ends wherever it stands."""
MOST_NODES = 2048
"""For the C at once."""
LINE_LETTERS = 88

Node = tuple[bytes, int]
"""A hash, and the bytes of content below it."""


class Parent(NamedTuple):
    """What a parent is made from."""

    text: bytes
    """What its hash is taken of: a line for each of its nodes."""
    size: int
    """Bytes of content below it."""
    end: int
    """The number of the first node that is not below it."""


def parents(nodes: Sequence[Node], least: int) -> list[Parent]:
    """The parents of the first nodes while there are at least so many, 1 or more."""
    library = find()
    if library is None or len(nodes) > MOST_NODES:
        return by_python(nodes, least)
    return by_c(library, nodes, least)


@cache
def find() -> ctypes.CDLL | None:
    """The library; None where it is not built."""
    try:
        library = ctypes.CDLL(str(LIBRARY))
    except OSError:
        return None
    library.offing_xet_parents.argtypes = (
        ctypes.c_char_p, _Sizes, ctypes.c_size_t, ctypes.c_size_t, _Parents, ctypes.c_char_p,
    )  # fmt: skip
    library.offing_xet_parents.restype = ctypes.c_size_t
    return library


def by_c(library: ctypes.CDLL, nodes: Sequence[Node], least: int) -> list[Parent]:
    """As :func:`parents`, by the library; of 2048 nodes at most."""
    own, count = _own, len(nodes)
    own.sizes[:count] = [size for _, size in nodes]
    hashes = b"".join([digest for digest, _ in nodes])
    many = library.offing_xet_parents(hashes, own.sizes, count, least, own.parents, own.text)
    found, place = [], 0
    for each in own.parents[:many]:
        text = cast("bytes", own.text[place : each.end_letter])
        found.append(Parent(text, each.size, each.end_node))
        place = each.end_letter
    return found


def by_python(nodes: Sequence[Node], least: int) -> list[Parent]:
    """As :func:`parents`, without the library."""
    found, place = [], 0
    while len(nodes) - place >= least and place < len(nodes):
        end = place + _children(nodes[place : place + MOST_CHILDREN])
        below = nodes[place:end]
        text = to_text(b"".join([digest for digest, _ in below]))
        lines = [
            f"{text[number * TEXT_LETTERS :][:TEXT_LETTERS]} : {size}\n"
            for number, (_, size) in enumerate(below)
        ]
        found.append(Parent("".join(lines).encode(), sum([size for _, size in below]), end))
        place = end
    return found


def _children(nodes: Sequence[Node]) -> int:
    """How many nodes share the first's parent: to the first, past two, whose hash is a multiple of 4."""
    for place in range(2, len(nodes)):
        if nodes[place][0][24] & 3 == 0:
            return place + 1
    return len(nodes)


class _Parent(ctypes.Structure):
    _fields_ = (
        ("size", ctypes.c_uint64),
        ("end_node", ctypes.c_uint32),
        ("end_letter", ctypes.c_uint32),
    )


_Sizes = ctypes.c_uint64 * MOST_NODES
_Parents = _Parent * MOST_NODES


class _Own(threading.local):
    """A thread's own memory for the answers."""

    def __init__(self) -> None:
        self.sizes, self.parents = _Sizes(), _Parents()
        self.text = ctypes.create_string_buffer(MOST_NODES * LINE_LETTERS)


_own = _Own()
