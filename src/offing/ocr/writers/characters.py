"""Characters that every format can carry, and the direction in which they run."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby

# Tabs and everything that some reader takes for the end of a line (Unicode Standard, section 5.8).
_BREAKS = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]")

# The other controls, and what XML 1.0 (section 2.2) has no place for: surrogates, U+FFFE and U+FFFF.
_UNFIT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_RIGHT_TO_LEFT = frozenset({"R", "AL"})
_LEFT_TO_RIGHT = frozenset({"L", "EN", "AN"})


def clean(text: str) -> str:
    """The text as one line of characters that XML, HTML, TSV and PDF can carry.

    Tabs and line ends become spaces, other controls are left out, spaces at both ends too.
    """
    return _UNFIT.sub("", _BREAKS.sub(" ", text)).strip()


def right_to_left(text: str) -> bool:
    """Whether most of the letters run from right to left."""
    ways = [unicodedata.bidirectional(character) for character in text]
    return 2 * sum(way in _RIGHT_TO_LEFT for way in ways) > sum(way in _RIGHT_TO_LEFT | {"L"} for way in ways)


def runs(text: str) -> list[tuple[str, bool]]:
    """Parts of one direction in logical order, each with whether it runs from right to left.

    Numbers run from left to right in every script; what has no direction of its own goes with what stands
    before it. So much of the bidirectional algorithm (Unicode Standard Annex 9) as a single word needs.
    """
    ways: list[bool] = []
    way = next(filter(lambda each: each is not None, map(_way, text)), False)
    for character in text:
        own = _way(character)
        way = way if own is None else own
        ways.append(bool(way))
    parts = groupby(zip(text, ways, strict=True), key=lambda pair: pair[1])
    return [("".join(character for character, _ in pairs), to_left) for to_left, pairs in parts]


def _way(character: str) -> bool | None:
    kind = unicodedata.bidirectional(character)
    if kind in _RIGHT_TO_LEFT:
        return True
    return False if kind in _LEFT_TO_RIGHT else None
