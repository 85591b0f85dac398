"""Where the contract suite finds the server it asks.

By default it starts the real server, with one service alone, in a process of its own. Otherwise:

``--base-url URL``   ask the server that runs there; the tests of what it does not serve are skipped;
``--standalone``     the server at that URL is one service alone, as in its container;
``--through-edge``   that URL is the Worker: what only the server itself promises is left out;
``--in-process``     drive the app in this process, without a socket;
``--xet-hub``        the hub behind the server at that URL holds what ``tests/contract/xet/prepare.py`` makes:
                     what asks for files then fails, and is not skipped, where they are not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.contract.asking import PATIENCE
from tests.contract.in_process import InProcess
from tests.contract.running import running_server

if TYPE_CHECKING:
    from offing.kernel.app import App

NOT_FOUND = 404
MARKERS = {
    "server_only": "holds for the server itself; not asked through the Worker",
    "standalone_only": "holds where a service is served alone; not asked of the gateway or the Worker",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "the contract suite")
    group.addoption("--base-url", help="ask the server at this URL instead of starting one")
    group.addoption("--standalone", action="store_true", help="it serves one service alone")
    group.addoption("--through-edge", action="store_true", help="it is the Worker")
    group.addoption("--in-process", action="store_true", help="drive the app without a socket")
    group.addoption("--xet-hub", action="store_true", help="its hub holds what the contract asks for")


def pytest_configure(config: pytest.Config) -> None:
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what the server asked does not promise."""
    left_out = set()
    if config.getoption("through_edge", default=False):
        left_out |= {"server_only", "standalone_only"}
    if config.getoption("base_url", default=None) and not config.getoption("standalone", default=False):
        left_out.add("standalone_only")
    deselected = [item for item in items if any(item.get_closest_marker(name) for name in left_out)]
    if deselected:
        config.hook.pytest_deselected(items=deselected)
        items[:] = [item for item in items if item not in deselected]


def in_process_app(service: str) -> App:
    """The app with one service alone, as ``offing serve --standalone SERVICE`` serves it."""
    from offing.kernel.app import App
    from offing.kernel.server_settings import ServerSettings
    from offing.kernel.service import chosen
    from offing.kernel.standalone import front

    return App(chosen([service]), ServerSettings(), front)


@contextmanager
def address(config: pytest.Config, service: str, **variables: str) -> Iterator[str]:
    """The address of a server that serves a service; tests that take it need a socket.

    A server that is started for them has ``variables`` as its settings.
    """
    if config.getoption("in_process", default=False):
        pytest.skip("needs a socket")
    given = config.getoption("base_url", default=None)
    if not given:
        with running_server(service, **variables) as url:
            yield url
        return
    url = given.rstrip("/")
    if httpx.get(f"{url}/{service}/livez", timeout=PATIENCE, trust_env=False).status_code == NOT_FOUND:
        pytest.skip(f"{service} is not served there")
    yield url


@contextmanager
def asking_client(request: pytest.FixtureRequest, service: str) -> Iterator[httpx.Client]:
    """A client of the server; redirects are not followed, proxies are not used."""
    if request.config.getoption("in_process", default=False):
        transport = InProcess(in_process_app(service))
        with httpx.Client(transport=transport, base_url="http://in-process", timeout=PATIENCE) as asking:
            yield asking
        return
    url = request.getfixturevalue("base_url")
    with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as asking:
        yield asking


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server with image insights."""
    with address(request.config, "insights") as url:
        yield url


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A client of image insights."""
    with asking_client(request, "insights") as asking:
        yield asking
