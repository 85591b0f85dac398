"""Tables by geometry: words that stand in rows and columns.

Words with a wide gap between them are cells of a row. Rows below one another make a table as long as their
cells fall into the same columns: two at least, each apart from the next. Columns of running text stand side
by side too: there the layout has made a block of each, and their lines have many words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from offing.ocr.engine.page import Line, Page
from offing.ocr.writers.placed import baseline, words_of

_WORDS_APART = 0.6
"""Heights of its line between two words that belong to different cells."""

_ROWS_APART = 2.5
"""Heights of a line, from one row's middle to the next, beyond which a table ends."""

_LEAST_FILLED = 0.6
"""Share of a table's cells that have text."""

_MOST_WORDS = 6
"""Words of a column's middle cell: a column with more is running text."""

_FEWEST, _FEWEST_TOGETHER = 2, 5
"""Rows and columns: of each, and in sum."""

_MOST_LINES = 1000
"""Of a page: one with more is not searched."""


@dataclass(frozen=True)
class Table:
    """A table: rows of as many cells each, and the lines that it is made of."""

    rows: tuple[tuple[str, ...], ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class _Cell:
    text: str
    left: float
    right: float
    middle: float
    height: float
    line: Line
    block: int


_Row = list[_Cell]
_Columns = list[tuple[float, float]]


def find_tables(page: Page) -> list[Table]:
    """The tables of an upright page, from top to bottom; its skew is undone."""
    lines = [(line, index) for index, block in enumerate(page.blocks) for line in block.lines]
    if len(lines) > _MOST_LINES:
        return []
    angle = math.radians(page.skew)
    cells = [
        cell
        for line, block in lines
        if not line.vertical
        for cell in _cells(line, block, math.cos(angle), math.sin(angle))
    ]
    tables, region = [], _Region()
    for row in _rows(cells):
        if not region.takes(row):
            tables += _table(region.rows)
            region = _Region()
            region.takes(row)
    return tables + _table(region.rows)


def _cells(line: Line, block: int, cosine: float, sine: float) -> Iterator[_Cell]:
    """A line's parts between wide gaps, in coordinates in which lines do not descend."""
    height = baseline(line).height
    middle = sum(y * cosine - x * sine for x, y in line.bbox) / 4
    text, left, right = "", 0.0, 0.0
    for word in words_of(line):
        across = [x * cosine + y * sine for x, y in word.bbox]
        if text and min(across) - right > _WORDS_APART * height:
            yield _Cell(text.strip(), left, right, middle, height, line, block)
            text = ""
        left, right = (min(left, *across), max(right, *across)) if text else (min(across), max(across))
        text += word.text + " " * word.spaced
    if text:
        yield _Cell(text.strip(), left, right, middle, height, line, block)


def _rows(cells: Sequence[_Cell]) -> Iterator[_Row]:
    """Cells whose middles are less than half a line apart, from top to bottom, each from left to right."""
    row: _Row = []
    for cell in sorted(cells, key=lambda each: each.middle):
        if row and cell.middle - row[0].middle > 0.5 * min(cell.height, row[0].height):
            yield sorted(row, key=lambda each: each.left)
            row = []
        row.append(cell)
    if row:
        yield sorted(row, key=lambda each: each.left)


class _Region:
    """Rows that may be a table, and the columns that they make together."""

    def __init__(self) -> None:
        self.rows: list[_Row] = []
        self.columns: _Columns = []

    def takes(self, row: _Row) -> bool:
        """Whether the row goes on with the region; then it is part of it."""
        columns = _columns([*self.columns, *((cell.left, cell.right) for cell in row)])
        if self.rows and not self._continues(row, columns):
            return False
        self.rows.append(row)
        self.columns = columns
        return True

    def _continues(self, row: _Row, columns: _Columns) -> bool:
        height = max(cell.height for cell in (*self.rows[-1], *row))
        if row[0].middle - self.rows[-1][0].middle > _ROWS_APART * height or len(columns) < _FEWEST:
            return False
        # Rows that fitted still do, unless two of their columns have become one.
        kept = {_place(left, right, columns) for left, right in self.columns}
        checked = self.rows[-1:] if len(kept) == len(self.columns) else self.rows
        return all(_fits(each, columns) for each in (row, *checked))


def _columns(spans: Sequence[tuple[float, float]]) -> _Columns:
    """What cells, or columns and cells, leave when laid over one another."""
    columns: _Columns = []
    for left, right in sorted(spans):
        if columns and left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    return columns


def _fits(row: _Row, columns: _Columns) -> bool:
    """Whether no column has two cells of the row."""
    return len({_place(cell.left, cell.right, columns) for cell in row}) == len(row)


def _place(left: float, right: float, columns: _Columns) -> int:
    """The column that a cell, or a narrower column, is in."""
    return next(index for index, column in enumerate(columns) if column[0] <= left and right <= column[1])


def _table(rows: Sequence[_Row]) -> list[Table]:
    """The rows as a table, if they are one; rows of one cell at their ends belong to the text around."""
    wide = [index for index, row in enumerate(rows) if len(row) > 1]
    if not wide:
        return []
    rows = rows[wide[0] : wide[-1] + 1]
    columns = _columns([(cell.left, cell.right) for row in rows for cell in row])
    if not _is_table(rows, columns):
        return []
    texts = [[""] * len(columns) for _ in rows]
    for row, cells in zip(rows, texts, strict=True):
        for cell in row:
            cells[_place(cell.left, cell.right, columns)] = cell.text
    return [Table(tuple(map(tuple, texts)), tuple(cell.line for row in rows for cell in row))]


def _is_table(rows: Sequence[_Row], columns: _Columns) -> bool:
    """Two rows of three columns or three of two, mostly filled, each cell on its own, and no running text."""
    cells = [cell for row in rows for cell in row]
    if min(len(rows), len(columns)) < _FEWEST or len(rows) + len(columns) < _FEWEST_TOGETHER:
        return False
    if len(cells) < _LEAST_FILLED * len(rows) * len(columns) or not all(_fits(row, columns) for row in rows):
        return False
    wide = [row for row in rows if len(row) > 1]
    if 2 * sum(len({cell.block for cell in row}) == 1 for row in wide) < len(wide):
        return False
    words: list[list[int]] = [[] for _ in columns]
    for cell in cells:
        words[_place(cell.left, cell.right, columns)].append(len(cell.text.split()))
    return max(median(column) for column in words) <= _MOST_WORDS
