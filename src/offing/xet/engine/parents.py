"""The parents of nodes in a Merkle tree: by the C of ``parents.c``, or by Python where that is not built.

Source: draft-denis-xet, section "Merkle Trees".
"""

from __future__ import annotations

import ctypes
import threading
from array import array
from functools import cache
from pathlib import Path
from typing import NamedTuple

from offing.xet.engine.hashes import HASH_BYTES, TEXT_LETTERS, to_text
from offing.xet.engine.nodes import Nodes

LIBRARY = Path(__file__).with_name("libparents.so")
MOST_CHILDREN = 9
"""Nodes under one parent; beyond it a parent ends wherever it stands."""
MOST_NODES = 2048
"""For the C at once."""
LINE_LETTERS = 88


class Parents(NamedTuple):
    """What parents are made from."""

    texts: bytes
    """What their hashes are taken of, one after the other: a line for each of a parent's nodes."""
    lengths: list[int]
    """Of each text."""
    sizes: list[int]
    """Bytes of content below each."""
    end: int
    """How many nodes have a parent."""


def parents(nodes: Nodes, least: int) -> Parents:
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
    address, size = ctypes.c_void_p, ctypes.c_size_t
    library.offing_xet_parents.argtypes = (
        ctypes.c_char_p, address, size, size, address, address, ctypes.c_char_p, ctypes.POINTER(size),
    )  # fmt: skip
    library.offing_xet_parents.restype = size
    return library


def by_c(library: ctypes.CDLL, nodes: Nodes, least: int) -> Parents:
    """As :func:`parents`, by the library; of 2048 nodes at most."""
    own, sizes = _own, array("Q", nodes.sizes)
    many = library.offing_xet_parents(
        nodes.digests, _address(sizes), len(sizes), least,
        _address(own.sizes), _address(own.lengths), own.texts, own.end,
    )  # fmt: skip
    lengths = own.lengths[:many].tolist()
    texts = ctypes.string_at(own.texts, sum(lengths))
    return Parents(texts, lengths, own.sizes[:many].tolist(), own.end.value)


def by_python(nodes: Nodes, least: int) -> Parents:
    """As :func:`parents`, without the library."""
    texts: list[bytes] = []
    sizes: list[int] = []
    place, count = 0, len(nodes)
    while count - place >= least and place < count:
        end = place + _children(nodes.digests[place * HASH_BYTES : (place + MOST_CHILDREN) * HASH_BYTES])
        below = nodes.part(place, end)
        text = to_text(below.digests)
        lines = [
            f"{text[number * TEXT_LETTERS :][:TEXT_LETTERS]} : {size}\n"
            for number, size in enumerate(below.sizes)
        ]
        texts.append("".join(lines).encode())
        sizes.append(sum(below.sizes))
        place = end
    return Parents(b"".join(texts), [len(text) for text in texts], sizes, place)


def _children(digests: bytes) -> int:
    """How many nodes share the first's parent: to the first, past two, whose hash is a multiple of 4."""
    count = len(digests) // HASH_BYTES
    for place in range(2, count):
        if digests[place * HASH_BYTES + 24] & 3 == 0:
            return place + 1
    return count


def _address(numbers: array[int]) -> int:
    return numbers.buffer_info()[0]


class _Own(threading.local):
    """A thread's own memory for the answers."""

    def __init__(self) -> None:
        self.sizes, self.lengths = array("Q", range(MOST_NODES)), array("I", range(MOST_NODES))
        self.texts = ctypes.create_string_buffer(MOST_NODES * LINE_LETTERS)
        self.end = ctypes.c_size_t()


_own = _Own()
