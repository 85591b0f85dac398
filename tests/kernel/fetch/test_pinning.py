"""What has been checked is what is connected to, and TLS still verifies the name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import trustme

from offing.kernel.fetch import (
    AddressRefused,
    BadUrl,
    Fetched,
    Fetcher,
    FetchSettings,
    FetchTimedOut,
    NetworkFailed,
)
from tests.kernel.fetch.servers import Listener, Names, answer, certified, redirect, silent

if TYPE_CHECKING:
    from tests.kernel.fetch.outbound import Outbound

pytestmark = pytest.mark.anyio

PRIVATE = "10.0.0.5"
LOOPBACK = ["127.0.0.1"]


def fetcher(names: Names, ca_bundle: str = "", allow: tuple[str, ...] = ("127.0.0.1/32",)) -> Fetcher:
    return Fetcher(FetchSettings(allow_networks=allow, ca_bundle=ca_bundle), resolver=names)


async def get(client: Fetcher, url: str) -> Fetched:
    return await client.fetch(url, max_bytes=1000, seconds=5)


async def test_a_name_is_looked_up_once_and_its_checked_address_is_connected_to(outbound: Outbound) -> None:
    names = Names(images_example=[LOOPBACK, [PRIVATE]])
    async with Listener() as listener:
        fetched = await get(fetcher(names), f"http://images.example:{listener.port}/a?b=c")
        assert listener.requests[0].headers["host"] == f"images.example:{listener.port}"
        assert listener.requests[0].target == "/a?b=c"
    assert fetched.body == b"hello"
    assert names.asked == ["images.example"]
    assert outbound.connections == [("127.0.0.1", listener.port)]
    assert outbound.lookups == []


async def test_a_resolver_that_changes_its_answer_is_caught_at_the_next_hop(outbound: Outbound) -> None:
    names = Names(images_example=[LOOPBACK, [PRIVATE]])
    async with Listener(redirect("/again")) as listener:
        with pytest.raises(AddressRefused):
            await get(fetcher(names), f"http://images.example:{listener.port}/")
    assert names.asked == ["images.example", "images.example"]
    assert outbound.connections == [("127.0.0.1", listener.port)]


async def test_each_hop_asks_once(outbound: Outbound) -> None:
    names = Names(a_example=[LOOPBACK, [PRIVATE]], b_example=[LOOPBACK, [PRIVATE]])
    async with Listener() as last, Listener(redirect(f"http://b.example:{last.port}/")) as first:
        await get(fetcher(names), f"http://a.example:{first.port}/")
    assert names.asked == ["a.example", "b.example"]
    assert outbound.connections == [("127.0.0.1", first.port), ("127.0.0.1", last.port)]


@pytest.mark.parametrize(
    "addresses",
    [
        ["8.8.8.8", PRIVATE],
        [PRIVATE, "8.8.8.8"],
        ["2606:4700::1", "::ffff:10.0.0.5"],
        ["8.8.8.8", "fe80::1%1"],
        ["8.8.8.8", "not an address"],
        ["127.0.0.1", "127.0.0.2"],
    ],
)
async def test_one_address_of_many_that_is_not_permitted_refuses_the_name(
    addresses: list[str], outbound: Outbound
) -> None:
    with pytest.raises(AddressRefused):
        await get(fetcher(Names(mixed_example=[addresses])), "http://mixed.example/")
    assert outbound.connections == []


async def test_the_next_checked_address_is_tried_where_one_does_not_answer(outbound: Outbound) -> None:
    names = Names(images_example=[["127.0.0.2", "127.0.0.1"]])
    async with Listener() as listener:
        await get(fetcher(names, allow=("127.0.0.0/8",)), f"http://images.example:{listener.port}/")
    assert outbound.connections == [("127.0.0.2", listener.port), ("127.0.0.1", listener.port)]


async def test_the_families_take_turns_and_few_addresses_are_tried(outbound: Outbound) -> None:
    async with Listener() as listener:
        closed = listener.port
    addresses = ["::1", "::1", *(f"127.0.0.{each}" for each in range(1, 100))]
    client = fetcher(Names(images_example=[addresses]), allow=("127.0.0.0/8", "::1/128"))
    with pytest.raises(NetworkFailed):
        await get(client, f"http://images.example:{closed}/")
    tried = [host for host, _ in outbound.connections]
    assert tried == ["::1", "127.0.0.1", "::1", *(f"127.0.0.{each}" for each in range(2, 7))]


async def test_an_address_that_never_answers_leaves_time_for_the_next() -> None:
    names = Names(images_example=[["127.0.0.2", "127.0.0.1"]], silent_example=[["127.0.0.2"]])
    client = fetcher(names, allow=("127.0.0.0/8",))
    async with Listener() as listener:
        with silent("127.0.0.2", listener.port):
            url = f"http://images.example:{listener.port}/"
            assert (await client.fetch(url, max_bytes=100, seconds=1)).status == 200
            url = f"http://silent.example:{listener.port}/"
            with pytest.raises(FetchTimedOut):
                await client.fetch(url, max_bytes=100, seconds=0.2)


async def test_a_name_without_addresses_is_a_failed_network() -> None:
    with pytest.raises(NetworkFailed):
        await get(fetcher(Names(empty_example=[[]])), "http://empty.example/")
    with pytest.raises(NetworkFailed):
        await get(fetcher(Names()), "http://unknown.example/")


async def test_over_tls_host_sni_and_certificate_stay_the_names(
    authority: trustme.CA, bundle: str, outbound: Outbound
) -> None:
    names = Names(images_example=[LOOPBACK, [PRIVATE]])
    async with Listener(tls=certified(authority, "images.example")) as listener:
        fetched = await get(fetcher(names, bundle), f"https://images.example:{listener.port}/")
        assert listener.names == ["images.example"]
        assert listener.requests[0].headers["host"] == f"images.example:{listener.port}"
    assert fetched.url == f"https://images.example:{listener.port}/"
    assert outbound.connections == [("127.0.0.1", listener.port)]


async def test_the_certificate_of_another_name_is_refused(authority: trustme.CA, bundle: str) -> None:
    async with Listener(tls=certified(authority, "other.example", "127.0.0.1")) as listener:
        with pytest.raises(NetworkFailed):
            await get(
                fetcher(Names(images_example=[LOOPBACK]), bundle), f"https://images.example:{listener.port}/"
            )
        assert listener.requests == []


async def test_a_certificate_that_the_system_does_not_trust_is_refused(authority: trustme.CA) -> None:
    async with Listener(tls=certified(authority, "images.example")) as listener:
        with pytest.raises(NetworkFailed):
            await get(fetcher(Names(images_example=[LOOPBACK])), f"https://images.example:{listener.port}/")
        assert listener.requests == []


async def test_a_certificate_for_an_address_serves_a_url_with_that_address(
    authority: trustme.CA, bundle: str
) -> None:
    async with Listener(tls=certified(authority, "127.0.0.1")) as listener:
        assert (await get(fetcher(Names(), bundle), f"https://127.0.0.1:{listener.port}/")).status == 200


async def test_a_redirect_from_https_to_http_is_refused(authority: trustme.CA, bundle: str) -> None:
    names = Names(images_example=[LOOPBACK])
    async with Listener(answer()) as plain:
        downgrade = redirect(f"http://images.example:{plain.port}/")
        async with Listener(downgrade, tls=certified(authority, "images.example")) as listener:
            with pytest.raises(BadUrl):
                await get(fetcher(names, bundle), f"https://images.example:{listener.port}/")
        assert plain.connections == 0


async def test_a_redirect_from_http_to_https_is_followed(authority: trustme.CA, bundle: str) -> None:
    names = Names(images_example=[LOOPBACK])
    async with (
        Listener(tls=certified(authority, "images.example")) as secure,
        Listener(redirect(f"https://images.example:{secure.port}/")) as listener,
    ):
        fetched = await get(fetcher(names, bundle), f"http://images.example:{listener.port}/")
    assert fetched.url == f"https://images.example:{secure.port}/"
