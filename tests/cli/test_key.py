"""``offing key``: keys that nobody guesses, and hashes that the settings take."""

from __future__ import annotations

import hashlib
import re

import pytest
from click.testing import CliRunner

from offing.cli.key import command
from offing.kernel.server_settings import PREFIX, ServerSettings
from offing.kernel.settings import load


def printed(*arguments: str, stdin: str = "") -> str:
    result = CliRunner().invoke(command, arguments, input=stdin)
    assert result.exit_code == 0, result.output
    return result.output


def fresh() -> tuple[str, str]:
    output = printed()
    found = re.match(r"key   (\S+)\nhash  (\S+)\n", output)
    assert found
    assert f"OFFING_API_KEYS={found[2]} " in output
    return found[1], found[2]


def test_a_fresh_key_comes_with_the_sha_256_of_it() -> None:
    key, hashed = fresh()
    assert hashed == "sha256:" + hashlib.sha256(key.encode()).hexdigest()


def test_two_keys_are_never_the_same() -> None:
    assert fresh()[0] != fresh()[0]


def test_the_settings_take_the_printed_hash() -> None:
    _, hashed = fresh()
    assert load(ServerSettings, PREFIX, {"OFFING_API_KEYS": hashed}).api_keys == (hashed,)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_hash_prints_nothing_but_the_hash_of_the_key_that_it_reads(end: str) -> None:
    key, hashed = fresh()
    assert printed("--hash", stdin=key + end) == f"{hashed}\n"


@pytest.mark.parametrize("nothing", ["", "\n", "  \n"])
def test_no_key_is_a_wrong_use(nothing: str) -> None:
    result = CliRunner().invoke(command, ["--hash"], input=nothing)
    assert result.exit_code == 2
    assert "sha256:" not in result.output
