"""The documents tell the truth: links lead somewhere, and the README's command lines answer as shown."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("worker/*.md")])
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#]+)")
COMMAND = re.compile(r"^\$ (curl .+)\n(\{.*\})$", re.MULTILINE)
TIMING = "processing_time_ms"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_to_one(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        named = set(re.findall(r"^    make ([a-z]+)|`make ([a-z]+)", page.read_text(), re.MULTILINE))
        assert {first or second for first, second in named} <= targets, page.name


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    server = subprocess.Popen(
        [sys.executable, "-m", "offing", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert server.stdout is not None
    yield server.stdout.readline().split()[-1]
    server.terminate()
    server.communicate(timeout=10)


def test_the_readme_shows_three_command_lines_with_their_answers() -> None:
    assert len(COMMAND.findall((ROOT / "README.md").read_text())) == 3


@pytest.mark.parametrize(("command", "shown"), COMMAND.findall((ROOT / "README.md").read_text()))
def test_the_readmes_command_lines_answer_as_shown(base: str, command: str, shown: str) -> None:
    words = shlex.split(command.replace("http://127.0.0.1:8787", base))
    answered = json.loads(subprocess.run(words, cwd=ROOT, capture_output=True, check=True).stdout)
    expected = json.loads(shown)
    assert list(answered) == list(expected)
    for each in (answered, expected):
        each.pop(TIMING, None)
    assert answered == expected
