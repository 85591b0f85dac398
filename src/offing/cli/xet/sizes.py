"""Sizes in bytes as people write and read them, in powers of 1000 as disks and networks count."""

from __future__ import annotations

import re
from typing import Any

import click

_UNITS = ("", "k", "M", "G", "T", "P")
_WRITTEN = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,6})?) ?([kmgtp]?)(i?)b?", re.ASCII | re.IGNORECASE)


def spell_size(size: float) -> str:
    """A size in at most eight characters: ``4.5 GB``."""
    for unit in _UNITS:
        if size < 999.5 or unit == _UNITS[-1]:  # noqa: PLR2004  what is rounded to 1000 has the next unit
            break
        size /= 1000
    digits = 1 if unit and size < 99.95 else 0  # noqa: PLR2004  three digits are enough
    return f"{size:.{digits}f} {unit}B"


class Size(click.ParamType[int]):
    """A number of bytes with or without a unit: ``500M``, ``10GB``, ``8GiB``."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Its bytes."""
        written = _WRITTEN.fullmatch(str(value).strip())
        if written is None:
            self.fail(f"{value!r} is no size; write 500M or 10GB.", param, ctx)
        number, unit, binary = written.groups()
        return int(float(number) * (1024 if binary else 1000) ** _UNITS.index(_unit(unit)))


def _unit(letter: str) -> str:
    return "k" if letter.lower() == "k" else letter.upper()
