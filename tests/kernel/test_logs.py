"""The log holds what is ours to say, one JSON object a line, whoever speaks."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

SECRET = "Zwiebelturm"  # noqa: S105  a word that no line may hold
START = (
    "import logging, sys, threading, warnings; from offing.kernel.logs import log, set_up; set_up('debug')\n"
)


def lines_of(program: str) -> list[dict[str, str]]:
    """What a program writes to standard error, line by line."""
    done = subprocess.run(
        [sys.executable, "-c", START + program], capture_output=True, text=True, check=False
    )
    assert SECRET not in done.stderr
    return [msgspec.json.decode(line) for line in done.stderr.splitlines()]


def test_an_event_has_its_time_its_level_and_its_fields() -> None:
    (line,) = lines_of("log('it happened', count=2, nothing=None)")
    assert line.pop("time")[10] == "T"
    assert line == {"level": "info", "event": "it happened", "count": 2}


def test_an_exception_is_its_type_and_its_place() -> None:
    (line,) = lines_of(
        f"def work(): raise KeyError('{SECRET}')\n"
        "try: work()\nexcept KeyError as error: log('failed', exception=error)"
    )
    assert line["error"] == "KeyError"
    assert line["where"].endswith("__main__:work:2")


@pytest.mark.parametrize(
    "program",
    [
        f"logging.getLogger('library').warning('about %s', '{SECRET}')",
        f"logging.getLogger('library').error('{SECRET}')",
        f"warnings.warn('{SECRET}')",
    ],
)
def test_a_library_that_speaks_is_named_and_not_quoted(program: str) -> None:
    (line,) = lines_of(program)
    assert line["event"] == "library message"
    assert line["library"] in {"library", "py.warnings"}
    assert line["at"]


@pytest.mark.parametrize(
    "program",
    [
        f"class Fragile:\n def __del__(self): raise ValueError('{SECRET}')\nfragile = Fragile()\ndel fragile",
        f"def work(): raise ValueError('{SECRET}')\nt = threading.Thread(target=work); t.start(); t.join()",
    ],
    ids=["in a finalizer", "in a thread"],
)
def test_a_failure_that_nobody_handles_is_a_line_too(program: str) -> None:
    (line,) = lines_of(program)
    assert (line["level"], line["event"], line["error"]) == ("error", "unhandled failure", "ValueError")


def test_a_task_that_fails_unseen_is_a_line_too() -> None:
    (line,) = lines_of(
        "import asyncio\n"
        f"async def work(): raise ValueError('{SECRET}')\n"
        "async def main(): task = asyncio.create_task(work()); await asyncio.sleep(0); del task\n"
        "asyncio.run(main())"
    )
    assert (line["library"], line["error"]) == ("asyncio", "ValueError")
