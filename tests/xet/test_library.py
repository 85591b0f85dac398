"""What is kept of files, and what is served where nothing can be kept."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import pytest

from offing.kernel.app import App
from offing.kernel.health import State
from offing.kernel.server_settings import ServerSettings
from offing.kernel.service import chosen
from offing.kernel.standalone import front
from tests.xet.hub_fixture import OWNER_TOKEN, RunningHub, running_hub
from tests.xet.proxy_fixture import ProxyProcess, RunningProxy, running_proxy, together, until, variables

SOURCE = random.Random(43)  # noqa: S311  the same bytes in every run
BIG = SOURCE.randbytes(8_000_000)
TEXT = b"".join(b"%06d some line of text\n" % number for number in range(60_000))
FILES = {"big.bin": BIG, "vocabulary.txt": TEXT, "config.json": b"{}\n", "empty.txt": b""}
REPOSITORY = "acme/model"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as hub:
        hub.upload(REPOSITORY, FILES)
        hub.upload("acme/other", {"config.json": b"{}\n"})
        hub.upload("acme/hidden", {"config.json": b"{}\n"}, private=True)
        yield hub


def entries(proxy: RunningProxy) -> float:
    return proxy.metric("offing_xet_cache_entries")


def test_small_files_that_git_keeps_are_kept_too_and_then_verified_in_ranges(
    service: RunningProxy, hub: RunningHub
) -> None:
    path = f"/download/{REPOSITORY}/vocabulary.txt"
    with service.client() as client:
        first = client.get(path)
        assert (first.content, first.headers["x-offing-verified"]) == (TEXT, "file")
        until(lambda: entries(service) == 1)
        asked = hub.log.totals["resolve"].bytes
        again = client.get(path)
        assert (again.content, again.headers["x-offing-verified"]) == (TEXT, "file")
        part = client.get(path, headers={"Range": "bytes=400000-900000"})
        assert (part.content, part.headers["x-offing-verified"]) == (TEXT[400_000:900_001], "chunks")
        assert hub.log.totals["resolve"].bytes == asked
        # Whether the caller may have it is asked each time.
        assert len([each for each in hub.log.of("resolve") if each.method == "HEAD"]) == 3


def test_a_small_file_of_one_repository_is_not_told_of_in_another(
    service: RunningProxy, hub: RunningHub
) -> None:
    with service.client() as client:
        client.get("/download/acme/other/config.json")
        until(lambda: entries(service) == 1)
        assert client.get("/download/acme/hidden/config.json").status_code == 401
        fetched = len([each for each in hub.log.of("resolve") if each.method == "GET"])
        assert client.get(f"/download/{REPOSITORY}/config.json").content == b"{}\n"
        assert len([each for each in hub.log.of("resolve") if each.method == "GET"]) == fetched + 1


def test_a_small_file_that_left_the_cache_comes_again(service: RunningProxy, tmp_path: Path) -> None:
    path = f"/download/{REPOSITORY}/vocabulary.txt"
    with service.client() as client:
        client.get(path)
        until(lambda: entries(service) == 1)
        (entry,) = (tmp_path / "cache" / "entries").iterdir()
        entry.unlink()
        assert client.get(path).content == TEXT
        until(entry.exists)
        with entry.open("r+b") as file:
            file.seek(1_000_000)
            file.write(b"damaged")
        answer = client.get(path)
        assert (answer.content, answer.headers["x-offing-verified"]) == (TEXT, "file")


def test_an_empty_file_is_served_without_asking_for_its_bytes(service: RunningProxy, hub: RunningHub) -> None:
    with service.client() as client:
        answer = client.get(f"/download/{REPOSITORY}/empty.txt")
        assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")
    assert [each.method for each in hub.log.of("resolve")] == ["HEAD"]


def test_a_range_behind_a_fetch_comes_from_it_and_one_before_it_from_the_hub(
    service: RunningProxy, hub: RunningHub
) -> None:
    hub.set_faults(megabytes_per_second=2.0)
    path = f"/download/{REPOSITORY}/big.bin"
    with service.client() as client, service.client() as other:
        with client.stream("GET", path) as coming:
            pieces = coming.iter_bytes(1 << 16)
            whole = hashlib.sha256()
            while coming.num_bytes_downloaded < 3_000_000:
                whole.update(next(pieces))
            until(lambda: not asked_for(hub, other, path, 1_999_000))
            for first in (0, 1_000_000, 1_999_000):
                assert not asked_for(hub, other, path, first)
            far = other.get(path, headers={"Range": "bytes=-1000"})
            assert far.content == BIG[-1000:]
            hub.set_faults()
            for piece in pieces:
                whole.update(piece)
        assert whole.hexdigest() == hashlib.sha256(BIG).hexdigest()


def asked_for(hub: RunningHub, client: httpx.Client, path: str, first: int) -> list[str]:
    """What the content store is asked for at most a megabyte away when a range of 1000 bytes is wanted."""
    hub.log.clear()
    part = client.get(path, headers={"Range": f"bytes={first}-{first + 999}"})
    assert part.content == BIG[first : first + 1000]
    # What is behind it is right only if the end is, which has not come.
    assert part.headers["x-offing-verified"] == "no"
    ranges = [each.headers.get("range", "bytes=0-") for each in hub.log.of("reconstruction")]
    return [each for each in ranges if int(each[6:].partition("-")[0]) < first + 1_000_000]


def test_ranges_during_a_fetch_that_ends_early_are_right_all_the_same(
    service: RunningProxy, hub: RunningHub
) -> None:
    hub.set_faults(megabytes_per_second=4.0)
    path = f"/download/{REPOSITORY}/big.bin"

    def leaves() -> None:
        with service.client() as client, client.stream("GET", path) as coming:
            pieces = coming.iter_bytes(1 << 16)
            while coming.num_bytes_downloaded < 3_000_000:
                next(pieces)

    def asks(seed: int) -> bool:
        source = random.Random(seed)  # noqa: S311
        with service.client() as client:
            for _ in range(25):
                first = source.randrange(2_500_000)
                part = client.get(path, headers={"Range": f"bytes={first}-{first + 50_000}"})
                if part.content != BIG[first : first + 50_001]:
                    return False
        return True

    assert together(leaves, lambda: asks(1), leaves, lambda: asks(2))[1::2] == [True, True]
    hub.set_faults()
    with service.client() as client:
        assert client.get(path).content == BIG


@pytest.mark.parametrize("way", ["file", "foreign"])
def test_where_the_folder_cannot_be_used_it_serves_without_a_cache_and_says_so_once(
    hub: RunningHub, tmp_path: Path, way: str
) -> None:
    folder = unusable(tmp_path, way)
    process = ProxyProcess(hub, folder, tmp_path / "said")
    process.start()
    try:
        with httpx.Client(base_url=process.base, trust_env=False, timeout=30) as client:
            body = client.get("/health").json()
            assert (body["status"], body["cache"]) == ("ok", None)
            for path, content in FILES.items():
                assert client.get(f"/download/{REPOSITORY}/{path}").content == content
            part = client.get(f"/download/{REPOSITORY}/big.bin", headers={"Range": "bytes=5-9"})
            assert (part.content, part.headers["x-offing-verified"]) == (BIG[5:10], "no")
            assert client.get(f"/repos/{REPOSITORY}").json()["cached_bytes"] == 0
            assert client.get("/metrics").status_code == 200
    finally:
        assert process.stop() == 0
    lines = [json.loads(line) for line in process.said.splitlines() if line.startswith("{")]
    warned = [line for line in lines if line["level"] == "warning"]
    assert [line["event"] for line in warned] == ["xet works without a cache: its folder cannot be used"]
    assert "OFFING_XET_CACHE_DIR" in warned[0]["remedy"]
    assert str(tmp_path) not in process.said


def unusable(folder: Path, way: str) -> Path:
    """A folder that cannot be a cache."""
    place = folder / "xet"
    if way == "file":
        place.write_text("in the way")
    else:
        place.mkdir()
        (folder / "elsewhere").mkdir()
        (place / "entries").symlink_to(folder / "elsewhere")
    return place


def test_offline_without_a_cache_is_not_ready(hub: RunningHub, tmp_path: Path) -> None:
    settings = variables(hub, unusable(tmp_path, "file"), OFFING_XET_OFFLINE="1")
    with patch.dict(os.environ, settings, clear=True):
        app = App(chosen(["xet"]), ServerSettings(), front)
    assert state_of(app) == (State.FAILED, {})


def state_of(app: App) -> tuple[State, dict[str, Any]]:
    """In what state the service comes up, and what its health tells."""

    async def run() -> tuple[State, dict[str, Any]]:
        await app.start()
        try:
            return app.toolbox.health.state("xet"), app.engines["xet"].health()
        finally:
            await app.stop()

    return asyncio.run(run())


def test_a_user_without_a_home_has_no_cache(hub: RunningHub, tmp_path: Path) -> None:
    settings = variables(hub, tmp_path) | {"OFFING_XET_CACHE_DIR": "", "HOME": "~"}
    # A folder of that name would be made where the service was started.
    with patch.dict(os.environ, settings, clear=True), patch("os.path.expanduser", lambda path: path):
        app = App(chosen(["xet"]), ServerSettings(), front)
    assert state_of(app) == (State.READY, {"status": "ok", "cache": None})
    assert not Path("~").exists()


def test_health_tells_of_the_cache(service: RunningProxy) -> None:
    with service.client() as client:
        before = client.get("/health").json()
        assert next(iter(before)) == "status"
        assert before["cache"]["bytes"] == 0
        client.get(f"/download/{REPOSITORY}/big.bin")
        until(lambda: entries(service) == 1)
        after = client.get("/health").json()["cache"]
    assert len(BIG) < after["bytes"] < len(BIG) * 1.01 < after["max_bytes"] == 10 * 1024**3


def test_no_cache_is_no_failure(hub: RunningHub, tmp_path: Path) -> None:
    with (
        running_proxy(hub, tmp_path / "cache", OFFING_XET_CACHE_BYTES="0") as proxy,
        proxy.client() as client,
    ):
        for path, content in FILES.items():
            assert client.get(f"/download/{REPOSITORY}/{path}").content == content
        assert client.get("/health").json()["cache"] is None
    assert not (tmp_path / "cache").exists()


def test_a_stopped_service_has_kept_what_it_served(hub: RunningHub, tmp_path: Path) -> None:
    with running_proxy(hub, tmp_path / "cache") as proxy, proxy.client() as client:
        for path in FILES:
            client.get(f"/download/{REPOSITORY}/{path}")
    assert len(list((tmp_path / "cache" / "entries").iterdir())) == 3
    with running_proxy(hub, tmp_path / "cache") as proxy, proxy.client(OWNER_TOKEN) as client:
        hub.log.clear()
        assert client.get(f"/download/{REPOSITORY}/big.bin").content == BIG
        assert hub.log.totals["xorb"].requests == 0
