"""Characters become words and lines: by the spaces and line ends of the text, and by the gaps on the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from offing.ocr.documents.pdf.characters import Characters, Numbers
from offing.ocr.engine.page import Line, Point, Quad, Word
from offing.ocr.engine.script_names import script_of

WIDE_GAP = 1.5
"""In heights of a character: past it a line ends, for the next column, or the next cell, begins."""
STEP = 0.6
"""In heights: characters that stand further up or down belong to another line."""
OTHER_ANGLE = 0.05

Run = list[int]
"""Places of characters that make a word."""


def lines_of(characters: Characters) -> list[Line]:
    """The lines in the order of the text, those that are not to be seen left out."""
    return [_line(characters, words) for words in _split(characters)]


def _split(characters: Characters) -> Iterator[list[Run]]:
    """Lines as lists of words."""
    words: list[Run] = []
    previous, in_word = -1, False
    for index, text in enumerate(characters.texts):
        if text.isspace() or characters.unseen[index] or characters.unreadable[index]:
            in_word = False
            if text in "\r\n" and words:
                yield words
                words = []
            continue
        if words and _is_apart(characters, previous, index):
            yield words
            words, in_word = [], False
        if in_word:
            words[-1].append(index)
        else:
            words.append([index])
        previous, in_word = index, True
    if words:
        yield words


def _is_apart(characters: Characters, first: int, second: int) -> bool:
    """Whether two characters that follow each other stand on different lines."""
    turn = abs(characters.angles[first] - characters.angles[second])
    if min(turn, 2 * np.pi - turn) > OTHER_ANGLE:
        return True
    start, end, top, bottom = characters.places[first]
    next_start, next_end, next_top, next_bottom = characters.places[second]
    height = max(bottom - top, next_bottom - next_top)
    gap = max(next_start - end, start - next_end)  # some scripts run to the left
    step = abs(top + bottom - next_top - next_bottom) / 2
    return bool(gap > WIDE_GAP * height or step > STEP * height)


def _line(characters: Characters, words: Sequence[Run]) -> Line:
    angle = float(characters.angles[words[0][0]])
    read = tuple(Word(_text(characters, word), 1.0, _quad(characters.places[word], angle)) for word in words)
    text = " ".join(word.text for word in read)
    every = [index for word in words for index in word]
    return Line(text, 1.0, _quad(characters.places[every], angle), read, script_of(text), "pdf")


def _text(characters: Characters, word: Run) -> str:
    joined = "".join(characters.texts[index] for index in word)
    # Beyond the first plane a character may come as a pair of halves.
    return joined.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _quad(places: Numbers, angle: float) -> Quad:
    """The corners of what spans so much along and across, turned back onto the sheet."""
    start, end = float(places[:, 0].min()), float(places[:, 1].max())
    top, bottom = float(places[:, 2].min()), float(places[:, 3].max())
    cosine, sine = float(np.cos(angle)), float(np.sin(angle))

    def corner(along: float, across: float) -> Point:
        return round(along * cosine - across * sine, 1), round(along * sine + across * cosine, 1)

    return corner(start, top), corner(end, top), corner(end, bottom), corner(start, bottom)
