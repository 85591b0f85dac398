"""``offing xet hub`` as a user meets it."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
import trustme
from click.testing import CliRunner

from offing.cli.xet import COMMANDS, command
from offing.cli.xet.hub import command as hub_command
from tests.xet.hub.program import hub_program


def test_help_lists_the_commands_without_loading_them() -> None:
    done = CliRunner().invoke(command, ["--help"])
    assert done.exit_code == 0
    for name, meaning in COMMANDS.items():
        assert name in done.output
        assert meaning.split()[0] in done.output


def test_a_command_is_found_by_its_name_and_no_other_is() -> None:
    assert "compatible hub" in CliRunner().invoke(command, ["hub", "--help"]).output
    assert CliRunner().invoke(command, ["nothing"]).exit_code == 2


@pytest.mark.parametrize("faults", ["", "[]", '{"latency":1}', '{"rules":[{"what":"explode"}]}'])
def test_faults_that_cannot_be_read_are_told(tmp_path: Path, faults: str) -> None:
    done = CliRunner().invoke(hub_command, [str(tmp_path), "--faults", faults])
    assert done.exit_code == 2
    assert "--faults" in done.output


def test_faults_are_there_from_the_start(tmp_path: Path) -> None:
    faults = '{"rules":[{"what":"status","on":"any","status":503}]}'
    with hub_program(tmp_path / "hub", "--faults", faults) as (base, _):
        assert httpx.get(f"{base}/api/models").status_code == 503
        assert httpx.get(f"{base}/-/requests").json()["other"]["requests"] == 1


def test_it_serves_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    pem = tmp_path / "hub.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(pem))
    trust = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(trust))
    import ssl

    with hub_program(tmp_path / "hub", "--certificate", str(pem)) as (base, _):
        assert base.startswith("https://127.0.0.1:")
        answer = httpx.get(f"{base}/api/models", verify=ssl.create_default_context(cafile=str(trust)))
        assert answer.json() == []
