"""``offing edge docs``: what the Worker serves of the services' description is what they say now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from offing.cli.edge.docs import OWN, command, pages

ASSETS = Path(__file__).parents[3] / "worker" / "assets"


@pytest.mark.parametrize("name", ["docs.html", "openapi.json"])
def test_what_the_worker_serves_is_up_to_date(name: str) -> None:
    assert (ASSETS / name).read_text() == pages()[name], "run `make docs`"


def test_it_describes_what_the_worker_answers_and_nothing_else() -> None:
    paths = set(json.loads(pages()["openapi.json"])["paths"])
    assert {*OWN, "/v1/image/analysis", "/ocr", "/xet/readyz"} <= paths
    assert not paths & {"/metrics", "/livez", "/readyz"}


def test_it_writes_both_into_a_folder(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, [str(tmp_path / "new")])
    assert result.exit_code == 0
    assert {each.name for each in (tmp_path / "new").iterdir()} == set(pages())
