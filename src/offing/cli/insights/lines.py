"""Answers as JSON lines: an object each, in which ``input`` comes first."""

from __future__ import annotations

import msgspec

from offing.cli.insights.batch import Answer
from offing.cli.wording import detail, json_name
from offing.kernel.problems import Problem


def line(answer: Answer) -> bytes:
    """``{"input": …}`` followed by the fields of the report, or by ``error``; without a line end."""
    named = json_name(answer.input)
    if answer.problem is not None:
        return b'{"input":%s,"error":%s}' % (named, msgspec.json.encode(error(answer.problem)))
    return b'{"input":%s,%s' % (named, answer.report[1:])


def error(problem: Problem) -> dict[str, str]:
    """The code, what happened, and what to do about it."""
    return {"code": problem.code, "detail": detail(problem), "remedy": problem.public_remedy}
