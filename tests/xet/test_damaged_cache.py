"""A range of a cached file that the disk has damaged: what `chunks` promises is kept."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from offing.xet.hub.faults import Rule
from tests.xet.hub_fixture import RunningHub, running_hub
from tests.xet.proxy_fixture import RunningProxy, running_proxy, until

CONTENT = random.Random(41).randbytes(6_000_000)  # noqa: S311  the same bytes in every run
PATH = "/download/acme/model/model.bin"
START, DAMAGED, END = 1_000_000, 3_000_000, 4_000_000
RANGE = {"Range": f"bytes={START}-{END - 1}"}


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        hub.upload("acme/model", {"model.bin": CONTENT})
        yield hub


@pytest.fixture
def service(stocked: RunningHub, tmp_path: Path) -> Iterator[RunningProxy]:
    """A service whose cache has the file, one byte of it changed since."""
    stocked.set_faults()
    with running_proxy(stocked, tmp_path / "cache") as proxy:
        assert httpx.get(proxy.base + PATH).content == CONTENT
        until(lambda: proxy.metric("offing_xet_cache_entries") == 1)
        entry = max((tmp_path / "cache").rglob("*"), key=lambda file: file.stat().st_size)
        with entry.open("r+b") as file:
            file.seek(DAMAGED)
            file.write(bytes([CONTENT[DAMAGED] ^ 1]))
        yield proxy
    stocked.set_faults()


def test_its_rest_comes_once_the_whole_is_verified_anew(service: RunningProxy) -> None:
    answer = httpx.get(service.base + PATH, headers=RANGE)
    assert answer.headers["X-Offing-Verified"] == "chunks"
    assert answer.content == CONTENT[START:END]


def test_no_wrong_byte_comes_where_the_hub_has_another_file_by_now(
    service: RunningProxy, stocked: RunningHub
) -> None:
    stocked.set_faults(Rule(what="flip", on="xorb", at=DAMAGED + 500_000, every=1))
    taken: list[bytes] = []
    with (
        pytest.raises(httpx.RemoteProtocolError),
        httpx.stream("GET", service.base + PATH, headers=RANGE) as answer,
    ):
        taken.extend(answer.iter_raw())
    content = b"".join(taken)
    assert len(content) <= DAMAGED - START
    assert content == CONTENT[START : START + len(content)]
