"""How well a text was read: word-F1, character-F1 and character error rate.

Both texts are normalised first, so that what no reader can know (a typographic or a straight quote, a
full-width or a half-width letter, capitals on a receipt) costs nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Literal

Unit = Literal["word", "char"]
SAME = str.maketrans(
    {
        "\N{LEFT SINGLE QUOTATION MARK}": "'",
        "\N{RIGHT SINGLE QUOTATION MARK}": "'",
        "\N{LEFT DOUBLE QUOTATION MARK}": '"',
        "\N{RIGHT DOUBLE QUOTATION MARK}": '"',
        "\N{EN DASH}": "-",
        "\N{EM DASH}": "-",
    }
)
WORD = re.compile(r"[^\W_][\w\u0300-\u036f\u0900-\u0dff\u0e00-\u0e7f]*")
"""A letter or digit and what follows it without a gap; the ranges are combining marks and the scripts
of India and Thailand, whose vowel signs are not letters to :mod:`re`."""
GRAM = 3


def normalised(text: str) -> str:
    """The text in NFKC and lower case, with straight quotes and plain hyphens."""
    return unicodedata.normalize("NFKC", text).lower().translate(SAME)


def words(text: str) -> list[str]:
    """The normalised words, without punctuation around them."""
    return WORD.findall(normalised(text))


def characters(text: str, length: int = 1) -> list[str]:
    """Every run of ``length`` normalised characters, spaces left out; a shorter text is one run."""
    solid = "".join(normalised(text).split())
    return [solid[start : start + length] for start in range(max(1, len(solid) - length + 1))]


def f1(expected: Iterable[str], found: Iterable[str]) -> float:
    """The harmonic mean of precision and recall of two bags, 0 to 1; two empty bags are equal."""
    wanted, got = Counter(expected), Counter(found)
    size = wanted.total() + got.total()
    return 2 * (wanted & got).total() / size if size else 1.0


def word_f1(expected: Sequence[str], found: Sequence[str], unit: Unit = "word") -> float:
    """F1 over words wherever they stand; over characters in scripts that put no spaces between words."""
    split = words if unit == "word" else characters
    return f1(split(" ".join(expected)), split(" ".join(found)))


def character_f1(expected: Sequence[str], found: Sequence[str]) -> float:
    """F1 over runs of three characters: like word-F1, but a wrong letter costs three runs and not a word."""
    return f1(characters(" ".join(expected), GRAM), characters(" ".join(found), GRAM))


def character_error_rate(expected: Sequence[str], found: Sequence[str]) -> float:
    """Edits for each expected character, spaces left out: 0 is perfect, and it can exceed 1.

    The order of the lines counts, so it is for texts whose reading order is known.
    """
    wanted, got = ("".join(characters(" ".join(lines))) for lines in (expected, found))
    return edit_distance(wanted, got) / max(1, len(wanted))


def edit_distance(one: str, other: str) -> int:
    """The least number of characters put in, left out or replaced that makes one text the other.

    A column of the table is one integer, of a bit for each character, so a page takes milliseconds (Myers,
    A Fast Bit-Vector Algorithm for Approximate String Matching, 1999, in Hyyrö's form of 2003).
    """
    if not one:
        return len(other)
    places: dict[str, int] = {}
    for place, character in enumerate(one):
        places[character] = places.get(character, 0) | 1 << place
    last, full = 1 << len(one) - 1, (1 << len(one)) - 1
    distance, up, down = len(one), full, 0
    for character in other:
        equal = places.get(character, 0)
        vertical = equal | down
        horizontal = ((equal & up) + up ^ up) | equal
        more, less = down | full & ~(horizontal | up), up & horizontal
        distance += bool(more & last) - bool(less & last)
        more, less = more << 1 | 1, less << 1
        up, down = (less | full & ~(vertical | more)) & full, more & vertical & full
    return distance
