"""``offing settings``: nothing is left out, nothing secret is shown, and the page in the docs is its own."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from offing.cli.rooms import rooms
from offing.cli.settings import command
from tests.cli.program import environment

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
PASSWORD = "a-password-of-mine"  # noqa: S105  no password, but what must not be printed


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(*arguments: str, **variables: str) -> Result:
        with monkeypatch.context() as patch:
            kept = environment()
            for name in [*os.environ]:
                if name not in kept:
                    patch.delenv(name)
            for name, value in variables.items():
                patch.setenv(name, value)
            return CliRunner().invoke(command, arguments)

    return run


def test_the_page_in_the_docs_is_what_markdown_prints(run: Any) -> None:
    assert run("--markdown").output == PAGE.read_text(), (
        "write it: offing settings --markdown > docs/settings.md"
    )


def test_the_page_does_not_change_with_the_environment(run: Any) -> None:
    assert run("--markdown", OFFING_PORT="1", OFFING_LOG_LEVEL="loud").output == run("--markdown").output


@pytest.mark.parametrize("form", [(), ("--json",), ("--markdown",)])
def test_every_setting_of_every_room_is_there_with_its_other_names(run: Any, form: tuple[str, ...]) -> None:
    output = run(*form).output
    for room in rooms():
        for field in msgspec.structs.fields(room.record):
            assert room.prefix + field.name.upper() in output
    for alias in ("PORT", "no_proxy", "MAX_FILE_SIZE", "REQUEST_TIMEOUT"):
        assert alias in output


def test_json_tells_value_source_and_meaning(run: Any) -> None:
    result = run("--json", PORT="9000", OFFING_CORS_ORIGINS="https://a.example")
    settings = {each["variable"]: each for each in json.loads(result.stdout)["server"]}
    port = settings["OFFING_PORT"]
    assert (port["value"], port["default"], port["source"]) == (9000, 8787, "PORT")
    assert "Port" in port["meaning"]
    assert port["aliases"] == ["PORT"]
    assert settings["OFFING_CORS_ORIGINS"]["value"] == ["https://a.example"]
    assert settings["OFFING_HOST"]["source"] == "default"


def test_the_plain_form_tells_where_a_value_comes_from(run: Any) -> None:
    output = run(PORT="9000", OFFING_HOST="::1").output
    assert "OFFING_PORT=9000  (set, from PORT)" in output
    assert "OFFING_HOST=::1  (set)" in output
    assert "OFFING_LOG_LEVEL=info  (default)" in output


@pytest.mark.parametrize("form", [(), ("--json",), ("--markdown",)])
def test_a_secret_is_never_printed(run: Any, form: tuple[str, ...]) -> None:
    result = run(*form, HTTPS_PROXY=f"http://me:{PASSWORD}@proxy:3128", OFFING_API_KEYS="sha256:" + "ab" * 32)
    assert PASSWORD not in result.output
    assert "abab" not in result.output
    assert result.exit_code == 0
    assert ("(set)" in result.output) == (form != ("--markdown",))


def test_a_value_that_does_not_fit_is_named_and_the_rest_still_listed(run: Any) -> None:
    result = run(OFFING_PORT="eighty")
    assert result.exit_code == 2
    assert "OFFING_PORT must be a whole number from 0 to 65535" in result.output
    assert "eighty" not in result.output
    assert "OFFING_HOST=" in result.output


def test_a_misspelt_variable_is_told_of(run: Any) -> None:
    result = run(OFFING_PROT="80", OFFING_SERVICE="insights")
    assert "OFFING_PROT is no setting" in result.stderr
    assert "OFFING_SERVICE" not in result.stderr
    assert result.exit_code == 0
