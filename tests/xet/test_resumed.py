"""Clients that go on where they were: the rest is verified with the whole, fetched once, and kept."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.xet.hub_fixture import OWNER_TOKEN, RunningHub, running_hub
from tests.xet.proxy_fixture import ProxyProcess, RunningProxy, running_proxy, until

BIG = random.Random(22).randbytes(24_000_000)  # noqa: S311  the same bytes in every run
PATH = "/download/acme/big/big.bin"
HAD = 8_000_000
HEADERS = {"Authorization": f"Bearer {OWNER_TOKEN}"}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        hub.upload("acme/big", {"big.bin": BIG}, private=True)
        yield hub


def part_of(folder: Path) -> Path:
    """The content that is being recorded."""
    return next(each for each in folder.rglob("*") if each.is_file() and each.stat().st_size > HAD // 2)


def leave_midway(hub: RunningHub, base: str) -> None:
    """Take some of the file, and go."""
    hub.set_faults(megabytes_per_second=12.0)
    with (
        httpx.Client(trust_env=False, headers=HEADERS) as client,
        client.stream("GET", base + PATH) as coming,
    ):
        pieces = coming.iter_raw(1 << 16)
        while coming.num_bytes_downloaded < HAD:
            next(pieces)
    hub.set_faults()
    hub.log.clear()


def rest(base: str, start: int) -> tuple[bytes, str]:
    """The file from a byte on, and what is said to be verified."""
    asked = {**HEADERS, "Range": f"bytes={start}-"}
    answer = httpx.get(base + PATH, headers=asked, trust_env=False, timeout=60)
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {start}-{len(BIG) - 1}/{len(BIG)}"
    return answer.content, answer.headers["x-offing-verified"]


def test_after_a_client_left_the_rest_is_verified_and_the_file_is_kept(
    service: RunningProxy, hub: RunningHub
) -> None:
    leave_midway(hub, service.base)
    until(lambda: service.metric('offing_busy{engine="xet.streams"}') == 0)
    start = HAD // 2
    # The recording is put away in the background: until then the rest comes from the hub.
    found = until(lambda: answer if (answer := rest(service.base, start))[1] == "file" else None)
    assert found == (BIG[start:], "file")
    until(lambda: service.metric("offing_xet_cache_entries") == 1)
    assert rest(service.base, start) == (BIG[start:], "chunks")


@pytest.mark.parametrize("damaged", [False, True])
def test_after_a_kill_only_what_is_missing_is_fetched(
    hub: RunningHub, tmp_path: Path, *, damaged: bool
) -> None:
    process = ProxyProcess(hub, tmp_path / "cache", tmp_path / "said")
    process.start()
    try:
        leave_midway(hub, process.base)
        process.kill()
        if damaged:
            with part_of(tmp_path / "cache").open("r+b") as part:
                part.seek(1_000_000)
                part.write(b"damaged by the disk")
        process.start()
        hub.log.clear()
        start = HAD // 2
        assert rest(process.base, start) == (BIG[start:], "file")
        least = len(BIG) - HAD - 6_000_000
        most = len(BIG) + 1_000_000 if damaged else len(BIG) - start + 1_000_000
        assert least < hub.log.totals["xorb"].bytes < most
        until(lambda: rest(process.base, start)[1] == "chunks")
        assert rest(process.base, start)[0] == BIG[start:]
    finally:
        process.kill()


def test_beyond_what_was_recorded_the_rest_alone_is_fetched(service: RunningProxy, hub: RunningHub) -> None:
    leave_midway(hub, service.base)
    until(lambda: service.metric('offing_busy{engine="xet.streams"}') == 0)
    start = len(BIG) - 1_000_000
    assert rest(service.base, start) == (BIG[start:], "no")
    assert hub.log.totals["xorb"].bytes < 4_000_000
    assert service.metric("offing_xet_cache_entries") == 0


def test_while_another_client_fetches_it_the_rest_is_read_along(
    service: RunningProxy, hub: RunningHub
) -> None:
    hub.set_faults(megabytes_per_second=1.0)
    with (
        httpx.Client(trust_env=False, headers=HEADERS) as client,
        client.stream("GET", service.base + PATH) as coming,
    ):
        pieces = coming.iter_raw(1 << 16)
        while coming.num_bytes_downloaded < 3_000_000:
            next(pieces)
        assert rest(service.base, 1_000_000) == (BIG[1_000_000:], "file")
        for _ in pieces:
            pass
        assert coming.num_bytes_downloaded == len(BIG)
    assert hub.log.totals["xorb"].bytes < 1.1 * len(BIG)


def test_behind_a_fetch_that_nothing_records_the_rest_is_asked_of_the_hub(
    hub: RunningHub, tmp_path: Path
) -> None:
    hub.set_faults(megabytes_per_second=1.0)
    with (
        running_proxy(hub, tmp_path / "cache", OFFING_XET_CACHE_BYTES="2000000") as service,
        httpx.Client(trust_env=False, headers=HEADERS) as client,
        client.stream("GET", service.base + PATH) as coming,
    ):
        pieces = coming.iter_raw(1 << 16)
        while coming.num_bytes_downloaded < 6_000_000:
            next(pieces)
        hub.log.clear()
        start = 1_000_000
        assert rest(service.base, start) == (BIG[start:], "no")
        asked = [each.headers.get("range", "bytes=0-") for each in hub.log.of("reconstruction")]
        assert min(int(each[6:].partition("-")[0]) for each in asked) == start
