"""compose.yaml is what the specification allows, and runs each service hardened, bounded and watched."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from offing.kernel.service import installed
from offing.kernel.settings import OURS, explain

ROOT = Path(__file__).parents[2]
# Variables stand for their defaults, as where none is set.
TEXT = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", (ROOT / "compose.yaml").read_text())
DOCUMENT: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]


def check(document: dict[str, Any]) -> PyCompose:
    """The document as the specification reads it. Raises ValueError where it does not."""
    return PyCompose.from_json(json.dumps(document))


def test_it_is_what_the_specification_allows() -> None:
    assert check(DOCUMENT).service_names() == sorted(installed())


@pytest.mark.parametrize(
    "spoiled", [{"imag": "a"}, {"restart": "often"}, {"ports": ["x:1"]}, {"deploy": {"resource": {}}}]
)
def test_what_it_does_not_allow_would_be_found(spoiled: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"error|extension|unknown"):
        check({"services": {"xet": SERVICES["xet"] | spoiled}})


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_may_write_nowhere_and_gain_nothing(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["pids_limit"] > 0


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_is_built_watched_and_started_anew(name: str) -> None:
    service = SERVICES[name]
    assert service["build"] == {"context": ".", "args": {"SERVICE": name}}
    assert service["image"] == f"offing-{name}:local"
    assert service["restart"] == "unless-stopped"
    assert "/readyz" in service["healthcheck"]["test"][-1]
    compile(service["healthcheck"]["test"][-1], "healthcheck", "exec")


def test_each_is_reached_from_this_machine_alone_at_a_port_of_its_own() -> None:
    ports = [port for service in SERVICES.values() for port in service["ports"]]
    assert len(set(ports)) == len(SERVICES)
    assert all(re.fullmatch(r"127\.0\.0\.1:\d+:8080", port) for port in ports)


@pytest.mark.parametrize("name", SERVICES)
def test_every_variable_is_a_setting(name: str) -> None:
    from offing.cli.rooms import rooms

    of_it = [room for room in rooms() if room.name in ("server", "fetch", name)]
    known = {
        variable
        for room in of_it
        for setting in explain(room.record, room.prefix, {})
        for variable in (setting.variable, *setting.aliases)
    }
    assert set(SERVICES[name]["environment"]) <= known
    assert not any(each.startswith(OURS) for each in re.findall(r"\$\{(\w+)_PORT", TEXT))


def test_a_container_is_given_the_time_that_its_requests_are() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    (drain,) = re.findall(r"OFFING_DRAIN_SECONDS=(\d+)", dockerfile)
    for name, service in SERVICES.items():
        minutes, seconds = re.fullmatch(r"(\d+)m(\d+)s", service["stop_grace_period"]).groups()  # type: ignore[union-attr]
        given = 60 * int(minutes) + int(seconds)
        assert given > (int(drain) if name == "xet" else 600)


def test_what_is_cached_outlives_the_container() -> None:
    assert SERVICES["xet"]["volumes"] == ["xet-cache:/var/cache/offing"]
    assert "OFFING_XET_CACHE_DIR=/var/cache/offing/" in (ROOT / "Dockerfile").read_text()
