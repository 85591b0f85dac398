"""The commands below ``offing edge`` are listed without being loaded."""

from __future__ import annotations

from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from offing.cli.edge import COMMANDS, command
from tests.cli.test_entry import modules_of


@pytest.mark.parametrize(
    "arguments", [("edge", "--help"), ("edge", "cost", "--help"), ("edge", "check", "--help")]
)
def test_help_imports_nothing_that_works(arguments: tuple[str, ...]) -> None:
    assert modules_of(*arguments).isdisjoint(
        {"msgspec", "asyncio", "starlette", "json", "offing.edge", "offing.insights"}
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_the_list_says_of_each_what_its_own_help_begins_with(name: str) -> None:
    listed: click.Command = import_module(f"offing.cli.edge.{name}").command
    assert COMMANDS[name] == (listed.help or "").split("\n\n")[0]


@pytest.mark.parametrize("columns", [80, 100])
@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_fits_the_terminal(name: str, columns: int) -> None:
    result = CliRunner().invoke(
        command, [*name.split(), "--help"], terminal_width=columns, max_content_width=100
    )
    assert result.exit_code == 0
    assert max(map(len, result.output.splitlines())) <= columns


def test_an_unknown_command_is_refused() -> None:
    assert CliRunner().invoke(command, ["fly"]).exit_code == 2
