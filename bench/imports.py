"""What importing costs: CPU time in fresh interpreters, and which heavy modules came along.

``python bench/imports.py`` fails when a module passes its budget or loads what it should load only
when first used. A container starts with a quarter of a CPU, so 100 ms of imports are 400 ms there.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

REPEATS = 7
HEAVY = frozenset({"PIL", "httpx", "numpy", "rich", "swagger_ui_bundle"})
SEPARATOR = ","
LOADED = (
    f"import sys; sys.stdout.write('{SEPARATOR}'.join(sorted(set(sys.modules) & set({sorted(HEAVY)!r}))))"
)


@dataclass(frozen=True)
class Budget:
    """What importing a module may cost."""

    module: str
    milliseconds: float
    """CPU time beyond a bare interpreter's."""
    heavy: frozenset[str] = frozenset()
    """The heavy modules that it may load."""


BUDGETS = (
    Budget("offing", 30),
    Budget("offing.cli", 150),
    Budget("offing.kernel.app", 200),
    Budget("offing.insights.service", 200),
)


def once(program: str) -> tuple[float, str]:
    """CPU milliseconds of a fresh interpreter that runs the program, and what it printed."""
    reading, writing = os.pipe()
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-c", program],
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, writing, 1), (os.POSIX_SPAWN_CLOSE, reading)],
    )
    os.close(writing)
    with os.fdopen(reading) as output:
        printed = output.read()
    _, status, used = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"failed: {program}")
    return (used.ru_utime + used.ru_stime) * 1000, printed


def best(program: str) -> float:
    """The least of several runs: what disturbs a run only ever adds to it."""
    once(program)  # compiles what has not been compiled
    return min(once(program)[0] for _ in range(REPEATS))


def main() -> int:
    """Print a line for each module; 1 where a budget is passed."""
    bare = best("pass")
    print(f"{'bare interpreter':28} {bare:6.0f} ms")
    failed = 0
    for budget in BUDGETS:
        cost = best(f"import {budget.module}") - bare
        loaded = set(filter(None, once(f"import {budget.module}; {LOADED}")[1].split(SEPARATOR)))
        too_heavy = sorted(loaded - budget.heavy)
        over = cost > budget.milliseconds
        failed += over or bool(too_heavy)
        verdict = f"loads {', '.join(too_heavy)}" if too_heavy else "over" if over else "ok"
        print(f"{budget.module:28} {cost:6.0f} ms  budget {budget.milliseconds:.0f} ms  {verdict}")
    return int(failed > 0)


if __name__ == "__main__":
    raise SystemExit(main())
