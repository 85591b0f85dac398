"""The rooms import each other only as the contracts in pyproject.toml say, and the contracts bite."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = Path(sys.executable).with_name("lint-imports")


def lint(root: Path) -> subprocess.CompletedProcess[str]:
    """Check the contracts of a tree against the sources in it."""
    return subprocess.run(
        [PROGRAM, "--no-cache"],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src"), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_rules_are_kept() -> None:
    done = lint(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A tree with the same sources and contracts, to be spoiled."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.parametrize(
    ("module", "planted"),
    [
        ("kernel/cache.py", "import offing.insights"),
        ("kernel/workers/pool.py", "from offing.cli import entry"),
        ("insights/routes.py", "from offing.gateway import front"),
        ("gateway/front.py", "from offing.insights.routes import InsightsRoutes"),
        ("gateway/front.py", "import offing.cli"),
        ("insights/engine/analyze.py", "import offing.insights.routes"),
        ("insights/engine/analyze.py", "import offing.insights.service"),
        ("insights/routes.py", "import offing.insights.service"),
    ],
)
def test_an_import_against_the_rules_is_found(copy: Path, module: str, planted: str) -> None:
    file = copy / "src" / "offing" / module
    file.write_text(f"{file.read_text()}\n{planted}\n")
    done = lint(copy)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout
    importer = "offing." + module.removesuffix(".py").replace("/", ".")
    assert f"{importer} -> {planted.split()[1]}" in done.stdout


def test_an_import_inside_a_function_counts_as_well(copy: Path) -> None:
    file = copy / "src" / "offing" / "kernel" / "cache.py"
    file.write_text(f"{file.read_text()}\ndef later():\n    import offing.insights\n")
    assert lint(copy).returncode != 0
