"""The URL route reaches no address that is not public, however it is written and whoever names it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.insights.pictures_at_urls import BLACK, PATIENT, ask, error_of, image, place, with_each
from tests.insights.serving import serving
from tests.kernel.fetch.notations import AMBIGUOUS, OTHERS, loopback
from tests.kernel.fetch.servers import Listener, redirect

pytestmark = pytest.mark.anyio

SECRET = "user:secret@"  # noqa: S105  what must not be told
REFUSED = "URLs pointing to private or local network addresses are not allowed"


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A server that may fetch from loopback, and waits long."""
    async with serving(**PATIENT) as client:
        yield client


@pytest.fixture(scope="module")
async def guarded() -> AsyncIterator[httpx.AsyncClient]:
    """A server with the default settings."""
    async with serving() as client:
        yield client


async def test_a_url_with_credentials_is_refused_without_telling_them(client: httpx.AsyncClient) -> None:
    async with Listener(image()) as listener:
        response = await ask(client, place(listener, before=SECRET))
        assert error_of(response, 400)["error"] == "Invalid URL"
        assert "secret" not in response.text
        assert not listener.connections


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]:80/",
        "http://0/",
        "//192.168.0.1/",
    ],
)
async def test_a_redirect_to_a_refused_address_is_400(client: httpx.AsyncClient, location: str) -> None:
    async with Listener(redirect(location)) as listener:
        response = await ask(client, place(listener))
    assert error_of(response, 400) == {"error": "Invalid URL", "detail": REFUSED}


async def test_a_redirect_to_another_scheme_is_400(client: httpx.AsyncClient) -> None:
    async with Listener(redirect("file:///etc/passwd")) as listener:
        assert error_of(await ask(client, place(listener)), 400)["error"] == "Invalid URL"


@pytest.mark.parametrize("host", [*loopback(1), "localhost", "LOCALHOST.", "0", "[::]", "0x0", "127.1"])
async def test_no_notation_of_loopback_is_reached_by_default(guarded: httpx.AsyncClient, host: str) -> None:
    async with Listener(image()) as listener:
        error = error_of(await ask(guarded, f"http://{host}:{listener.port}/"), 400)
    assert error["error"] == "Invalid URL"
    assert not listener.connections


async def test_no_other_address_that_is_not_public_is_reached(guarded: httpx.AsyncClient) -> None:
    for host in OTHERS:
        error = error_of(await ask(guarded, f"http://{host}/"), 400)
        assert error == {"error": "Invalid URL", "detail": REFUSED}, host


async def test_what_readers_of_addresses_disagree_about_is_not_fetched(guarded: httpx.AsyncClient) -> None:
    for host in AMBIGUOUS:
        response = await ask(guarded, f"http://{host}:9/")
        if host.isprintable():
            assert error_of(response, 400)["error"] == "Invalid URL", host
        else:
            assert response.status_code == 422, host  # half a surrogate pair: JSON knows it, Unicode does not


async def test_an_address_once_allowed_is_checked_again_for_a_known_url(client: httpx.AsyncClient) -> None:
    """What was seen at a URL opens no way around the checks: a redirect that comes later is refused."""
    answers = image(BLACK, 'ETag: "1"\r\n'), redirect("http://10.0.0.1/")
    async with Listener(with_each(*answers)) as listener:
        assert (await ask(client, place(listener))).status_code == 200
        assert error_of(await ask(client, place(listener)), 400)["detail"] == REFUSED
