"""Many readers of one file at once, and ranges of it before, while and after it comes."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.xet.hub_fixture import OWNER_TOKEN, RunningHub, running_hub
from tests.xet.proxy_fixture import RunningProxy, together, until

BIG = random.Random(31).randbytes(24_000_000)  # noqa: S311  the same bytes in every run
DIGEST = hashlib.sha256(BIG).hexdigest()
PATH = "/download/acme/big/big.bin"
CLIENTS = 16
MOST = 1.1 * len(BIG)
"""Bytes from the store: a chunk on the edge of two requests comes with both."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        hub.upload("acme/big", {"big.bin": BIG})
        yield hub


def digest_of(proxy: RunningProxy, delay: float = 0.0, token: str | None = None) -> str:
    """The sha256 of the file, asked for a little later."""
    time.sleep(delay)
    whole = hashlib.sha256()
    with proxy.client(token) as client, client.stream("GET", PATH) as response:
        assert response.status_code == 200
        for piece in response.iter_bytes(1 << 18):
            whole.update(piece)
    return whole.hexdigest()


def read_range(proxy: RunningProxy, first: int, end: int) -> tuple[bytes, str]:
    """The bytes of a range, and what is said of their verification."""
    with proxy.client() as client:
        response = client.get(PATH, headers={"Range": f"bytes={first}-{end - 1}"})
    assert response.status_code == 206
    return response.content, response.headers["x-offing-verified"]


def test_many_clients_of_one_file_cost_its_bytes_once(service: RunningProxy, hub: RunningHub) -> None:
    hub.set_faults(megabytes_per_second=20.0, latency_ms=5)
    source = random.Random(1)  # noqa: S311
    readers: list[Callable[[], str]] = [
        partial(digest_of, service, source.uniform(0, 0.6), OWNER_TOKEN if number % 2 else None)
        for number in range(CLIENTS)
    ]
    assert set(together(*readers)) == {DIGEST}
    assert hub.log.totals["xorb"].bytes <= MOST
    # Each of them was asked about at the hub all the same.
    assert len(hub.log.of("resolve")) == CLIENTS


def test_ranges_before_while_and_after_are_right_and_say_what_was_verified(
    service: RunningProxy, hub: RunningHub
) -> None:
    spans = [(0, 10), (5_000_000, 5_200_000), (len(BIG) - 100, len(BIG)), (11_999_999, 12_000_001)]

    def check(*allowed: str) -> None:
        for first, end in spans:
            content, verified = read_range(service, first, end)
            assert content == BIG[first:end]
            assert verified in allowed

    check("no")
    hub.set_faults(megabytes_per_second=4.0)
    with service.client() as client, client.stream("GET", PATH) as coming:
        pieces = coming.iter_bytes(1 << 18)
        whole = hashlib.sha256(next(pieces))
        check("no")
        hub.set_faults()
        for piece in pieces:
            whole.update(piece)
    assert whole.hexdigest() == DIGEST
    until(lambda: service.metric("offing_xet_cache_entries") == 1)
    hub.log.clear()
    check("chunks")
    assert hub.log.totals["xorb"].requests == hub.log.totals["reconstruction"].requests == 0


def test_a_second_reader_that_comes_late_reads_along_from_the_start(
    service: RunningProxy, hub: RunningHub
) -> None:
    hub.set_faults(megabytes_per_second=6.0)
    with service.client() as client, client.stream("GET", PATH) as first:
        pieces = first.iter_bytes(1 << 18)
        whole = hashlib.sha256()
        while first.num_bytes_downloaded < len(BIG) // 2:
            whole.update(next(pieces))
        hub.set_faults()
        assert digest_of(service) == DIGEST
        for piece in pieces:
            whole.update(piece)
    assert whole.hexdigest() == DIGEST
    assert hub.log.totals["xorb"].bytes <= MOST


def test_seeded_ranges_alone_and_in_lists_are_the_files_bytes(service: RunningProxy) -> None:
    source = random.Random(7)  # noqa: S311
    assert digest_of(service) == DIGEST
    with service.client() as client:
        for _ in range(40):
            first = source.randrange(len(BIG))
            end = min(len(BIG), first + source.choice([1, 100, 65_536, 700_000]))
            asked = source.choice([f"bytes={first}-{end - 1}", f"bytes={first}-{end - 1},{0}-{3}"])
            content = client.get(PATH, headers={"Range": asked}).content
            assert BIG[first:end] in content
