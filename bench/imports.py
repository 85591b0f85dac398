"""What importing costs: CPU time in fresh interpreters, and which heavy modules came along.

``python bench/imports.py`` fails when a module passes its budget or loads what should load only when it
is first used. A container starts with a quarter of a CPU: 100 ms of imports are 400 ms there.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

REPEATS = 7
YARDSTICK = "import asyncio, email.message, http.server, inspect, logging.config"
YARDSTICK_MILLISECONDS = 65.0
"""What the yardstick took where the budgets were set; a slower or busier machine gets more in proportion."""
ENGINES = frozenset({"PIL", "numpy", "httpx", "multiprocessing.pool", "rich", "swagger_ui_bundle"})
SERVING = frozenset({"starlette", "uvicorn", "httpcore", "prometheus_client"})


@dataclass(frozen=True)
class Budget:
    """What importing a module may cost."""

    module: str
    milliseconds: float
    """CPU time beyond a bare interpreter's, where the yardstick takes what it says."""
    without: frozenset[str] = ENGINES
    """Modules that it must not load."""


BUDGETS = (
    Budget("offing", 5, ENGINES | SERVING),
    Budget("offing.cli", 50, ENGINES | SERVING),
    Budget("offing.cli.serve", 100, ENGINES | SERVING),
    Budget("offing.kernel.app", 170),
    Budget("offing.kernel.server", 215),
    Budget("offing.insights", 45, ENGINES | SERVING),
    Budget("offing.insights.service", 180),
)


def once(program: str) -> tuple[float, str]:
    """CPU milliseconds of a fresh interpreter that runs the program, and what it printed."""
    reading, writing = os.pipe()
    streams = [(os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_CLOSE, reading)]
    pid = os.posix_spawn(sys.executable, [sys.executable, "-c", program], os.environ, file_actions=streams)
    os.close(writing)
    with os.fdopen(reading) as output:
        printed = output.read()
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"failed: {program}")
    return (used.ru_utime + used.ru_stime) * 1000, printed


def cheapest(program: str) -> float:
    """Take the least of several runs: what disturbs a run only ever adds to it."""
    once(program)  # compiles what has not been compiled
    return min(once(program)[0] for _ in range(REPEATS))


def loaded(budget: Budget) -> list[str]:
    """Name the modules that an import brings along against its budget."""
    program = f"import sys, {budget.module}; print(*sorted(set(sys.modules) & {set(budget.without)!r}))"
    return once(program)[1].split()


def verdict(budget: Budget, cost: float, slower: float = 1.0) -> str:
    """``ok``, or what is wrong. ``slower``: how many times slower than the machine of the budgets."""
    if brought := loaded(budget):
        return f"loads {', '.join(brought)}"
    return "ok" if cost <= budget.milliseconds * max(1.0, slower) else "over its budget"


def main() -> int:
    """Print a line for each module; 1 where one is not ok."""
    bare = cheapest("pass")
    verdicts = []
    for budget in BUDGETS:
        cost = cheapest(f"import {budget.module}") - bare
        slower = (cheapest(YARDSTICK) - bare) / YARDSTICK_MILLISECONDS
        verdicts.append(verdict(budget, cost, slower))
        scaled = budget.milliseconds * max(1.0, slower)
        print(f"{budget.module:26} {cost:5.0f} ms of {scaled:3.0f}  {verdicts[-1]}")
    return int(set(verdicts) != {"ok"})


if __name__ == "__main__":
    raise SystemExit(main())
