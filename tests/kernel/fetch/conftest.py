"""Every test here runs on loopback only, and what it tries to reach is watched."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pytest
import trustme

from tests.kernel.fetch.outbound import Outbound

_watching: list[Outbound] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event == "socket.connect":
        _watching[-1].connect(arguments[1])
    if event == "socket.getaddrinfo":
        _watching[-1].look_up(arguments[0])


# Python's own audit events see each attempt to connect or look up, also one that would fail.
sys.addaudithook(_audit)


@pytest.fixture(autouse=True)
def outbound() -> Iterator[Outbound]:
    """What the test tries to connect to; anything but loopback fails the test before it is sent."""
    _watching.append(Outbound())
    yield _watching[-1]
    _watching.pop()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file by which a fetcher trusts that authority."""
    place = tmp_path_factory.mktemp("authority") / "authority.pem"
    authority.cert_pem.write_to_path(place)
    return str(place)
