"""Settings: typed records read once from the environment, each field with its meaning.

A room declares a frozen :class:`msgspec.Struct` whose fields are annotated by :func:`meaning`.
This module is the only place that reads the environment.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar, get_type_hints

import msgspec

from offing.kernel.problems import Problem

Record = TypeVar("Record", bound=msgspec.Struct)

TRUE, FALSE = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


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


@dataclass(frozen=True)
class Setting:
    """One setting as it stands: its variable, value, where the value came from, and its meaning."""

    field: str
    variable: str
    aliases: tuple[str, ...]
    value: Any
    default: Any
    source: str
    meaning: str
    secret: bool

    @property
    def shown(self) -> str:
        """The value as it may be printed."""
        if self.secret and self.value:
            return "(set)"
        if isinstance(self.value, tuple):
            return ",".join(map(str, self.value))
        return str(self.value)


def load(record: type[Record], prefix: str, environ: Mapping[str, str] | None = None) -> Record:
    """Read a record from variables named ``prefix`` + field, or an alias of the field.

    Raises :class:`BadSetting`, naming the variable but never its value.
    """
    return record(**{each.field: each.value for each in explain(record, prefix, environ)})


def explain(
    record: type[msgspec.Struct], prefix: str, environ: Mapping[str, str] | None = None
) -> Iterator[Setting]:
    """Every setting of a record with its value and the variable that gave it."""
    variables = os.environ if environ is None else environ
    hints = get_type_hints(record, include_extras=True)
    for field in msgspec.structs.fields(record):
        meta = _meta(hints[field.name])
        extra = meta.extra or {}
        names = (prefix + field.name.upper(), *extra["aliases"])
        source = next((name for name in names if variables.get(name, "") != ""), None)
        value = field.default if source is None else _parse(variables[source], hints[field.name], source)
        yield Setting(
            field.name, names[0], names[1:], value, field.default, source or "default",
            meta.description or "", extra["secret"],
        )  # fmt: skip


def environment() -> Mapping[str, str]:
    """The environment as it is, for starting other processes."""
    return os.environ


def _meta(hint: Any) -> msgspec.Meta:
    return next(each for each in hint.__metadata__ if isinstance(each, msgspec.Meta))


def _parse(text: str, hint: Annotated[Any, ...], variable: str) -> Any:
    kind = hint.__origin__
    raw: Any = text.strip()
    if kind is bool:
        raw = True if raw.lower() in TRUE else False if raw.lower() in FALSE else raw
    elif getattr(kind, "__origin__", None) is tuple:
        raw = tuple(part.strip() for part in raw.split(",") if part.strip())
    try:
        return msgspec.convert(raw, hint, strict=False)
    except msgspec.ValidationError as error:
        raise BadSetting(f"{variable}: {_reason(error)}") from None


def _reason(error: msgspec.ValidationError) -> str:
    return str(error).removesuffix(".")
