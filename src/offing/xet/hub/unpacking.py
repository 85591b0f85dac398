"""The plain bytes of a file that is kept in xorbs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from offing.xet.engine.chunks import HEADER_BYTES, decompress, read_header
from offing.xet.hub.ranges import Range
from offing.xet.hub.recipes import Recipe
from offing.xet.hub.reconstruction import reconstruct
from offing.xet.hub.xorbs import Xorbs

WINDOW = 8 << 20
"""Bytes of a file that are planned at a time."""
PIECE = 1 << 20


def unpack(recipe: Recipe, wanted: Range, xorbs: Xorbs) -> Iterator[bytes]:
    """The bytes [first, after) of a file, in pieces of about a MiB; reads and decodes as it goes."""
    place, after = wanted
    while place < after:
        end = min(after, place + WINDOW)
        yield from _window(recipe, (place, end), xorbs)
        place = end


def sha256_of(recipe: Recipe, xorbs: Xorbs) -> str:
    """The sha256 of a whole file."""
    digest = hashlib.sha256()
    for piece in unpack(recipe, (0, recipe.size), xorbs):
        digest.update(piece)
    return digest.hexdigest()


def _window(recipe: Recipe, wanted: Range, xorbs: Xorbs) -> Iterator[bytes]:
    plan = reconstruct(recipe, wanted, xorbs)
    skip, left = plan.skip, wanted[1] - wanted[0]
    gathered: list[bytes | memoryview] = []
    size = 0
    for term in plan.terms:
        first, last = plan.indexes[term.xorb].stored_range(term.start, term.end)
        with xorbs.path(term.xorb).open("rb") as file:
            file.seek(first)
            stored = memoryview(file.read(last + 1 - first))
        for content in _chunks(stored):
            piece = content[skip : skip + left]
            skip, left = 0, left - len(piece)
            gathered.append(piece)
            size += len(piece)
            if size >= PIECE:
                yield b"".join(gathered)
                gathered, size = [], 0
    yield b"".join(gathered)


def _chunks(stored: memoryview) -> Iterator[bytes | memoryview]:
    place = 0
    while place < len(stored):
        header = read_header(stored, place)
        place += HEADER_BYTES + header.compressed
        yield decompress(stored[place - header.compressed : place], header)
