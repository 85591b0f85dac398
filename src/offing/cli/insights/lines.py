"""Answers as JSON lines: an object each, in which ``input`` comes first."""

from __future__ import annotations

import json

import msgspec

from offing.cli.insights.batch import Answer
from offing.kernel.problems import Problem


def line(answer: Answer) -> bytes:
    """``{"input": …}`` followed by the fields of the report, or by ``error``; without a line end."""
    named = _encode_name(answer.input)
    if answer.problem is not None:
        return b'{"input":%s,"error":%s}' % (named, msgspec.json.encode(error(answer.problem)))
    return b'{"input":%s,%s' % (named, answer.report[1:])


def error(problem: Problem) -> dict[str, str]:
    """The code, what happened, and what to do about it."""
    return {"code": problem.code, "detail": detail(problem), "remedy": problem.public_remedy}


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


def _spell(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _encode_name(name: str) -> bytes:
    try:
        return msgspec.json.encode(name)
    except UnicodeEncodeError:
        return json.dumps(name).encode()  # a file name that is no UTF-8: its bytes stay, as lone surrogates
