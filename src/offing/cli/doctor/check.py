"""A check's outcome, and a guard by which a check that breaks is an outcome, too."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from offing.kernel.problems import Problem


class State(enum.StrEnum):
    """How a thing is; the last two keep this machine from serving."""

    OK = "ok"
    NOTE = "note"
    """Not there or not as it could be; serving works without it."""
    MISSING = "missing"
    FAILED = "failed"


@dataclass(frozen=True)
class Check:
    """What was looked at, how it is, and what to do where it is not well."""

    name: str
    state: State
    detail: str
    remedy: str = ""

    @property
    def stops_serving(self) -> bool:
        """Whether this machine cannot serve before this is mended."""
        return self.state in (State.MISSING, State.FAILED)


UNFORESEEN = "Install Offing anew; if it stays so, report it."

Checks = Callable[[], Iterable[Check]]


def guarded(name: str, checks: Checks) -> list[Check]:
    """The outcomes of some checks; where they break, that they did."""
    try:
        return list(checks())
    except Problem as problem:
        return [Check(name, State.FAILED, problem.public_text, problem.public_remedy)]
    except Exception as error:  # noqa: BLE001  whatever is wrong with this machine, the doctor tells it
        return [Check(name, State.FAILED, f"{type(error).__name__}: {error}", UNFORESEEN)]
