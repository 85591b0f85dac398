"""Where the contract suite finds the server it asks.

By default it starts the real server, with image insights alone, in a process of its own. Otherwise:

``--base-url URL``   ask the server that runs there;
``--standalone``     the server at that URL is image insights alone, as in its container;
``--through-edge``   that URL is the Worker: what only the server itself promises is left out;
``--in-process``     drive the app in this process, without a socket.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import httpx
import pytest

from tests.contract.asking import PATIENCE
from tests.contract.in_process import InProcess
from tests.contract.running import running_server

if TYPE_CHECKING:
    from offing.kernel.app import App

MARKERS = {
    "server_only": "holds for the server itself; not asked through the Worker",
    "standalone_only": "holds where image insights is served alone; not asked of the gateway or the Worker",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract", "the contract suite")
    group.addoption("--base-url", help="ask the server at this URL instead of starting one")
    group.addoption("--standalone", action="store_true", help="it serves image insights alone")
    group.addoption("--through-edge", action="store_true", help="it is the Worker")
    group.addoption("--in-process", action="store_true", help="drive the app without a socket")


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


def in_process_app() -> App:
    """The app with image insights alone, as ``offing serve --standalone insights`` serves it."""
    from offing.kernel.app import App
    from offing.kernel.server_settings import ServerSettings
    from offing.kernel.service import chosen
    from offing.kernel.standalone import front

    return App(chosen(["insights"]), ServerSettings(), front)


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of the server; tests that take it need a socket."""
    if request.config.getoption("in_process", default=False):
        pytest.skip("needs a socket")
    given = request.config.getoption("base_url", default=None)
    if given:
        yield given.rstrip("/")
        return
    with running_server() as url:
        yield url


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A client of the server; redirects are not followed, proxies are not used."""
    if request.config.getoption("in_process", default=False):
        transport = InProcess(in_process_app())
        with httpx.Client(transport=transport, base_url="http://in-process", timeout=PATIENCE) as asking:
            yield asking
        return
    url = request.getfixturevalue("base_url")
    with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as asking:
        yield asking
