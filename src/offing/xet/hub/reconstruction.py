"""Answers of the reconstruction API: which chunks of which xorbs make a range of a file.

Source: draft-denis-xet, section "Reconstruction".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from offing.xet.hub.ranges import Range
from offing.xet.hub.recipes import Recipe
from offing.xet.hub.shards import Term
from offing.xet.hub.xorb_index import XorbIndex
from offing.xet.hub.xorbs import Xorbs

Sign = Callable[[str, list[Range]], str]
"""A signed URL for ranges of a xorb's file."""


@dataclass(frozen=True)
class Reconstruction:
    """A range of a file: its terms, cut to the chunks that are needed, and those chunks by xorb."""

    skip: int
    """Bytes of the first term that stand before the range."""
    terms: list[Term]
    chunks: dict[str, list[Range]]
    """Runs of chunks of each xorb, apart from each other, in order."""
    indexes: dict[str, XorbIndex]

    def first_version(self, sign: Sign) -> dict[str, Any]:
        """The body of version 1: a URL for each run of chunks."""
        fetch = {
            xorb: [
                {
                    "range": {"start": start, "end": end},
                    "url": sign(xorb, [self._bytes(xorb, start, end)]),
                    "url_range": self._inclusive(xorb, start, end),
                }
                for start, end in runs
            ]
            for xorb, runs in self.chunks.items()
        }
        return {"offset_into_first_range": self.skip, "terms": self._terms(), "fetch_info": fetch}

    def second_version(self, sign: Sign, *, together: int) -> dict[str, Any]:
        """The body of version 2: a URL for some runs of a xorb together, at most so many."""
        xorbs = {
            xorb: [
                {
                    "url": sign(xorb, [self._bytes(xorb, *run) for run in group]),
                    "ranges": [
                        {
                            "chunks": {"start": start, "end": end},
                            "bytes": self._inclusive(xorb, start, end),
                        }
                        for start, end in group
                    ],
                }
                for group in _groups(runs, together)
            ]
            for xorb, runs in self.chunks.items()
        }
        return {"offset_into_first_range": self.skip, "terms": self._terms(), "xorbs": xorbs}

    def _terms(self) -> list[dict[str, Any]]:
        return [
            {
                "hash": term.xorb,
                "unpacked_length": term.length,
                "range": {"start": term.start, "end": term.end},
            }
            for term in self.terms
        ]

    def _bytes(self, xorb: str, start: int, end: int) -> Range:
        first, last = self.indexes[xorb].stored_range(start, end)
        return first, last + 1

    def _inclusive(self, xorb: str, start: int, end: int) -> dict[str, int]:
        first, last = self.indexes[xorb].stored_range(start, end)
        return {"start": first, "end": last}


def reconstruct(recipe: Recipe, wanted: Range, xorbs: Xorbs) -> Reconstruction:
    """The reconstruction of a range that lies within the file and is not empty, unless the file is."""
    first, after = wanted
    skip = 0
    terms: list[Term] = []
    runs: dict[str, list[Range]] = {}
    indexes: dict[str, XorbIndex] = {}
    number = recipe.term_at(first)
    while number < len(recipe.terms) and recipe.begins[number] < after:
        term, begin = recipe.terms[number], recipe.begins[number]
        index = indexes.get(term.xorb) or xorbs.index(term.xorb)
        if index is None:
            raise FileNotFoundError(term.xorb)
        indexes[term.xorb] = index
        cut = _cut(term, index, first - begin, after - begin)
        if not terms:
            skip = first - begin - index.unpacked(term.start, cut.start)
        terms.append(cut)
        runs.setdefault(term.xorb, []).append((cut.start, cut.end))
        number += 1
    return Reconstruction(skip, terms, {xorb: _joined(each) for xorb, each in runs.items()}, indexes)


def _cut(term: Term, index: XorbIndex, first: int, after: int) -> Term:
    """The chunks of a term that have bytes of [first, after), which count from the term's begin."""
    base = int(index.plain[term.start])
    start, end = term.start, term.end
    if first > 0:
        start = int(np.searchsorted(index.plain, base + first, "right")) - 1
    if after < term.length:
        end = int(np.searchsorted(index.plain, base + after, "left"))
    return Term(term.xorb, start, end, index.unpacked(start, end))


def _groups(runs: list[Range], size: int) -> list[list[Range]]:
    return [runs[place : place + size] for place in range(0, len(runs), size)]


def _joined(runs: list[Range]) -> list[Range]:
    joined: list[Range] = []
    for start, end in sorted(runs):
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined
