"""``offing edge docs``: what the Worker serves of the services' description is what they say now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from offing.cli.edge.docs import OWN, command, pages
from offing.gateway.console_page import FILES

ASSETS = Path(__file__).parents[3] / "worker" / "assets"
CONSOLE = {f"console/{name}" for name, _ in FILES.values()}


@pytest.mark.parametrize("name", sorted(["docs.html", "openapi.json", *CONSOLE]))
def test_what_the_worker_serves_is_up_to_date(name: str) -> None:
    assert (ASSETS / name).read_text() == pages()[name], "run `make docs`"


def test_it_describes_what_the_worker_answers_and_nothing_else() -> None:
    paths = set(json.loads(pages()["openapi.json"])["paths"])
    assert {*OWN, *FILES, "/v1/image/analysis", "/ocr", "/xet/readyz"} <= paths
    assert not paths & {"/metrics", "/livez", "/readyz"}


def test_it_writes_them_into_a_folder(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(tmp_path / "new")])
    assert result.exit_code == 0
    assert written(tmp_path / "new") == set(pages())


def test_the_worker_serves_no_file_that_is_not_written() -> None:
    assert written(ASSETS) == set(pages())


def written(folder: Path) -> set[str]:
    """The files below a folder, by their path in it."""
    return {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()}
