"""Whatever must mention a service does: the package, the container, the Worker, the documents."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from offing.kernel.service import ENTRY_POINTS, Service, installed

ROOT = Path(__file__).parents[2]
ROOMS = {file.parent.name for file in (ROOT / "src" / "offing").glob("*/service.py")} - {"kernel"}
SERVICES = [service for name, service in installed().items() if name in ROOMS]
SHAPE = {"engine", "settings.py", "problems.py", "routes.py", "service.py", "__init__.py"}


def project() -> dict[str, Any]:
    """The project's table in pyproject.toml."""
    table: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return table


def text(file: str) -> str:
    """A file of the repository."""
    return (ROOT / file).read_text()


MENTIONS: dict[str, Callable[[str], object]] = {
    "the extra in pyproject.toml": lambda name: name in project()["optional-dependencies"],
    "its part in the extra all": lambda name: re.search(
        rf"\b{name}\b", " ".join(project()["optional-dependencies"]["all"])
    ),
    "the entry point in pyproject.toml": lambda name: (
        project()["entry-points"][ENTRY_POINTS].get(name) == f"offing.{name}.service:service"
    ),
    "the layers in pyproject.toml": lambda name: f'containers = ["offing.{name}"]' in text("pyproject.toml"),
    "the lock file": lambda name: (ROOT / "requirements" / f"{name}.txt").is_file(),
    "the stage in the Dockerfile": lambda name: re.search(
        rf"^FROM runtime AS {name}$", text("Dockerfile"), re.MULTILINE
    ),
    "the container in wrangler.jsonc": lambda name: re.search(
        rf'"SERVICE": "{name}"', text("worker/wrangler.jsonc")
    ),
    "its class in the Worker": lambda name: f'service = "{name}"' in text("worker/src/container.ts"),
    "the row in the Worker's table": lambda name: f'name: "{name}"' in text("worker/src/services.ts"),
    "its container in compose.yaml": lambda name: f"SERVICE: {name}" in text("compose.yaml"),
    "its manifests": lambda name: all(
        (ROOT / "deploy" / platform / f"{name}.yaml").is_file() for platform in ("cloud-run", "knative")
    ),
    "the image that .ci/run builds": lambda name: re.search(
        rf"for service in [a-z ]*\b{name}\b", text(".ci/run")
    ),
    "the page in docs": lambda name: list((ROOT / "docs").glob(f"{name}*.md")),
}


def missing(name: str) -> list[str]:
    """What does not mention a service yet."""
    return [mention for mention, is_there in MENTIONS.items() if not is_there(name)]


@pytest.mark.parametrize("name", sorted(ROOMS))
def test_every_mention_of_a_service_is_there(name: str) -> None:
    assert missing(name) == []


def test_each_mention_of_a_service_that_is_nowhere_is_missed() -> None:
    assert missing("fourth") == list(MENTIONS)


def test_every_room_with_a_service_is_installed_and_the_reverse() -> None:
    assert {service.name for service in SERVICES} == ROOMS
    assert ROOMS


@pytest.mark.parametrize("name", sorted(ROOMS))
def test_every_service_has_the_same_shape(name: str) -> None:
    assert {file.name for file in (ROOT / "src" / "offing" / name).iterdir()} >= SHAPE


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_is_named_as_its_room_and_routed_to_at_the_worker(service: Service) -> None:
    worker = text("worker/src/services.ts")
    assert all(f'"{prefix}/"' in worker or f'"{prefix}"' in worker for prefix in service.prefixes)
    assert all(f'"{pattern}"' in worker for pattern in service.patterns)
    assert all(f'"/{service.name}/{probe}"' in worker for probe in ("health", "livez", "readyz"))


def test_the_worker_routes_nothing_that_a_service_does_not_have() -> None:
    worker = text("worker/src/services.ts")
    table = worker[worker.index("const SERVICES") : worker.index("const PATTERNS")]
    paths = {found.rstrip("/") for found in re.findall(r'"(/[^"]*)"', table)}
    probes = {f"/{service.name}/{probe}" for service in SERVICES for probe in ("health", "livez", "readyz")}
    ours = {path for service in SERVICES for path in (*service.prefixes, *service.patterns)}
    assert [path for path in paths if not is_below(path, ours | probes)] == []


def is_below(path: str, others: set[str]) -> bool:
    """Whether a path is one of others, or below one."""
    return any(f"{path}/".startswith(f"{other}/") for other in others)


@pytest.mark.parametrize(
    "pattern", [pattern for service in SERVICES for pattern in service.patterns], ids=str
)
def test_a_pattern_means_the_same_in_both_languages(pattern: str) -> None:
    # What neither spells differently: groups, sets of characters, and how often they come.
    assert re.fullmatch(r"[\w/|?+*.()\[\]^-]+", pattern)
    assert "(?" not in pattern
    assert not re.fullmatch(pattern, "")


def test_no_path_belongs_to_two_services() -> None:
    prefixes = [prefix for service in SERVICES for prefix in service.prefixes]
    assert len(set(prefixes)) == len(prefixes)
    assert not [
        (one, other)
        for one in prefixes
        for other in prefixes
        if one != other and f"{one}/".startswith(f"{other}/")
    ]
