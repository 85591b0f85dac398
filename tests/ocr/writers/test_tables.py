"""Tables: which lines make one, and which only look so."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from offing.ocr.engine.page import Line
from offing.ocr.writers.tables import find_tables
from tests.ocr.writers.pages import cell, line, page, skewed

ROWS = [("Item", "Count", "Price"), ("Tea", "2", "2.50"), ("Cake with cream", "1", "3.00")]


def grid(rows: Sequence[Sequence[str]], left: float = 50, top: float = 100) -> list[Line]:
    return [
        cell(text, left + 200 * column, top + 30 * index)
        for index, row in enumerate(rows)
        for column, text in enumerate(row)
        if text
    ]


def test_cells_side_by_side_make_rows_and_columns() -> None:
    (table,) = find_tables(page(grid(ROWS)))
    assert table.rows == tuple(ROWS)


@pytest.mark.parametrize("degrees", [-8, 3, 12])
def test_a_skewed_table_is_the_same_table(degrees: float) -> None:
    tilted = msgspec.structs.replace(page(skewed(grid(ROWS), degrees)), skew=degrees)
    assert [table.rows for table in find_tables(tilted)] == [tuple(ROWS)]


def test_a_line_over_the_whole_row_is_cut_at_wide_gaps() -> None:
    rows = [line("Tea", "2.50", between=" " * 9, at=(50, 100 + 40 * index)) for index in range(3)]
    (table,) = find_tables(page(rows))
    assert table.rows == (("Tea", "2.50"),) * 3
    assert [each.text for each in table.lines] == [rows[0].text] * 6


def test_an_empty_cell_stays_empty() -> None:
    rows = [("Item", "Count", "Price"), ("Tea", "", "2.50"), ("Cake", "1", "")]
    (table,) = find_tables(page(grid(rows)))
    assert table.rows == tuple(rows)


def test_two_rows_of_two_are_not_enough() -> None:
    assert find_tables(page(grid([("a", "b"), ("c", "d")]))) == []


def test_columns_of_many_words_are_running_text_and_no_table() -> None:
    numbered = [
        line(str(index), "so it went on", "and on", "to the end", at=(50, 100 + 40 * index))
        for index in range(6)
    ]
    assert find_tables(page(numbered)) == []
    prose = "the lines of a column have many words"
    columns = [cell(prose, left, 100 + 30 * index) for left in (20, 420) for index in range(6)]
    assert find_tables(page(columns)) == []


def test_columns_that_are_blocks_of_their_own_are_no_table() -> None:
    cells = grid([("short lines", "as papers"), ("have them in", "their narrow"), ("columns", "columns")])
    assert find_tables(page(cells[::2], cells[1::2])) == []
    assert len(find_tables(page(cells[:2], cells[2:4], cells[4:]))) == 1


def test_cells_that_overlap_are_no_row() -> None:
    cells = [cell("one", 50, 100), cell("over it", 60, 102), cell("two", 250, 100)]
    assert find_tables(page([*cells, *grid(ROWS, top=130)]))[0].rows == tuple(ROWS)


def test_a_wide_line_ends_a_table() -> None:
    wide = cell("a line of text that goes on over all the columns", 50, 190)
    tables = find_tables(page([*grid(ROWS), wide, *grid(ROWS, top=220)]))
    assert [table.rows for table in tables] == [tuple(ROWS)] * 2


def test_rows_far_apart_are_two_tables() -> None:
    assert len(find_tables(page([*grid(ROWS), *grid(ROWS, top=400)]))) == 2


def test_scattered_cells_are_no_table() -> None:
    assert find_tables(page(grid([("a", "b", "", ""), ("", "", "c", "d"), ("", "e", "f", "")]))) == []


def test_an_empty_page_and_one_of_too_many_lines_have_none() -> None:
    assert find_tables(page()) == []
    assert find_tables(page(grid([("a", "b", "c")] * 400))) == []
