"""The server that the tests of Xet ask, and the hub behind it, which must hold what they ask for.

A server that is started for them gets a hub of its own. The hub behind a server at a given URL is another's
matter: without ``--xet-hub`` what needs its files is skipped where they are not there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import httpx
import pytest

from tests.contract.asking import PATIENCE
from tests.contract.conftest import address, asking_client, in_process_app
from tests.contract.in_process import InProcess
from tests.contract.xet.content import MODEL, PUBLIC, fill, sha256
from tests.xet.hub_fixture import running_hub

MODEL_PATH = f"/download/{PUBLIC}/model.bin"


@contextmanager
def hub_settings(folder: Path) -> Iterator[Mapping[str, str]]:
    """Settings of a server whose hub runs here, and holds what the contract asks for."""
    with running_hub(folder) as hub:
        fill(hub.base)
        yield {"HF_ENDPOINT": hub.base, "OFFING_XET_CACHE_DIR": str(folder / "cache"), "HF_TOKEN": ""}


@pytest.fixture(scope="session")
def variables(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, str]]:
    """Settings of a server that is started here; its hub runs as long as they are needed."""
    if request.config.getoption("base_url", default=None):
        yield {}
        return
    with hub_settings(tmp_path_factory.mktemp("contract")) as settings:
        yield settings


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest, variables: Mapping[str, str]) -> Iterator[str]:
    """The address of a server with Xet downloads."""
    with address(request.config, "xet", **variables) as url:
        yield url


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest, variables: Mapping[str, str]) -> Iterator[httpx.Client]:
    """A client of Xet downloads."""
    if not request.config.getoption("in_process", default=False):
        with asking_client(request, "xet") as asking:
            yield asking
        return
    with patch.dict(os.environ, variables):
        app = in_process_app("xet")
    transport = InProcess(app)
    with httpx.Client(transport=transport, base_url="http://in-process", timeout=PATIENCE) as asking:
        yield asking


@pytest.fixture(scope="session")
def held(request: pytest.FixtureRequest, client: httpx.Client) -> httpx.Client:
    """The client, where the hub holds what the contract asks for."""
    try:
        found = client.head(MODEL_PATH).headers.get("etag") == f'"{sha256(MODEL)}"'
    except httpx.TimeoutException:
        found = False
    own = not request.config.getoption("base_url", default=None)
    if not found and not own and not request.config.getoption("xet_hub", default=False):
        pytest.skip("the hub behind that server does not hold what tests/contract/xet/prepare.py makes")
    assert found, "the hub does not hold what the contract asks for"
    return client
