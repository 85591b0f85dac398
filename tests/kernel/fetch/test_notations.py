"""No way to write an address, in a URL or in a redirect, reaches one that is not public."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.kernel.fetch import AddressRefused, BadUrl, Fetched, Fetcher, FetchProblem, FetchSettings
from offing.kernel.fetch.guard import Guard
from offing.kernel.fetch.url import read_url
from tests.kernel.fetch.notations import AMBIGUOUS, OTHERS, loopback
from tests.kernel.fetch.servers import Listener, Names, redirect

if TYPE_CHECKING:
    from tests.kernel.fetch.outbound import Outbound

pytestmark = pytest.mark.anyio

REDIRECTS = [301, 302, 303, 307, 308]


def fetching(fetcher: Fetcher, url: str) -> Awaitable[Fetched]:
    return fetcher.fetch(url, max_bytes=1000, seconds=5)


def test_the_notations_are_many() -> None:
    assert len(set(loopback(1)) | set(OTHERS)) > 90


@pytest.mark.parametrize("host", [*loopback(1), *OTHERS, "localhost", "LOCALHOST.", "machine"])
async def test_no_notation_reaches_an_address_that_is_not_public(host: str, outbound: Outbound) -> None:
    names = Names(localhost=[["127.0.0.1", "::1"]], machine=[["10.0.0.5"]])
    async with Listener() as listener:
        with pytest.raises(AddressRefused):
            await fetching(Fetcher(resolver=names), f"http://{host}:{listener.port}/")
        assert listener.connections == 0
    assert outbound.connections == []
    assert outbound.lookups == []


@pytest.mark.parametrize("host", AMBIGUOUS)
async def test_a_host_with_two_meanings_is_refused_before_anything_is_asked(
    host: str, outbound: Outbound
) -> None:
    names = Names()
    with pytest.raises(BadUrl):
        await fetching(Fetcher(resolver=names), f"http://{host}/")
    assert (names.asked, outbound.connections, outbound.lookups) == ([], [], [])


async def test_the_systems_own_answer_for_localhost_is_refused(outbound: Outbound) -> None:
    with pytest.raises(AddressRefused):
        await fetching(Fetcher(), "http://localhost/")
    assert outbound.lookups == ["localhost"]
    assert outbound.connections == []


@pytest.mark.parametrize("host", [*loopback(2), *OTHERS, "machine"])
async def test_a_redirect_by_no_notation_reaches_an_address_that_is_not_public(
    host: str, outbound: Outbound
) -> None:
    names = Names(machine=[["10.0.0.5"]])
    fetcher = Fetcher(FetchSettings(allow_networks=("127.0.0.1/32",)), resolver=names)
    status = REDIRECTS[len(host) % len(REDIRECTS)]
    async with Listener(redirect(f"http://{host}/", status)) as listener:
        with pytest.raises(AddressRefused):
            await fetching(fetcher, f"http://127.0.0.1:{listener.port}/")
        assert listener.connections == 1
        assert outbound.connections == [("127.0.0.1", listener.port)]


@pytest.mark.parametrize("host", AMBIGUOUS)
async def test_a_redirect_to_a_host_with_two_meanings_is_refused(host: str, outbound: Outbound) -> None:
    fetcher = Fetcher(FetchSettings(allow_networks=("127.0.0.1/32",)), resolver=Names())
    location = f"http://{host}/".encode("utf-8", "surrogatepass").decode("latin-1")
    answer = redirect("LOCATION").replace(b"LOCATION", location.encode("latin-1"))
    async with Listener(answer) as listener:
        with pytest.raises(BadUrl):
            await fetching(fetcher, f"http://127.0.0.1:{listener.port}/")
        assert outbound.connections == [("127.0.0.1", listener.port)]


@given(
    host=st.one_of(
        st.ip_addresses(v=4).map(str),
        st.ip_addresses(v=6).map("[{}]".format),
        st.integers(0, 2**32).map(str),
        st.text(st.sampled_from("0123456789abcdefx.:[]%"), min_size=1, max_size=20),
    )
)
def test_whatever_the_host_only_checked_addresses_would_be_connected_to(host: str) -> None:
    async def unknown(_host: str, _port: int) -> Sequence[str]:
        return ["8.8.8.8"]

    try:
        url = read_url(f"http://{host}/")
        addresses = asyncio.run(Guard((), unknown).checked(url.host, url.port))
    except FetchProblem:
        return
    assert all(each.is_global for each in addresses)
