"""``offing edge check``: each finding with its place and its remedy, and an exit code that says whether."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offing.cli.edge.check import command
from tests.cli.program import run

ROOT = Path(__file__).parents[3]
OWN = ROOT / "worker" / "wrangler.jsonc"


def ask(*arguments: str) -> Result:
    """Run the command without asking an engine."""
    return CliRunner().invoke(command, [*arguments, "--no-images"])


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The Worker's own configuration with an instance type that there is not, beside the Dockerfile."""
    folder = tmp_path / "worker"
    (folder / "assets").mkdir(parents=True)
    (tmp_path / "Dockerfile").write_bytes((ROOT / "Dockerfile").read_bytes())
    file = folder / "wrangler.jsonc"
    file.write_text(OWN.read_text().replace('"instance_type": "basic"', '"instance_type": "large"', 1))
    return file


def test_the_workers_own_configuration_is_found_and_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    result = ask()
    assert result.exit_code == 0, result.output
    assert "worker/wrangler.jsonc can be deployed: Insights on " in result.output
    assert "left out: image sizes: --no-images" in result.output


def test_a_finding_is_a_line_with_its_place_and_below_it_what_to_do(copy: Path) -> None:
    result = ask(str(copy))
    line = copy.read_text()[: copy.read_text().index('"large"')].count("\n") + 1
    assert result.exit_code == 1
    assert (
        f'{copy}:{line}: containers[0].instance_type: there is no instance type "large".\n' in result.output
    )
    assert '    Write "standard-3" (2 vCPU, 8 GiB, 16 GB) or "standard-4"' in result.output
    assert result.output.endswith(f"{copy}: 1 to mend.\n")


def test_findings_are_told_as_json(copy: Path) -> None:
    result = ask(str(copy), "--json")
    told = json.loads(result.output)
    assert result.exit_code == 1
    assert [each["path"] for each in told["findings"]] == ["containers[0].instance_type"]
    assert told["left_out"] == ["image sizes: --no-images"]


def test_only_the_services_that_are_named_have_to_be_there(tmp_path: Path) -> None:
    file = tmp_path / "wrangler.jsonc"
    file.write_text('{ "containers": [] }')
    assert "the service ocr has no container" in ask(str(file)).output
    named = ask(str(file), "--service", "xet").output
    assert "the service xet has no container" in named
    assert "ocr" not in named


def test_a_file_that_can_not_be_read_ends_with_2(tmp_path: Path) -> None:
    ran = run("edge", "check", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (2, b"")
    assert b"worker/wrangler.jsonc can't be opened" in ran.stderr
    (tmp_path / "wrangler.jsonc").write_text('{\n "containers": [,]\n}')
    ran = run("edge", "check", "wrangler.jsonc", cwd=tmp_path)
    assert ran.returncode == 2
    assert b"wrangler.jsonc: Line 2: expected a value, found ','." in ran.stderr


def test_what_keeping_warm_costs_is_told(tmp_path: Path) -> None:
    file = tmp_path / "wrangler.jsonc"
    file.write_text("""{
      "containers": [{ "class_name": "Ocr", "image": "docker.io/a/ocr:1", "instance_type": "standard-2",
                       "image_vars": { "SERVICE": "ocr" } }],
      "durable_objects": { "bindings": [{ "name": "OCR", "class_name": "Ocr" }] },
      "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Ocr"] }],
      "triggers": { "crons": ["* * * * *"] },
      "vars": { "OCR_SLEEP_AFTER": "30s", "KEEP_WARM": "ocr" }
    }""")
    result = ask(str(file), "--service", "ocr")
    assert result.exit_code == 0, result.output
    assert "One Ocr kept warm costs $40.78 a month beyond the plan, at rest." in result.output
