"""The manifests for Cloud Run and Knative are what their schema allows, and fit the images."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from cloudcoil.models.knative_serving.serving import v1

import offing
from offing.kernel.service import installed
from offing.kernel.settings import explain

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "deploy").glob("*/*.yaml"))
PORT = 8080
CLOUD_RUN_SECONDS, CLOUD_RUN_END, CLOUD_RUN_START = 3600, 10, 240
"""Of Cloud Run: the longest request, the time between SIGTERM and the end, the longest start."""
KNATIVE_SECONDS = 600
"""``max-revision-timeout-seconds``, as Knative is installed."""


def read(file: Path) -> dict[str, Any]:
    """A manifest."""
    document: dict[str, Any] = yaml.safe_load(file.read_text())
    return document


def understood(document: dict[str, Any]) -> dict[str, Any]:
    """What the schema keeps of a manifest: what it knows. Raises ValueError where a value is wrong."""
    kept: dict[str, Any] = json.loads(
        v1.Service.model_validate(document, strict=True).model_dump_json(by_alias=True, exclude_unset=True)
    )
    return kept


def container(file: Path) -> dict[str, Any]:
    """Its one container."""
    (found,) = read(file)["spec"]["template"]["spec"]["containers"]
    return dict(found)


def environment(file: Path) -> dict[str, str]:
    """What its container is told in plain."""
    return {each["name"]: each["value"] for each in container(file)["env"]}


def test_there_is_one_a_service_and_platform() -> None:
    assert {(file.parent.name, file.stem) for file in FILES} == {
        (platform, service) for platform in ("cloud-run", "knative") for service in installed()
    }


@pytest.fixture(params=FILES, ids=lambda file: f"{file.parent.name}-{file.stem}")
def file(request: pytest.FixtureRequest) -> Path:
    """Every manifest in turn."""
    found: Path = request.param
    return found


def test_a_manifest_is_what_the_schema_allows(file: Path) -> None:
    assert understood(read(file)) == read(file)


def test_one_would_be_found_with_a_misspelt_name(file: Path) -> None:
    misspelt = yaml.safe_load(file.read_text().replace("containerConcurrency:", "containerConcurency:"))
    assert understood(misspelt) != misspelt


def test_one_would_be_found_with_a_wrong_value(file: Path) -> None:
    wrong = yaml.safe_load(file.read_text().replace("containerPort: 8080", "containerPort: http"))
    with pytest.raises(ValueError, match="containerPort"):
        understood(wrong)


def test_a_manifest_names_its_service_and_its_version(file: Path) -> None:
    assert read(file)["metadata"]["name"] == f"offing-{file.stem}"
    assert container(file)["image"].endswith(f"/offing-{file.stem}:{offing.__version__}")


def test_a_manifest_asks_the_port_and_the_probes_of_the_image(file: Path) -> None:
    found = container(file)
    assert found["ports"] == [{"containerPort": PORT}]
    probes = {name: found[name]["httpGet"] for name in found if name.endswith("Probe")}
    live = probes.pop("livenessProbe")
    (ready,) = probes.values()
    assert (live, ready) == ({"path": "/livez", "port": PORT}, {"path": "/readyz", "port": PORT})


def test_a_service_scales_to_nothing_and_to_a_bound(file: Path) -> None:
    scales = {
        re.sub(r"[^a-z]", "", name.rpartition("/")[2].lower()): value
        for name, value in read(file)["spec"]["template"]["metadata"]["annotations"].items()
    }
    assert scales["minscale"] == "0"
    assert int(scales["maxscale"]) >= 1
    assert read(file)["spec"]["template"]["spec"]["containerConcurrency"] > 1


def test_a_container_has_limits(file: Path) -> None:
    assert set(container(file)["resources"]["limits"]) == {"cpu", "memory"}


def test_a_manifest_tells_the_container_settings_that_it_knows_and_no_secret(file: Path) -> None:
    from offing.cli.rooms import rooms

    settings = [
        setting
        for room in rooms()
        if room.name in ("server", file.stem)
        for setting in explain(room.record, room.prefix, environment(file))
    ]
    assert all(setting.fits for setting in settings)
    assert set(environment(file)) <= {setting.variable for setting in settings if not setting.secret}


def test_a_manifest_lets_the_platform_wait_as_long_as_the_service(file: Path) -> None:
    seconds = read(file)["spec"]["template"]["spec"]["timeoutSeconds"]
    drain = int(environment(file)["OFFING_DRAIN_SECONDS"])
    assert int(environment(file)["OFFING_REQUEST_SECONDS"]) == seconds
    if file.parent.name == "cloud-run":
        probe = container(file)["startupProbe"]
        assert seconds <= CLOUD_RUN_SECONDS
        assert drain < CLOUD_RUN_END
        assert probe["timeoutSeconds"] <= probe["periodSeconds"]
        assert probe["periodSeconds"] * probe["failureThreshold"] <= CLOUD_RUN_START
    else:
        assert drain < seconds <= KNATIVE_SECONDS


@pytest.mark.parametrize(
    "file", sorted((ROOT / "deploy" / "knative").glob("*.yaml")), ids=lambda file: file.stem
)
def test_a_pod_may_gain_nothing_and_write_only_where_it_must(file: Path) -> None:
    found, spec = container(file), read(file)["spec"]["template"]["spec"]
    assert found["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    mounted = {mount["name"]: mount["mountPath"] for mount in found["volumeMounts"]}
    assert set(mounted) == {volume["name"] for volume in spec["volumes"]}
    assert set(mounted.values()) == {"/dev/shm", *(["/var/cache/offing"] if file.stem == "xet" else [])}  # noqa: S108
    assert spec["automountServiceAccountToken"] is False
