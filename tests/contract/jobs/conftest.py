"""The server that the tests of jobs ask: the gateway or the Worker. One service alone has no jobs.

A gateway that is started for them has a hub of its own; at a given URL what needs a hub's files is skipped
without ``--xet-hub`` where they are not there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from unittest.mock import patch

import httpx
import pytest

from offing.gateway.front import front
from offing.kernel.app import App
from offing.kernel.server_settings import ServerSettings
from offing.kernel.service import chosen
from tests.contract.asking import PATIENCE
from tests.contract.in_process import InProcess
from tests.contract.running import running_gateway
from tests.contract.xet.conftest import MODEL_PATH, hub_settings
from tests.contract.xet.content import MODEL, sha256

SERVICES = ("ocr", "xet")


@pytest.fixture(scope="session")
def variables(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, str]]:
    """Settings of a gateway that is started here; its hub runs as long as they are needed."""
    if request.config.getoption("base_url", default=None):
        yield {}
        return
    folder = tmp_path_factory.mktemp("jobs")
    with hub_settings(folder) as settings:
        yield {**settings, "OFFING_JOBS_DIR": str(folder / "jobs")}


@pytest.fixture(scope="session")
def served(request: pytest.FixtureRequest, variables: Mapping[str, str]) -> Iterator[httpx.Client]:
    """A client of a server with jobs; redirects are not followed, proxies are not used."""
    given = request.config.getoption("base_url", default=None)
    if request.config.getoption("standalone", default=False):
        pytest.skip("one service alone has no jobs")
    if request.config.getoption("in_process", default=False):
        with patch.dict(os.environ, variables):
            app = App(chosen(SERVICES), ServerSettings(), front)
        with httpx.Client(transport=InProcess(app), base_url="http://in-process", timeout=PATIENCE) as asking:
            yield asking
    elif given:
        with httpx.Client(base_url=given.rstrip("/"), timeout=PATIENCE, trust_env=False) as asking:
            yield asking
    else:
        with (
            running_gateway(*SERVICES, **variables) as url,
            httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as asking,
        ):
            yield asking


@pytest.fixture(scope="session")
def client(served: httpx.Client) -> httpx.Client:
    """The client, where OCR is served."""
    if served.get("/ocr/livez").status_code == 404:
        pytest.skip("ocr is not served there")
    return served


@pytest.fixture(scope="session")
def held(request: pytest.FixtureRequest, served: httpx.Client) -> httpx.Client:
    """The client, where Xet is served and the hub holds what the contract asks for."""
    if served.get("/xet/livez").status_code == 404:
        pytest.skip("xet is not served there")
    try:
        found = served.head(MODEL_PATH).headers.get("etag") == f'"{sha256(MODEL)}"'
    except httpx.TimeoutException:
        found = False
    own = not request.config.getoption("base_url", default=None)
    if not found and not own and not request.config.getoption("xet_hub", default=False):
        pytest.skip("the hub behind that server does not hold what tests/contract/xet/prepare.py makes")
    assert found, "the hub does not hold what the contract asks for"
    return served
