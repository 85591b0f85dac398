"""A reconstruction: where the bytes of a window of a file lie, as the content store (CAS) tells it.

Source: draft-denis-xet, section "Reconstruction API"; both its versions are read into the same records.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from offing.xet.engine.chunks import HEADER_BYTES, LARGEST_CHUNK, LARGEST_COMPRESSED
from offing.xet.engine.hashes import is_text

MOST_TERMS = 1_000_000
"""In one reconstruction: a file of 64 GB cut into single chunks."""
MOST_CHUNKS = 65_536
"""In one xorb, whose bytes a shard counts in 32 bits and the protocol holds to 64 MiB."""
END_OF_XORB = 1 << 32
"""Beyond any byte of a xorb."""
SMALLEST_KEPT, LARGEST_KEPT = HEADER_BYTES + 1, HEADER_BYTES + LARGEST_COMPRESSED
"""Bytes that a chunk takes in a xorb."""


class BadPlan(Exception):  # noqa: N818  what came is bad, nothing went wrong here
    """The reconstruction cannot be true. The message is for logs."""


class _Chunks(msgspec.Struct):
    start: int
    end: int


class _Bytes(msgspec.Struct):
    start: int
    end: int
    """Inclusive."""


class _Term(msgspec.Struct):
    hash: str
    range: _Chunks
    unpacked_length: int


class _Range(msgspec.Struct):
    chunks: _Chunks
    bytes: _Bytes


class _Xorb(msgspec.Struct):
    url: str
    ranges: list[_Range]


class _Fetch(msgspec.Struct):
    range: _Chunks
    url: str
    url_range: _Bytes


class _Second(msgspec.Struct):
    """Version 2."""

    offset_into_first_range: int
    terms: list[_Term]
    xorbs: dict[str, list[_Xorb]]


class _First(msgspec.Struct):
    """Version 1."""

    offset_into_first_range: int
    terms: list[_Term]
    fetch_info: dict[str, list[_Fetch]]


@dataclass(frozen=True, slots=True)
class Fetch:
    """A run of chunks of a xorb, and the one request that gets it."""

    url: str
    """Signed, and so a secret."""
    first_chunk: int
    end_chunk: int
    first_byte: int
    last_byte: int

    @property
    def length(self) -> int:
        """Bytes that the answer has."""
        return self.last_byte - self.first_byte + 1


@dataclass(frozen=True, slots=True)
class Term:
    """Consecutive chunks that are consecutive content of the file."""

    fetch: Fetch
    first_chunk: int
    end_chunk: int
    offset: int
    """Where in the file its first chunk begins, in bytes."""
    length: int
    """Bytes of content."""

    @property
    def end(self) -> int:
        """Where in the file its last chunk ends."""
        return self.offset + self.length


def read_plan(body: bytes, version: int, start: int, end: int | None) -> list[Term]:
    """The terms that cover the window [start, end) of a file; without an end, to the file's.

    Raises :class:`BadPlan` where the answer is of another form, leaves a gap, or names sizes that no
    xorb has.
    """
    plan: _First | _Second
    try:
        if version == 1:
            plan = msgspec.json.decode(body, type=_First)
        else:
            plan = msgspec.json.decode(body, type=_Second)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadPlan("A reconstruction of another form.") from error
    if len(plan.terms) > MOST_TERMS:
        raise BadPlan("Too many terms.")
    fetches = {xorb: _Fetches(_fetches(plan, xorb)) for xorb in {term.hash for term in plan.terms}}
    terms = list(_terms(plan, fetches, start))
    reached = terms[-1].end if terms else start
    if end is not None and reached < end:
        raise BadPlan("The terms end before the window does.")
    return terms


def _terms(plan: _First | _Second, fetches: dict[str, _Fetches], start: int) -> Iterator[Term]:
    skip = plan.offset_into_first_range
    if skip < 0 or (plan.terms and skip >= plan.terms[0].unpacked_length):
        raise BadPlan("The window does not begin in the first term.")
    offset = start - skip
    if offset < 0:
        raise BadPlan("The first term begins before the file does.")
    for term in plan.terms:
        _check_chunks(term.range)
        count = term.range.end - term.range.start
        if not count <= term.unpacked_length <= count * LARGEST_CHUNK:
            raise BadPlan("A term of an impossible length.")
        fetch = fetches[term.hash].covering(term.range)
        yield Term(fetch, term.range.start, term.range.end, offset, term.unpacked_length)
        offset += term.unpacked_length


def _fetches(plan: _First | _Second, xorb: str) -> Iterator[Fetch]:
    if not is_text(xorb):
        raise BadPlan("A xorb that is no hash.")
    if isinstance(plan, _First):
        for each in plan.fetch_info.get(xorb, ()):
            yield _fetch(each.url, each.range, each.url_range)
        return
    for several in plan.xorbs.get(xorb, ()):
        for part in several.ranges:
            yield _fetch(several.url, part.chunks, part.bytes)


def _fetch(url: str, chunks: _Chunks, span: _Bytes) -> Fetch:
    _check_chunks(chunks)
    count, length = chunks.end - chunks.start, span.end - span.start + 1
    if (
        span.start < 0
        or span.end >= END_OF_XORB
        or not count * SMALLEST_KEPT <= length <= count * LARGEST_KEPT
    ):
        raise BadPlan("A fetch of an impossible length.")
    return Fetch(url, chunks.start, chunks.end, span.start, span.end)


def _check_chunks(chunks: _Chunks) -> None:
    if not 0 <= chunks.start < chunks.end <= MOST_CHUNKS:
        raise BadPlan("Chunks that no xorb has.")


class _Fetches:
    """Those of one xorb. There may be as many as terms, so none is looked for one by one."""

    def __init__(self, fetches: Iterator[Fetch]) -> None:
        self._exact: dict[tuple[int, int], Fetch] = {}
        self._starts: list[int] = []
        self._farthest: list[Fetch] = []
        """Of all that begin no later than each start, the one that ends last."""
        for each in sorted(fetches, key=lambda each: each.first_chunk):
            self._exact.setdefault((each.first_chunk, each.end_chunk), each)
            last = self._farthest[-1] if self._farthest else each
            self._starts.append(each.first_chunk)
            self._farthest.append(each if each.end_chunk >= last.end_chunk else last)

    def covering(self, chunks: _Chunks) -> Fetch:
        """The fetch of just these chunks, or else one that has them."""
        exact = self._exact.get((chunks.start, chunks.end))
        if exact is not None:
            return exact
        place = bisect_right(self._starts, chunks.start) - 1
        if place >= 0 and self._farthest[place].end_chunk >= chunks.end:
            return self._farthest[place]
        raise BadPlan("A term that no fetch covers.")
