"""A hub with known content, and the service before it, for the tests of what is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.contract.xet.content import fill
from tests.xet.hub_fixture import RunningHub, running_hub
from tests.xet.proxy_fixture import RunningProxy, running_proxy


@pytest.fixture(scope="session")
def filled_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """A hub that holds what the contract asks for."""
    with running_hub(tmp_path_factory.mktemp("filled")) as hub:
        fill(hub.base)
        yield hub


def calmed(hub: RunningHub) -> Iterator[RunningHub]:
    """A hub that several tests share, for one of them."""
    hub.set_faults()
    hub.log.clear()
    yield hub
    hub.set_faults()


@pytest.fixture
def calm_hub(filled_hub: RunningHub) -> Iterator[RunningHub]:
    """The same, its log empty; without troubles again afterwards."""
    yield from calmed(filled_hub)
    filled_hub.app.plan.rewrite = None


@pytest.fixture
def hub(running: RunningHub) -> Iterator[RunningHub]:
    """The hub of a module that fills its own as ``running``: its log empty, without troubles afterwards."""
    yield from calmed(running)


@pytest.fixture
def service(hub: RunningHub, tmp_path: Path) -> Iterator[RunningProxy]:
    """A service before it, with an empty cache."""
    with running_proxy(hub, tmp_path / "cache") as proxy:
        yield proxy


@pytest.fixture(scope="session")
def shared_proxy(filled_hub: RunningHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProxy]:
    """A service before it, with a cache."""
    with running_proxy(filled_hub, tmp_path_factory.mktemp("cache") / "xet") as proxy:
        yield proxy


@pytest.fixture
def proxy(calm_hub: RunningHub, shared_proxy: RunningProxy) -> RunningProxy:
    """The same, before a hub without troubles."""
    del calm_hub
    return shared_proxy


@pytest.fixture
def client(proxy: RunningProxy) -> Iterator[httpx.Client]:
    """A client of it that has no token."""
    with proxy.client() as asking:
        yield asking


@pytest.fixture
def uncached(calm_hub: RunningHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProxy]:
    """A service that has nothing yet, before a hub without troubles."""
    with running_proxy(calm_hub, tmp_path_factory.mktemp("cache") / "xet") as proxy:
        yield proxy
