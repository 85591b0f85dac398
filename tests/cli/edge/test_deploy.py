"""``offing edge deploy`` and ``status``: what wrangler is asked for, in which order, and when it is not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.program import environment, run, run_in
from tests.edge.deploy.conftest import NOT_LOGGED_IN, StandIn
from tests.edge.deploy.conftest import stand_in as stand_in  # noqa: PLC0414  the fixture

ROOT = Path(__file__).parents[3]
PROGRAMS = ROOT / "worker" / "node_modules" / ".bin"
CONFIGURATION = """{
  "name": "small", "main": "src/index.ts",
  "containers": [
    { "class_name": "Ocr", "image": "Dockerfile", "image_vars": { "SERVICE": "ocr" },
      "instance_type": "standard-2" },
    { "class_name": "Xet", "image": "Dockerfile", "image_vars": { "SERVICE": "xet" },
      "instance_type": "standard-1" },
    { "class_name": "Insights", "image": "Dockerfile", "image_vars": { "SERVICE": "insights" },
      "instance_type": "basic" }
  ],
  "durable_objects": { "bindings": [
    { "name": "OCR", "class_name": "Ocr" }, { "name": "XET", "class_name": "Xet" },
    { "name": "INSIGHTS", "class_name": "Insights" }
  ] },
  "migrations": [{ "tag": "v1", "new_sqlite_classes": ["Ocr", "Xet", "Insights"] }],
  "r2_buckets": [{ "binding": "STORE", "bucket_name": "store" }],
  "vars": { "OCR_SLEEP_AFTER": "30s", "XET_SLEEP_AFTER": "30s", "INSIGHTS_SLEEP_AFTER": "30s",
            "OFFING_XET_CACHE_BYTES": "6000000000" },
  "secrets": { "required": ["HF_TOKEN"] }
}"""
SECRETS = ("secret list", (0, json.dumps([{"name": "HF_TOKEN"}]), ""))


@pytest.fixture
def checkout(tmp_path: Path, stand_in: StandIn) -> Path:
    """A folder with a small configuration; wrangler answers well."""
    (tmp_path / "Dockerfile").write_text("FROM scratch\n")
    (tmp_path / "wrangler.jsonc").write_text(CONFIGURATION)
    stand_in.answers(SECRETS)
    return tmp_path


def call(checkout: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """Run the program with the stand-in on its path."""
    path = f"{checkout / 'bin'}:/usr/bin:/bin"
    environ = environment(PATH=path, WRANGLER_DOCKER_BIN="no-engine", **variables)
    return run_in(environ, "edge", *arguments, cwd=checkout)


def test_a_deploy_checks_and_prepares_and_then_deploys(checkout: Path, stand_in: StandIn) -> None:
    stand_in.answers(
        SECRETS, ("r2 bucket info", (1, "", "The specified bucket does not exist. [code: 10006]"))
    )
    ran = call(checkout, "deploy")
    assert ran.returncode == 0, ran.stderr
    assert stand_in.asked == [
        "secret list --format json", "r2 bucket info store", "r2 bucket create store",
        "r2 bucket lifecycle add store files-30-days xet/ --expire-days 30 --force",
        "deploy --config wrangler.jsonc",
    ]  # fmt: skip
    assert b"made: the bucket store" in ran.stdout
    assert b"not set: OFFING_API_KEYS: " in ran.stdout


@pytest.mark.parametrize("way", [("deploy", "--service", "ocr", "--service", "xet"), ("deploy",)])
def test_a_part_is_deployed_by_a_configuration_that_has_nothing_else(
    checkout: Path, stand_in: StandIn, way: tuple[str, ...]
) -> None:
    ran = call(checkout, *way, **({} if "--service" in way else {"SERVICES": "ocr xet"}))
    assert ran.returncode == 0, ran.stderr
    assert stand_in.asked[-1] == "deploy --config .wrangler.part.json"
    (document,) = stand_in.documents
    assert [each["class_name"] for each in document["containers"]] == ["Ocr", "Xet"]  # type: ignore[attr-defined]
    assert not (checkout / ".wrangler.part.json").exists()


def test_nothing_is_deployed_where_the_configuration_is_wrong(checkout: Path, stand_in: StandIn) -> None:
    (checkout / "wrangler.jsonc").write_text(CONFIGURATION.replace('"basic"', '"large"'))
    ran = call(checkout, "deploy")
    assert ran.returncode == 1
    assert b'no instance type "large"' in ran.stdout
    assert stand_in.asked == []


def test_nothing_is_deployed_where_a_secret_is_missing(checkout: Path, stand_in: StandIn) -> None:
    stand_in.answers(("secret list", (0, "[]", "")))
    ran = call(checkout, "deploy")
    assert ran.returncode == 1
    assert b"npx wrangler secret put HF_TOKEN" in ran.stderr
    assert stand_in.asked == ["secret list --format json"]


def test_nothing_is_deployed_by_who_is_not_logged_in(checkout: Path, stand_in: StandIn) -> None:
    stand_in.answers(("", NOT_LOGGED_IN))
    ran = call(checkout, "deploy")
    assert ran.returncode == 3
    assert b"Run `npx wrangler login`" in ran.stderr
    assert stand_in.asked == ["secret list --format json"]


@pytest.mark.parametrize("name", ["fourth", "ocr,fourth"])
def test_a_service_that_there_is_not_is_refused(checkout: Path, stand_in: StandIn, name: str) -> None:
    ran = call(checkout, "deploy", SERVICES=name)
    assert ran.returncode == 2
    assert b"'fourth'" in ran.stderr
    assert stand_in.asked == []


def test_a_deploy_that_fails_says_so(checkout: Path, stand_in: StandIn) -> None:
    stand_in.answers(SECRETS, ("deploy", (1, "", "it broke")))
    ran = call(checkout, "deploy", "--service", "ocr")
    assert ran.returncode == 3
    assert b"it broke" in ran.stderr
    assert not (checkout / ".wrangler.part.json").exists()


def test_options_of_wrangler_are_handed_on(checkout: Path, stand_in: StandIn) -> None:
    assert call(checkout, "deploy", "--", "--containers-rollout", "immediate").returncode == 0
    assert stand_in.asked[-1] == "deploy --config wrangler.jsonc --containers-rollout immediate"


def test_a_rehearsal_asks_no_account(checkout: Path, stand_in: StandIn) -> None:
    assert call(checkout, "deploy", "--dry-run").returncode == 0
    (asked,) = stand_in.asked
    assert asked.startswith("deploy --config wrangler.jsonc --dry-run --containers-rollout=none")


def test_status_tells_each_thing_under_its_name(checkout: Path, stand_in: StandIn) -> None:
    stand_in.answers(
        ("deployments status", (0, "Version 1\n", "")),
        ("containers list", (1, "", "[ERROR] Containers need the Workers Paid plan.\n\nLogs")),
        ("r2 bucket info", (1, "", "does not exist")),
    )
    ran = call(checkout, "status")
    told = ran.stdout.decode()
    assert ran.returncode == 3
    assert "== Deployment\nVersion 1\n" in told
    assert "`wrangler containers list` failed: Containers need the Workers Paid plan.\n" in told
    assert "== Secrets\nnone\n" in told
    assert "== Bucket store\nNot there: `make deploy` makes it.\n" in told


def test_status_asks_nothing_more_of_who_is_not_logged_in(checkout: Path, stand_in: StandIn) -> None:
    stand_in.answers(("whoami", (1, '{"loggedIn":false}', "")))
    ran = call(checkout, "status")
    assert ran.returncode == 3
    assert b"npx wrangler login" in ran.stderr
    assert stand_in.asked == ["whoami --json"]


@pytest.mark.skipif(not (PROGRAMS / "wrangler").exists(), reason="the Worker's packages are not installed")
def test_wrangler_itself_takes_a_part_of_the_workers_configuration(tmp_path: Path) -> None:
    worker = tmp_path / "worker"
    worker.mkdir()
    for name in ("src", "assets", "package.json", "tsconfig.json", "wrangler.jsonc", "node_modules"):
        (worker / name).symlink_to(ROOT / "worker" / name)
    for name in ("Dockerfile", "src", "requirements"):
        (tmp_path / name).symlink_to(ROOT / name)
    ran = run(
        "edge", "deploy", "--dry-run", "--service", "xet", cwd=tmp_path,
        WRANGLER_DOCKER_BIN="no-engine", CLOUDFLARE_CF_FETCH_ENABLED="false",
    )  # fmt: skip
    told = ran.stdout.decode()
    assert ran.returncode == 0, told + ran.stderr.decode()
    assert 'env.SERVICES ("xet")' in told
    assert "- offing-xet (" in told
    assert "- offing-ocr (" not in told
