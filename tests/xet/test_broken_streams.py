"""Downloads that fail once they have begun, and clients that leave: nothing passes for a whole file."""

from __future__ import annotations

import hashlib
import random
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from offing.xet.hub.faults import Rule
from tests.xet.hub_fixture import OWNER_TOKEN, RunningHub, running_hub
from tests.xet.proxy_fixture import ProxyProcess, RunningProxy, running_proxy, until

BIG = random.Random(21).randbytes(24_000_000)  # noqa: S311  the same bytes in every run
PATH = "/download/acme/big/big.bin"
CURL = shutil.which("curl") or ""
PARTIAL_FILE, RANGE_ERROR = 18, 33
"""Exit codes of curl."""
SECRET_WORDS = (OWNER_TOKEN, "hf_mistyped", "hf_of_the_service", "signature", "big.bin")

needs_curl = pytest.mark.skipif(not CURL, reason="curl is not installed")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        hub.upload("acme/big", {"big.bin": BIG}, private=True)
        yield hub


def curl(*arguments: str) -> int:
    """The exit code of curl."""
    token = ("-H", f"Authorization: Bearer {OWNER_TOKEN}")
    return subprocess.run([CURL, "-sf", "-m", "60", *token, *arguments], check=False).returncode


@needs_curl
@pytest.mark.parametrize("cache_bytes", ["1000000000", "0"], ids=["cached", "uncached"])
@pytest.mark.parametrize("place", [2_000_000, len(BIG) - 50_000], ids=["early", "in the last bytes"])
def test_a_file_that_turns_out_wrong_breaks_the_connection(
    hub: RunningHub, tmp_path: Path, place: int, cache_bytes: str
) -> None:
    hub.set_faults(Rule(what="flip", on="xorb", at=place))
    got = tmp_path / "got"
    with running_proxy(hub, tmp_path / "cache", OFFING_XET_CACHE_BYTES=cache_bytes) as proxy:
        assert curl("-o", str(got), proxy.base + PATH) == PARTIAL_FILE
        assert 0 < got.stat().st_size < len(BIG)
        hub.set_faults()
        assert curl("-o", str(got), proxy.base + PATH) == 0
    assert got.read_bytes() == BIG


@needs_curl
def test_a_store_that_breaks_down_midway_breaks_the_connection_and_the_rest_is_fetched_later(
    hub: RunningHub, tmp_path: Path
) -> None:
    got = tmp_path / "got"
    hub.set_faults(Rule(what="status", on="reconstruction", first=2, status=500))
    settings = {"OFFING_XET_PATIENCE_SECONDS": "1"}
    with running_proxy(hub, tmp_path / "cache", **settings) as proxy:
        assert curl("-o", str(got), proxy.base + PATH) == PARTIAL_FILE
        had = got.stat().st_size
        assert 0 < had < len(BIG)
        assert BIG.startswith(got.read_bytes())
        hub.set_faults()
        assert curl("-C", "-", "-o", str(got), proxy.base + PATH) == 0
    assert got.read_bytes() == BIG


@needs_curl
def test_curl_that_has_it_all_is_not_sent_it_again(service: RunningProxy, tmp_path: Path) -> None:
    got = tmp_path / "got"
    assert curl("-o", str(got), service.base + PATH) == 0
    # It asks for the bytes behind the last: 416, which one version takes for the end, another for an error.
    assert curl("-C", "-", "-o", str(got), service.base + PATH) in {0, 22, RANGE_ERROR}
    assert got.read_bytes() == BIG


def test_a_client_that_leaves_ends_what_was_fetched_for_it_alone(
    service: RunningProxy, hub: RunningHub
) -> None:
    hub.set_faults(megabytes_per_second=4.0)
    port = int(hub.base.rpartition(":")[2])
    before = _established(port)
    _leave_after(service, 1_000_000)
    until(lambda: service.metric('offing_busy{engine="xet.streams"}') == 0)
    # Connections that wait for the next question stay; those that carried content are gone.
    until(lambda: _established(port) <= before + 3)
    sent = hub.log.totals["xorb"].bytes
    with pytest.raises(AssertionError):
        until(lambda: hub.log.totals["xorb"].bytes > sent + 1_000_000, 0.6)
    assert sent < len(BIG) // 2


def test_a_client_that_leaves_takes_nothing_from_one_that_stays(
    service: RunningProxy, hub: RunningHub
) -> None:
    hub.set_faults(megabytes_per_second=8.0)
    whole = hashlib.sha256()
    with service.client(OWNER_TOKEN) as client, client.stream("GET", PATH) as staying:
        pieces = staying.iter_bytes(100_000)
        whole.update(next(pieces))
        _leave_after(service, 500_000)
        hub.set_faults()
        for piece in pieces:
            whole.update(piece)
    assert whole.digest() == hashlib.sha256(BIG).digest()
    assert hub.log.totals["xorb"].bytes <= 1.1 * len(BIG)


def test_beyond_the_streams_allowed_it_is_503_with_retry_after(hub: RunningHub, tmp_path: Path) -> None:
    hub.set_faults(megabytes_per_second=1.0)
    with (
        running_proxy(hub, tmp_path / "cache", OFFING_XET_STREAMS="2") as proxy,
        proxy.client(OWNER_TOKEN) as client,
    ):
        with client.stream("GET", PATH) as first, client.stream("GET", PATH) as second:
            assert (first.status_code, second.status_code) == (200, 200)
            refused = client.get(PATH, headers={"Range": "bytes=0-1"})
            assert refused.status_code == 503
            assert refused.json()["code"] == "overloaded"
            assert int(refused.headers["retry-after"]) >= 1
            # What costs no stream is answered all the same.
            assert client.head(PATH).status_code == 200
            assert client.get("/api/models/acme/big").status_code == 200
        until(lambda: proxy.metric('offing_busy{engine="xet.streams"}') == 0)
        hub.set_faults()
        assert client.get(PATH, headers={"Range": "bytes=0-1"}).content == BIG[:2]


def test_tokens_and_names_are_in_no_log(hub: RunningHub, tmp_path: Path) -> None:
    settings = {"HF_TOKEN": "hf_of_the_service", "OFFING_LOG_LEVEL": "debug"}
    process = ProxyProcess(hub, tmp_path / "cache", tmp_path / "said", **settings)
    process.start()
    try:
        with httpx.Client(base_url=process.base, trust_env=False, timeout=30) as client:
            for token in (OWNER_TOKEN, "hf_mistyped", "~"):
                headers = {"Authorization": f"Bearer {token}"}
                for path in (PATH, PATH + "none", "/repos/acme/big", "/api/models/acme/big", "/api/x"):
                    client.get(path, headers={**headers, "Range": "bytes=0-9"})
            headers = {"Authorization": f"Bearer {OWNER_TOKEN}"}
            hub.set_faults(Rule(what="flip", on="xorb", at=len(BIG) - 20))
            with pytest.raises(httpx.RemoteProtocolError):
                client.get(PATH, headers=headers)
            hub.set_faults(Rule(what="status", on="reconstruction", status=403))
            client.get(PATH, headers=headers)
        hub.set_faults()
    finally:
        code = process.stop()
    assert code == 0
    said = process.said
    assert said.count('"event":"request"') >= 16
    assert "answer cut off" in said
    assert not [word for word in SECRET_WORDS if word in said]


def _leave_after(proxy: RunningProxy, count: int) -> None:
    """Ask for the file, take some of it, and hang up."""
    url = urlsplit(proxy.base)
    with socket.create_connection((url.hostname or "", url.port or 0), 30) as connection:
        head = f"GET {PATH} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {OWNER_TOKEN}\r\n\r\n"
        connection.sendall(head.encode())
        while count > 0:
            count -= len(connection.recv(min(count, 65536)))


def _established(port: int) -> int:
    """Connections of this machine to a port."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return sum(row[2].endswith(f":{port:04X}") and row[3] == "01" for row in rows)
