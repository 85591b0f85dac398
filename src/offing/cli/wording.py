"""How names and problems are put into words: for a terminal, and for JSON."""

from __future__ import annotations

import json

import msgspec

from offing.kernel.problems import Problem


def detail(problem: Problem) -> str:
    """What happened, with the particulars that the problem names."""
    particulars = dict(problem.members)
    text = problem.public_text
    if reason := particulars.pop("details", ""):
        text = f"{text}: {reason}"
    if particulars:
        listed = ", ".join(f"{name.replace('_', ' ')} {_spell(each)}" for name, each in particulars.items())
        text = f"{text.removesuffix('.')} ({listed})."
    return text


def printable(text: str) -> str:
    """Text without what would move the cursor or change the terminal's colours."""
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def json_name(name: str) -> bytes:
    """A file's name as a JSON string."""
    try:
        return msgspec.json.encode(name)
    except UnicodeEncodeError:
        return json.dumps(name).encode()  # a file name that is no UTF-8: its bytes stay, as lone surrogates


def _spell(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
