"""Answers as a table where it fits the terminal, else as a block of lines each."""

from __future__ import annotations

import shutil
import textwrap
import unicodedata
from collections.abc import Sequence
from typing import Any

import msgspec

from offing.cli.insights.batch import Answer
from offing.cli.wording import detail, printable

GAP = "  "
LEAST_NAME = 24
"""Columns that the inputs' names are shortened to, at most, to make the rest fit."""
INDENT = 4


def table(answers: Sequence[Answer], width: int | None = None) -> str:
    """Lay answers out for a reader, within ``width`` columns (of the terminal, where it is None)."""
    width = width or shutil.get_terminal_size().columns
    rows = [_fields(answer) for answer in answers]
    names = list(next((row for row in rows if row), {}))
    widths = [max(len(name), *(len(row[name]) for row in rows if row)) for name in names]
    inputs = [printable(answer.input) for answer in answers]
    room = width - sum(widths) - len(GAP) * len(widths)
    first = max(len("input"), *map(_columns, inputs))
    if room < min(first, LEAST_NAME):
        return "\n\n".join(map(_block, answers, inputs, rows, [width] * len(rows)))
    first = min(first, room)
    head = [_left("input", first), *map(str.rjust, names, widths)]
    body = [
        [_left(_shortened(name, first), first), *map(str.rjust, row.values(), widths)]
        if answer.problem is None
        else [_left(_shortened(name, first), first), _failure(answer)]
        for answer, name, row in zip(answers, inputs, rows, strict=True)
    ]
    return "\n".join(GAP.join(cells).rstrip() for cells in [head, *body])


def _fields(answer: Answer) -> dict[str, str]:
    """The report's fields as text, less what is the same for every image; none for a problem."""
    if answer.problem is not None:
        return {}
    report = msgspec.json.decode(answer.report)
    size = f"{report.pop('width')}x{report.pop('height')}"
    report.pop("algorithm", None)
    return {**{name: _text(value) for name, value in report.items()}, "size": size}


def _block(answer: Answer, name: str, fields: dict[str, str], width: int) -> str:
    if answer.problem is not None:
        remedy = answer.problem.public_remedy
        fields = {"error": _failure(answer), "remedy": remedy}
    label = max(map(len, fields))
    hang = " " * (INDENT + label + len(GAP))
    lines = [
        textwrap.fill(
            value,
            max(width, len(hang) + LEAST_NAME),
            initial_indent=" " * INDENT + key.ljust(label) + GAP,
            subsequent_indent=hang,
            break_on_hyphens=False,
        )
        for key, value in fields.items()
    ]
    return "\n".join([name, *lines])


def _failure(answer: Answer) -> str:
    if answer.problem is None:
        return ""
    return printable(f"{answer.problem.code}: {detail(answer.problem)}")


def _text(value: Any) -> str:
    """A value in a cell: of lists of objects the values, of an object the names too."""
    if isinstance(value, list):
        return ", ".join(" ".join(map(_text, each.values())) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{name} {_text(each)}" for name, each in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def _left(text: str, width: int) -> str:
    return text + " " * (width - _columns(text))


def _shortened(text: str, width: int) -> str:
    """The end of a text that is too wide: of a path the file's name says more than the folders."""
    if _columns(text) <= width:
        return text
    while _columns(text) > width - 3:
        text = text[1:]
    return "..." + text
