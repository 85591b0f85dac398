"""``offing completion``: the shells get scripts, and the scripts get answers."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from offing.cli.entry import COMMANDS
from tests.cli.program import run


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_asks_the_program_and_is_valid_where_the_shell_is_here(shell: str) -> None:
    ran = run("completion", shell)
    assert ran.returncode == 0
    assert f"_OFFING_COMPLETE={shell}_complete" in ran.stdout.decode()
    if interpreter := shutil.which(shell):
        subprocess.run([interpreter, "-n"], input=ran.stdout, check=True, capture_output=True)


def completed(words: str) -> list[str]:
    """What bash is offered after these words."""
    position = str(len(words.split(" ")) - 1)
    ran = run(_OFFING_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=position)
    return [line.partition(",")[2] for line in ran.stdout.decode().splitlines()]


def test_commands_are_completed() -> None:
    assert completed("offing ") == list(COMMANDS)


def test_the_last_metric_of_a_list_is_completed() -> None:
    assert completed("offing insights --metrics brightness,bl") == ["brightness,blurhash"]


def test_an_unknown_shell_is_a_wrong_use() -> None:
    assert run("completion", "tcsh").returncode == 2
