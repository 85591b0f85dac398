"""What the sources themselves must keep to: the environment, what engines may use, names and lengths."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))
ENVIRONMENT = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}
HTTP = {"starlette", "uvicorn", "httptools", "httpcore", "http", "python_multipart"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "misc", "shared", "core", "lib"}
LONGEST = 300


def uses_of_the_environment(source: str) -> list[int]:
    """The lines in which a module reads or changes the environment."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT and isinstance(node.value, ast.Name):
            found += [node.lineno] if node.value.id in {"os", "posix"} else []
        if isinstance(node, ast.ImportFrom) and node.module in {"os", "posix"}:
            found += [node.lineno for name in node.names if name.name in ENVIRONMENT]
    return found


def imports(source: str) -> Iterator[str]:
    """Every module that a module imports, wherever it does."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_the_environment_is_read_in_one_module_only() -> None:
    reading = {
        str(file.relative_to(ROOT / "src")) for file in SOURCES if uses_of_the_environment(file.read_text())
    }
    assert reading == {"offing/kernel/settings.py"}


@pytest.mark.parametrize(
    "source",
    [
        "import os\nos.environ['A']",
        "from os import environ",
        "import os\nos.getenv('A')",
        "from os import getenv as g",
    ],
)
def test_each_way_to_the_environment_would_be_found(source: str) -> None:
    assert uses_of_the_environment(source)


@pytest.mark.parametrize(
    "file",
    [file for file in SOURCES if "engine" in file.parts],
    ids=lambda file: "/".join(file.parts[-3:]),
)
def test_an_engine_knows_nothing_of_http_and_of_settings(file: Path) -> None:
    imported = set(imports(file.read_text()))
    assert not {name.partition(".")[0] for name in imported} & HTTP
    assert "offing.kernel.settings" not in imported


def test_every_module_has_a_name_that_says_something() -> None:
    assert [file for file in SOURCES if file.stem in VAGUE or file.parent.name in VAGUE] == []


def test_no_module_is_too_long() -> None:
    lengths = {str(file.relative_to(ROOT)): len(file.read_text().splitlines()) for file in SOURCES}
    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}
