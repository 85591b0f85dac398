"""What holds for the container of Xet alone: long streams in little memory, and no need of a disk."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import trustme

from tests.e2e.conftest import Measured
from tests.e2e.downloading import address, download, fetch
from tests.e2e.engine import Container, Image, built_image, running_container
from tests.e2e.files import HUGE, LARGE, SIZES, SMALL, digest
from tests.e2e.hub import Hub, gateway, hub_process
from tests.e2e.services import DOWNLOADS, MB
from tests.e2e.traffic import ask, is_right

NO_CACHE = "--env=OFFING_XET_CACHE_BYTES=0"
SLOWEST = 100 * MB
"""Bytes a second, from a hub over TLS."""
MOST_MEMORY = 250 * MB


@pytest.fixture(scope="module")
def xet_image(hub: Hub) -> Iterator[Image]:
    with built_image(DOWNLOADS, hub.environment) as built:
        yield built


def test_the_image_brings_its_own_code(xet_image: Image) -> None:
    asked = "from offing.xet.engine import parents, unpack; print(bool(unpack.find() and parents.find()))"
    with running_container(xet_image) as container:
        assert container.execute("python3", "-c", asked).strip() == "True"


def wait_for(container: Container, status: int = 200) -> None:
    """Return once ``/readyz`` answers so."""
    deadline = time.monotonic() + 30
    while True:
        try:
            if httpx.get(f"{container.url}/readyz", trust_env=False).status_code == status:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def tls(hub: Hub, tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """What a container is told of a hub with the same files that speaks TLS."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    certificate = authority.issue_cert(gateway()).private_key_and_cert_chain_pem
    certificate.write_to_path(str(tmp_path / "certificate.pem"))
    shutil.copytree(hub.folder, tmp_path / "hub")
    with hub_process(tmp_path / "hub", "--certificate", str(tmp_path / "certificate.pem")) as url:
        yield (
            f"--env=HF_ENDPOINT={url}",
            "--env=OFFING_FETCH_CA_BUNDLE=/authority.pem",
            f"--volume={tmp_path / 'authority.pem'}:/authority.pem:ro",
        )


def test_a_gigabyte_from_a_tls_hub_streams_fast_and_in_little_memory(
    xet_image: Image, tls: tuple[str, ...], tmp_path: Path, measured: Measured
) -> None:
    speeds = []
    with running_container(xet_image, NO_CACHE, *tls) as container:
        wait_for(container)
        for _ in range(2):
            fetched = fetch(container.url, HUGE, tmp_path / HUGE)
            speeds.append(SIZES[HUGE] / fetched.seconds)
            assert (fetched.verified, fetched.sha256) == ("file", digest(HUGE))
        peak = container.peak_memory
    told = " ".join(f"{speed / MB:.0f} MB/s" for speed in speeds)
    measured("xet: 1 GB from a TLS hub, 0.5 CPU", f"{told}, peak {peak / MB:.0f} MB")
    assert max(speeds) > SLOWEST
    assert peak < MOST_MEMORY


def test_what_is_cached_is_sent_again_without_the_content_store(xet_image: Image, measured: Measured) -> None:
    seconds = []
    with running_container(xet_image) as container:
        wait_for(container)
        for _ in range(2):
            begun = time.monotonic()
            assert is_right(ask(container.url, DOWNLOADS.large(0)), DOWNLOADS.large(0))
            seconds.append(time.monotonic() - begun)
        figures = httpx.get(f"{container.url}/metrics", trust_env=False).text.splitlines()
    assert "offing_xet_cache_entries 1.0" in figures
    assert "offing_xet_cache_hits_total 1.0" in figures
    speeds = " ".join(f"{SIZES[LARGE] / MB / each:.0f} MB/s" for each in seconds)
    measured("xet: 192 MB into the cache, then from it", speeds)


def test_sigterm_in_the_middle_of_a_download_lets_it_finish(xet_image: Image) -> None:
    with running_container(xet_image) as container:
        wait_for(container)
        with download(container.url, HUGE) as going:
            going.take(50 * MB)
            container.signal("TERM")
            refused = httpx.get(address(container.url, SMALL), trust_env=False)
            assert (refused.status_code, refused.headers["X-Offing-State"]) == (503, "draining")
            going.take_all()
        assert going.taken.sha256 == digest(HUGE)
        assert container.wait() == 0


def test_the_end_of_a_download_reaches_a_slow_client_before_the_container_ends(xet_image: Image) -> None:
    with running_container(xet_image) as container:
        wait_for(container)
        with download(container.url, LARGE) as going:
            going.take(MB)
            container.signal("TERM")
            left = SIZES[LARGE] - going.taken.size
            for _ in range(10):
                going.take(left // 10)
                time.sleep(0.1)
            going.take_all()
        assert going.taken.sha256 == digest(LARGE)
        assert container.wait() == 0


def test_a_killed_container_cuts_the_download_and_another_one_goes_on_with_it(xet_image: Image) -> None:
    with running_container(xet_image) as container:
        wait_for(container)
        with download(container.url, HUGE) as going:
            going.take(100 * MB)
            container.signal("KILL")
            with pytest.raises(httpx.RemoteProtocolError):
                going.take_all()
        cache = ("--volumes-from", container.id)
        assert going.taken.size < SIZES[HUGE]
        with running_container(xet_image, *cache) as another:
            wait_for(another)
            with download(another.url, HUGE, going.taken) as rest:
                rest.take_all()
            with download(another.url, HUGE) as whole:
                whole.take_all()
    assert rest.taken.size == SIZES[HUGE]
    assert rest.taken.sha256 == whole.taken.sha256 == digest(HUGE)


def test_without_a_folder_to_write_to_it_serves_and_says_that_it_keeps_nothing(xet_image: Image) -> None:
    bare = replace(xet_image, service=replace(DOWNLOADS, options=()))
    with running_container(bare) as container:
        wait_for(container)
        for _ in range(2):
            assert is_right(ask(container.url, DOWNLOADS.small()), DOWNLOADS.small())
        assert "works without a cache" in container.log
        assert "offing_xet_cache_max_bytes" not in httpx.get(f"{container.url}/metrics", trust_env=False).text


def test_offline_it_is_not_ready_without_a_cache(xet_image: Image) -> None:
    bare = replace(xet_image, service=replace(DOWNLOADS, options=()))
    with running_container(bare, "--env=HF_HUB_OFFLINE=1") as container:
        wait_for(container, 503)
        assert "failed to start" in container.log
