"""Worker and images of two versions together, as a deploy and a rollback have them for some minutes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.before import configuration, unpacked, version_before
from tests.e2e.conftest import Measured
from tests.e2e.edge import ONE_EACH, Edge, running_edge
from tests.e2e.engine import ROOT
from tests.e2e.hub import Hub
from tests.e2e.services import DOWNLOADS, SERVICES, Service
from tests.e2e.traffic import ask, crowd, is_right

CLIENTS = 4


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of the version before."""
    version = version_before()
    if not version:
        pytest.skip("left out: this clone has no earlier version with other sources")
    return unpacked(version, tmp_path_factory.mktemp("before"))


@pytest.fixture(scope="module", params=["before's images", "before's Worker"])
def mixed(
    request: pytest.FixtureRequest, before: Path, hub: Hub, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Edge]:
    """Today's Worker with the images of before, and the Worker of before with today's images."""
    folder = tmp_path_factory.mktemp("mixed")
    worker, images = (ROOT, before) if request.param == "before's images" else (before, ROOT)
    file = configuration(worker, images, folder / "wrangler.json")
    with running_edge(
        folder, {**hub.environment, **ONE_EACH}, "--config", str(file), label="mixed"
    ) as running:
        yield running


@pytest.mark.parametrize("service", SERVICES, ids=str)
def test_two_versions_answer_together_and_lose_nothing_when_a_container_ends(
    mixed: Edge, service: Service, measured: Measured, request: pytest.FixtureRequest
) -> None:
    question = service.small()
    assert is_right(ask(mixed.url, question), question)
    assert mixed.state(service) == "awake"
    assert httpx.get(f"{mixed.url}/{service.name}/health", timeout=30).status_code == 200
    with crowd(mixed.url, service, CLIENTS) as answers:
        answers.wait_for(2 * CLIENTS)
        (container,) = mixed.containers(service)
        container.signal("TERM")
        answers.wait_for(3 * CLIENTS)
    measured(f"{request.node.callspec.id}: two versions", f"{len(answers.seconds)} answers")
    assert answers.failures == []


def test_a_connection_serves_others_after_an_answer_without_a_body(mixed: Edge) -> None:
    question = DOWNLOADS.small()
    for _ in range(3):
        head = httpx.head(mixed.url + question.path, timeout=30)
        assert (head.status_code, head.content) == (200, b"")
        assert int(head.headers["Content-Length"]) > 0
        assert is_right(ask(mixed.url, question), question)
