"""The container and the edge as they are deployed, on a real engine: run by ``pytest tests/e2e --e2e``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.e2e.edge import ONE_EACH, Edge, running_edge
from tests.e2e.engine import Container, Image, built_image, running_container
from tests.e2e.hub import Hub, filled_hub
from tests.e2e.services import DOWNLOADS, SERVICES, Service

figures: dict[str, str] = {}
Measured = Callable[[str, str], None]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("e2e").addoption(
        "--e2e", action="store_true", help="run the tests that need Docker and Node 22"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("e2e", default=False):
        return
    left_out = pytest.mark.skip(reason="needs Docker and Node 22: pytest tests/e2e --e2e")
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for what, figure in figures.items():
        terminalreporter.write_line(f"measured: {what}: {figure}")


@pytest.fixture(scope="session")
def measured() -> Measured:
    """Notes a figure that is printed when the tests have ended."""
    return figures.__setitem__


@pytest.fixture(scope="session", params=SERVICES, ids=str)
def service(request: pytest.FixtureRequest) -> Service:
    """Every service in turn."""
    found: Service = request.param
    return found


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub that containers of Xet ask."""
    with filled_hub(tmp_path_factory.mktemp("hub")) as filled:
        yield filled


@pytest.fixture(scope="session")
def image(service: Service, request: pytest.FixtureRequest) -> Iterator[Image]:
    """The service's image, built from the Dockerfile."""
    environment = request.getfixturevalue("hub").environment if service is DOWNLOADS else {}
    with built_image(service, environment) as built:
        yield built


@pytest.fixture
def container(image: Image) -> Iterator[Container]:
    """A fresh container of the size that the service is deployed with."""
    with running_container(image) as running:
        yield running


@pytest.fixture(scope="session")
def edge(tmp_path_factory: pytest.TempPathFactory, hub: Hub) -> Iterator[Edge]:
    """The Worker with one container of each service, which sleeps soon, and no bucket in its place."""
    with running_edge(tmp_path_factory.mktemp("edge"), {**hub.environment, **ONE_EACH}) as running:
        yield running
