"""Every test here runs on both event loops, on loopback only."""

from __future__ import annotations

import ssl

import pytest
import trustme

from tests.xet.wire.origins import LOOPS


@pytest.fixture(params=list(LOOPS))
def loop(request: pytest.FixtureRequest) -> str:
    """The name of the event loop."""
    return str(request.param)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The file by which a client trusts that authority."""
    place = tmp_path_factory.mktemp("authority") / "authority.pem"
    authority.cert_pem.write_to_path(place)
    return str(place)


@pytest.fixture
def certified(authority: trustme.CA) -> ssl.SSLContext:
    """What a server needs to be hub.example and 127.0.0.1."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("hub.example", "127.0.0.1").configure_cert(context)
    return context
