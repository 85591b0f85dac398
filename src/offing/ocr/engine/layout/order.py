"""The steps in their order: skew, way of writing, columns, rows, lines, blocks."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from offing.ocr.engine.layout.blocks import blocks, usual_pitch
from offing.ocr.engine.layout.columns import regions
from offing.ocr.engine.layout.fragment import Frame, Writing, fragments
from offing.ocr.engine.layout.joining import join
from offing.ocr.engine.layout.letters import lean, runs_down
from offing.ocr.engine.layout.rows import rows
from offing.ocr.engine.layout.skew import skew
from offing.ocr.engine.layout.splitting import split
from offing.ocr.engine.page import Block, Line


def arrange(lines: Sequence[Line], width: int, height: int) -> tuple[tuple[Block, ...], float]:
    """Blocks in reading order, and the skew in degrees by which their lines descend clockwise.

    ``lines`` are the detected boxes of a page of ``width`` by ``height`` pixels whose quarter turns are
    undone, in any order: the answer does not depend on it. Boxes of one row become one line, however far
    apart, so that a table's or a receipt's row stays together; columns of text never do. Columns are read
    one after the other, from the right where the page's letters run that way; columns of CJK text written
    downwards from right to left. Places stay those of the page, skewed as they are.
    """
    ordered = sorted(lines, key=_identity)
    angle = skew(ordered)
    found: list[Block] = []
    for writing, part in _by_writing(ordered):
        found += _blocks(part, Frame(angle, writing, width, height))
    return tuple(found), angle


def _identity(line: Line) -> tuple[Any, ...]:
    words = tuple((word.bbox, word.text, word.confidence) for word in line.words)
    return line.bbox, line.text, line.confidence, line.script, line.engine, line.vertical, words


def _blocks(lines: Sequence[Line], frame: Frame) -> list[Block]:
    pieces = split(fragments(lines, frame), frame)
    parts = [rows(region) for region in regions(pieces)]
    pitch = usual_pitch(parts)
    found = []
    for block in (block for part in parts for block in blocks(part, pitch)):
        joined = tuple(join(row, frame) for row in block)
        found.append(Block(joined, frame.around([line.bbox for line in joined], frame.skew)))
    return found


def _by_writing(lines: Sequence[Line]) -> list[tuple[Writing, Sequence[Line]]]:
    """The lines by the way they are written, each way's before or after the one of most characters."""
    across = Writing.RIGHT_TO_LEFT if sum(map(lean, lines)) < 0 else Writing.LEFT_TO_RIGHT
    down = [line for line in lines if runs_down(line)]
    level = [line for line in lines if not runs_down(line)]
    if not down:
        return [(across, level)]
    if _characters(down) >= _characters(level):
        # A character alone does not tell which way it is written, and goes with the rest.
        main = [line for line in lines if runs_down(line) or len(line.text) == 1]
        before, after = _around(main, [line for line in level if len(line.text) > 1])
        return [(across, before), (Writing.TOP_TO_BOTTOM, main), (across, after)]
    before, after = _around(level, down)
    return [(Writing.TOP_TO_BOTTOM, before), (across, level), (Writing.TOP_TO_BOTTOM, after)]


def _around(main: Sequence[Line], others: Sequence[Line]) -> tuple[list[Line], list[Line]]:
    """Those of the others above the main text's middle, and those below."""
    middle = median(map(_middle, main))
    return [line for line in others if _middle(line) < middle], [
        line for line in others if _middle(line) >= middle
    ]


def _middle(line: Line) -> float:
    return sum(y for _, y in line.bbox) / 4


def _characters(lines: Sequence[Line]) -> int:
    return sum(len(line.text) for line in lines)
