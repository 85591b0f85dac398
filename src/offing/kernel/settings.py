"""Settings: typed records read once from the environment, each field with its meaning.

A room declares a frozen :class:`msgspec.Struct` whose fields are annotated by :func:`meaning`.
This module is the only place that reads the environment.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from offing.kernel.problems import Problem
from offing.kernel.setting_values import describe, meta_of, read_value

Record = TypeVar("Record", bound=msgspec.Struct)

OURS = "OFFING_"
"""What the names of our own variables start with."""


class BadSetting(Problem):
    """A variable's value does not fit the setting."""

    code = "bad-setting"
    text = "A setting has a value that does not fit."
    remedy = "`offing settings` lists every setting with its meaning."
    exit_code = 2


def meaning(text: str, *, aliases: tuple[str, ...] = (), secret: bool = False, **limits: Any) -> msgspec.Meta:
    """Describe a setting: what it means with its unit, other names it answers to, its bounds.

    ``limits`` are those of :class:`msgspec.Meta` (``ge``, ``le``, ``pattern`` …).
    """
    return msgspec.Meta(description=text, extra={"aliases": aliases, "secret": secret}, **limits)


class Setting(msgspec.Struct, frozen=True):
    """One setting as it stands: its variable, value, where the value came from, and its meaning."""

    field: str
    variable: str
    aliases: tuple[str, ...]
    value: Any
    """Its value; the default where what was given does not fit."""
    default: Any
    source: str
    """The variable that gave the value, or "default"."""
    meaning: str
    values: str
    """What fits, as it follows "must be" in a sentence."""
    secret: bool
    fits: bool

    @property
    def shown(self) -> str:
        """The value as it may be printed."""
        return "(set)" if self.secret and self.value else spell(self.value)


def spell(value: Any) -> str:
    """A value as it would be written into a variable."""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def load(record: type[Record], prefix: str, environ: Mapping[str, str] | None = None) -> Record:
    """Read a record from variables named ``prefix`` + field, or an alias of the field.

    Raises :class:`BadSetting`, naming the variable but never its value.
    """
    values = {}
    for each in explain(record, prefix, environ):
        if not each.fits:
            raise BadSetting(f"{each.source} must be {each.values}.")
        values[each.field] = each.value
    return record(**values)


def explain(
    record: type[msgspec.Struct], prefix: str, environ: Mapping[str, str] | None = None
) -> Iterator[Setting]:
    """Every setting of a record with its value and the variable that gave it.

    Its own variable comes before its aliases; one that is empty or blank counts as not set.
    """
    variables = os.environ if environ is None else environ
    for field in msgspec.structs.fields(record):
        hint, meta = field.type, meta_of(field.type)
        extra = meta.extra or {}
        names = (prefix + field.name.upper(), *extra["aliases"])
        source = next((name for name in names if variables.get(name, "").strip()), None)
        value, fits = field.default, True
        if source is not None:
            try:
                value = read_value(variables[source], hint)
            except ValueError:
                fits = False
        yield Setting(
            field.name, names[0], names[1:], value, field.default, source or "default",
            meta.description or "", describe(hint), extra["secret"], fits,
        )  # fmt: skip


def unrecognized(known: Collection[str], environ: Mapping[str, str] | None = None) -> list[str]:
    """Variables that are named like ours and that nothing reads: spelling mistakes, most likely."""
    variables = os.environ if environ is None else environ
    return sorted(name for name in variables if name.startswith(OURS) and name not in known)


def environment() -> Mapping[str, str]:
    """The environment as it is, for starting other processes."""
    return os.environ
