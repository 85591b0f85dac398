"""The command line as a whole: light to start, readable, and quiet about how it is made."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import offing
from offing.cli import entry
from offing.cli.entry import COMMANDS, program
from tests.cli.program import environment, run

HEAVY = (
    "numpy",
    "PIL",
    "cv2",
    "openvino",
    "rich",
    "starlette",
    "uvicorn",
    "msgspec",
    "asyncio",
    "offing.insights",
    "offing.ocr",
    "offing.gateway",
)
LIST_MODULES = """
import sys
from offing.cli import main
sys.argv = ["offing", *{arguments}]
try:
    main()
finally:
    print(*sys.modules, file=sys.stderr)
"""


def modules_of(*arguments: str, **variables: str) -> set[str]:
    """The modules that a run of the command line has imported at its end."""
    ran = subprocess.run(
        [sys.executable, "-c", LIST_MODULES.format(arguments=arguments)],
        capture_output=True, text=True, check=True, env=environment(**variables),
    )  # fmt: skip
    return set(ran.stderr.split())


@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("key", "--help"), ("completion", "bash")]
)
def test_what_needs_no_service_imports_none(arguments: tuple[str, ...]) -> None:
    assert modules_of(*arguments).isdisjoint(HEAVY)


@pytest.mark.parametrize("name", ["insights", "ocr"])
def test_the_help_of_a_service_imports_nothing_that_works(name: str) -> None:
    assert modules_of(name, "--help").isdisjoint({"numpy", "PIL", "cv2", "openvino", "starlette", "asyncio"})


def test_completing_a_command_imports_nothing_that_a_service_or_the_server_needs() -> None:
    variables = {"_OFFING_COMPLETE": "bash_complete", "COMP_WORDS": "offing ", "COMP_CWORD": "1"}
    assert modules_of(**variables).isdisjoint({"numpy", "PIL", "rich", "starlette", "uvicorn", "asyncio"})


def test_the_version_is_that_of_the_package() -> None:
    ran = run("--version")
    assert (ran.returncode, ran.stdout.decode()) == (0, f"offing, version {offing.__version__}\n")


def test_help_lists_every_module_that_is_a_command() -> None:
    folder = Path(entry.__file__).parent
    named = {file.stem for file in folder.glob("*.py")} | {
        file.parent.name for file in folder.glob("*/__init__.py")
    }
    assert set(COMMANDS) == {
        name for name in named - {"__init__"} if hasattr(import_module(f"offing.cli.{name}"), "command")
    }


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_of_commands_says_of_each_what_its_own_help_begins_with(name: str) -> None:
    command: click.Command = import_module(f"offing.cli.{name}").command
    first = (command.help or "").split("\n\n")[0]
    assert COMMANDS[name] == " ".join(first.split()) or name == "serve"


@pytest.mark.parametrize("columns", [80, 100])
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_fits_the_terminal_and_exits_with_0(name: str, columns: int) -> None:
    result = CliRunner().invoke(
        program, [*name.split(), "--help"], prog_name="offing", terminal_width=columns
    )
    assert result.exit_code == 0
    assert result.output.startswith(f"Usage: offing {name}".rstrip())
    assert max(map(len, result.output.splitlines())) <= columns


def test_an_unknown_command_is_refused_with_the_likely_one() -> None:
    ran = run("insight")
    assert ran.returncode == 2
    assert b"insights" in ran.stderr


def test_a_problem_is_a_line_with_its_remedy_and_its_exit_code() -> None:
    ran = run("serve", "nothing-like-this")
    assert ran.returncode == 2
    assert ran.stderr.decode() == (
        "offing: No service named 'nothing-like-this' is installed."
        " `offing doctor` lists the services and how to install them.\n"
    )
