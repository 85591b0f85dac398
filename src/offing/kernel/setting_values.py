"""How the text of a variable becomes a setting's value, and what to call the values that fit."""

from __future__ import annotations

import math
from typing import Any, Literal, get_args, get_origin

import msgspec

BOOLEANS = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("0", "false", "no", "off"), False),
}


def meta_of(hint: Any) -> msgspec.Meta:
    """The description that a setting's annotation carries."""
    return next(each for each in hint.__metadata__ if isinstance(each, msgspec.Meta))


def read_value(text: str, hint: Any) -> Any:
    """Read a value of an annotated type; spaces around it, and around the parts of a list, are not of it.

    Lists are separated by commas; a lone comma is the empty list. Names out of a fixed set may be in
    any case. Raises ``ValueError`` without a message: the text may be a secret, and what msgspec says of
    it may quote it.
    """
    kind = hint.__origin__
    raw: Any = text.strip()
    if kind is bool:
        raw = BOOLEANS.get(raw.lower(), raw)
    elif get_origin(kind) is tuple:
        raw = tuple(_as_spelled(part.strip(), get_args(kind)[0]) for part in raw.split(",") if part.strip())
    else:
        raw = _as_spelled(raw, kind)
    try:
        value = msgspec.convert(raw, hint, strict=False)
    except msgspec.ValidationError:
        raise ValueError from None
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError  # no limit is infinite: timers and processes cannot be given such a one
    return value


def describe(hint: Any) -> str:
    """The values that fit an annotated type, as they follow "must be" in a sentence."""
    kind, meta = hint.__origin__, meta_of(hint)
    if kind is bool:
        return "true or false"
    if get_origin(kind) is tuple:
        return f"a list separated by commas{_of_what(get_args(kind)[0])}{_not_empty(meta)}"
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(map(str, get_args(kind)))
    if kind in (int, float):
        return ("a whole number" if kind is int else "a number") + _bounds(meta)
    return f"text that matches {meta.pattern}" if meta.pattern else "text"


def _as_spelled(text: str, kind: Any) -> str:
    """A name out of a fixed set as the set spells it; any other text as it is."""
    if get_origin(kind) is not Literal:
        return text
    return next((name for name in get_args(kind) if name.lower() == text.lower()), text)


def _of_what(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " of " + ", ".join(map(str, get_args(kind)))
    pattern = meta_of(kind).pattern if hasattr(kind, "__metadata__") else None
    return f" of texts that match {pattern}" if pattern else ""


def _not_empty(meta: msgspec.Meta) -> str:
    return f", at least {meta.min_length}" if meta.min_length else ""


def _bounds(meta: msgspec.Meta) -> str:
    if meta.ge is not None and meta.le is not None:
        return f" from {meta.ge} to {meta.le}"
    words = {"above": meta.gt, "of at least": meta.ge, "below": meta.lt, "of at most": meta.le}
    return "".join(f" {word} {bound}" for word, bound in words.items() if bound is not None)
