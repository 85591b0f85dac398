"""Fetches behind a proxy, a real one on loopback."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest
import trustme

from offing.kernel.fetch import (
    PREFIX,
    AddressRefused,
    Fetched,
    Fetcher,
    FetchSettings,
    NetworkFailed,
)
from offing.kernel.fetch.proxy import read_proxies
from offing.kernel.fetch.url import read_url
from offing.kernel.settings import BadSetting, load
from tests.kernel.fetch.servers import Listener, Names, Proxy, certified, redirect

if TYPE_CHECKING:
    from tests.kernel.fetch.outbound import Outbound

pytestmark = pytest.mark.anyio

PUBLIC = ["8.8.8.8"]
CREDENTIALS = "user:p%40ss:word"
CREDENTIALS_AS_SENT = "Basic " + base64.b64encode(b"user:p@ss:word").decode()


@pytest.fixture
def images(authority: trustme.CA) -> ssl.SSLContext:
    return certified(authority, "images.example")


async def get(url: str, environ: Mapping[str, str], names: Names | None = None, **headers: str) -> Fetched:
    fetcher = Fetcher(load(FetchSettings, PREFIX, environ), resolver=names or Names())
    return await fetcher.fetch(url, max_bytes=1000, seconds=5, headers=headers)


# https


async def test_the_tunnel_is_asked_for_by_the_checked_address_and_tls_verifies_the_name(
    images: ssl.SSLContext, bundle: str, outbound: Outbound
) -> None:
    names = Names(images_example=[PUBLIC, ["10.0.0.5"]])
    async with Listener(tls=images) as listener, Proxy(listener.port) as proxy:
        environ = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}", "SSL_CERT_FILE": bundle}
        fetched = await get("https://images.example:8443/a", environ, names)
        assert fetched.body == b"hello"
        assert proxy.requests[0].line == "CONNECT 8.8.8.8:8443 HTTP/1.1"
        assert listener.names == ["images.example"]
        assert listener.requests[0].headers["host"] == "images.example:8443"
    assert names.asked == ["images.example"]
    assert outbound.connections[0] == ("127.0.0.1", proxy.port)


async def test_a_name_that_only_the_proxy_can_look_up_goes_to_it_by_name(
    images: ssl.SSLContext, bundle: str
) -> None:
    async with Listener(tls=images) as listener, Proxy(listener.port) as proxy:
        environ = {"https_proxy": f"127.0.0.1:{proxy.port}", "CURL_CA_BUNDLE": bundle}
        await get("https://images.example/", environ)
        assert proxy.requests[0].line == "CONNECT images.example:443 HTTP/1.1"


async def test_the_next_address_is_asked_for_where_the_proxy_cannot_reach_one(
    images: ssl.SSLContext, bundle: str
) -> None:
    names = Names(images_example=[["2606:4700::1", "8.8.8.8"]])
    async with (
        Listener(tls=images) as listener,
        Proxy(listener.port, refuse=["[2606:4700::1]:443"]) as proxy,
    ):
        environ = {"ALL_PROXY": f"http://127.0.0.1:{proxy.port}", "REQUESTS_CA_BUNDLE": bundle}
        await get("https://images.example/", environ, names)
        assert [each.target for each in proxy.requests] == ["[2606:4700::1]:443", "8.8.8.8:443"]


async def test_a_proxy_that_refuses_is_a_failed_network(bundle: str) -> None:
    async with Proxy(1, refuse=["8.8.8.8:443"]) as proxy:
        environ = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}", "SSL_CERT_FILE": bundle}
        with pytest.raises(NetworkFailed):
            await get("https://images.example/", environ, Names(images_example=[PUBLIC]))


async def test_a_proxy_cannot_stand_in_for_the_server(images: ssl.SSLContext) -> None:
    async with Listener(tls=images) as listener, Proxy(listener.port) as proxy:
        environ = {"HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}"}
        with pytest.raises(NetworkFailed):
            await get("https://images.example/", environ, Names(images_example=[PUBLIC]))
        assert listener.requests == []


async def test_a_proxy_may_itself_be_reached_over_tls(
    authority: trustme.CA, images: ssl.SSLContext, bundle: str
) -> None:
    tls = certified(authority, "proxy.example")
    names = Names(images_example=[PUBLIC], proxy_example=[["127.0.0.1"]])
    async with Listener(tls=images) as listener, Proxy(listener.port, tls=tls) as proxy:
        environ = {"HTTPS_PROXY": f"https://proxy.example:{proxy.port}", "SSL_CERT_FILE": bundle}
        assert (await get("https://images.example/", environ, names)).status == 200
        assert proxy.names == ["proxy.example"]


# http


async def test_an_http_url_goes_to_the_proxy_whole(outbound: Outbound) -> None:
    names = Names(images_example=[PUBLIC])
    async with Listener() as listener, Proxy(listener.port) as proxy:
        fetched = await get("http://images.example/a?b=c", {"HTTP_PROXY": f"127.0.0.1:{proxy.port}"}, names)
        assert proxy.requests[0].line == "GET http://images.example/a?b=c HTTP/1.1"
        assert proxy.requests[0].headers["host"] == "images.example"
    assert (fetched.body, fetched.url) == (b"hello", "http://images.example/a?b=c")
    assert outbound.connections[0] == ("127.0.0.1", proxy.port)


async def test_the_proxys_password_goes_to_the_proxy_and_no_further(
    images: ssl.SSLContext, bundle: str
) -> None:
    names = Names(images_example=[PUBLIC])
    async with Listener(tls=images) as listener, Proxy(listener.port) as proxy:
        environ = {"HTTPS_PROXY": f"http://{CREDENTIALS}@127.0.0.1:{proxy.port}", "SSL_CERT_FILE": bundle}
        await get("https://images.example/", environ, names, Authorization="mine")
    assert proxy.requests[0].headers["proxy-authorization"] == CREDENTIALS_AS_SENT
    assert "authorization" not in proxy.requests[0].headers
    assert "proxy-authorization" not in listener.requests[0].headers
    assert listener.requests[0].headers["authorization"] == "mine"


async def test_the_proxys_password_goes_with_an_http_url() -> None:
    async with Listener() as listener, Proxy(listener.port) as proxy:
        environ = {"HTTP_PROXY": f"http://{CREDENTIALS}@127.0.0.1:{proxy.port}"}
        await get("http://images.example/", environ, Names(images_example=[PUBLIC]))
    assert proxy.requests[0].headers["proxy-authorization"] == CREDENTIALS_AS_SENT


# What stays refused


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "2852039166", "[::ffff:10.0.0.1]", "machine.example", "localhost", "intranet",
     "metadata.google.internal", "printer.local", "router.home.arpa"],
)  # fmt: skip
async def test_what_is_not_public_is_refused_before_the_proxy_hears_of_it(
    scheme: str, host: str, outbound: Outbound
) -> None:
    names = Names(machine_example=[["8.8.8.8", "10.0.0.5"]])
    async with Proxy(1) as proxy:
        with pytest.raises(AddressRefused):
            await get(f"{scheme}://{host}/", {"ALL_PROXY": f"http://127.0.0.1:{proxy.port}"}, names)
        assert proxy.connections == 0
    assert outbound.connections == []


async def test_a_redirect_to_what_is_not_public_is_refused_behind_a_proxy() -> None:
    names = Names(images_example=[PUBLIC])
    async with Listener(redirect("http://169.254.169.254/")) as listener, Proxy(listener.port) as proxy:
        with pytest.raises(AddressRefused):
            await get("http://images.example/", {"HTTP_PROXY": f"127.0.0.1:{proxy.port}"}, names)
        assert proxy.connections == 1


# Which proxy


def test_a_scheme_has_its_own_proxy_and_all_proxy_the_rest() -> None:
    proxies = read_proxies(FetchSettings(http_proxy="a.example:1", all_proxy="https://[2606:4700::1]/"))
    http, https = (proxies.for_url(read_url(f"{each}://x.example")) for each in ("http", "https"))
    assert http is not None
    assert (http.scheme, str(http.host), http.port, http.credentials) == ("http", "a.example", 1, None)
    assert https is not None
    assert (https.scheme, str(https.host), https.port) == ("https", "[2606:4700::1]", 443)


@pytest.mark.parametrize(
    ("entry", "url", "bypassed"),
    [
        ("*", "http://x.example", True),
        ("example", "http://x.example", True),
        (".x.example", "http://x.example", True),
        ("*.x.example", "http://a.b.x.example", True),
        ("X.Example", "http://x.example", True),
        ("x.example", "http://ax.example", False),
        ("x.example:81", "http://x.example:81", True),
        ("x.example:81", "http://x.example", False),
        ("8.8.8.8", "http://8.8.8.8", True),
        ("8.8.0.0/16", "http://8.8.8.8", True),
        ("8.8.8.8/16", "http://134744072", True),
        ("8.9.0.0/16", "http://8.8.8.8", False),
        ("8.8.8.8:80", "http://8.8.8.8", True),
        ("8.8", "http://8.8.8.8", False),
        ("2606:4700::/32", "http://[2606:4700::1]", True),
        ("[2606:4700::1]:80", "http://[2606:4700::1]", True),
        ("2606:4700::1", "http://x.example", False),
        ("[", "http://x.example", False),
        ("", "http://x.example", False),
        (".", "http://x.example", False),
    ],
)
def test_no_proxy_names_what_goes_straight(entry: str, url: str, bypassed: bool) -> None:  # noqa: FBT001
    settings = FetchSettings(all_proxy="proxy.example:1", no_proxy=("other.example", entry))
    assert (read_proxies(settings).for_url(read_url(url)) is None) == bypassed


async def test_what_bypasses_the_proxy_is_connected_to_its_checked_address() -> None:
    environ = {"NO_PROXY": "images.example", "OFFING_FETCH_ALLOW_NETWORKS": "127.0.0.0/8"}
    names = Names(images_example=[["127.0.0.1"], ["10.0.0.5"]])
    async with Listener() as listener, Proxy(1) as proxy:
        environ["HTTP_PROXY"] = f"127.0.0.1:{proxy.port}"
        await get(f"http://images.example:{listener.port}/", environ, names)
        assert (listener.connections, proxy.connections) == (1, 0)


@pytest.mark.parametrize(
    "value",
    [
        "socks5://secret:1",
        "http://",
        "http://a b:1",
        "http://secret:1/path",
        "secret:x",
        "http://256.1.1.1:1",
    ],
)
def test_a_proxy_that_cannot_be_read_is_a_bad_setting_that_does_not_show_it(value: str) -> None:
    with pytest.raises(BadSetting) as caught:
        Fetcher(FetchSettings(http_proxy=value))
    assert "secret" not in str(caught.value)
