"""What is looked at before there is work to do loads nothing that only work needs."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("numpy", "PIL", "httpcore", "rich")
SERVING = ("starlette", "uvicorn", "prometheus_client", "asyncio")


def loaded(module: str, watched: tuple[str, ...]) -> list[str]:
    """Which of the watched modules a fresh interpreter has loaded after it imported one."""
    program = f"import sys, {module}; print(*({set(watched)!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.mark.parametrize(
    "module",
    [
        "offing.kernel.app",
        "offing.kernel.server",
        "offing.insights.service",
        "offing.insights",
        "offing.cli.entry",
    ],
)
def test_importing_it_loads_nothing_heavy(module: str) -> None:
    assert loaded(module, HEAVY) == []


def test_the_command_line_does_not_load_the_server() -> None:
    assert loaded("offing.cli.entry", SERVING) == []


def test_a_nursery_does_not_load_the_server() -> None:
    assert loaded("offing.kernel.workers.nursery", SERVING) == []


def test_what_is_loaded_would_be_seen() -> None:
    assert loaded("numpy", HEAVY) == ["numpy"]
