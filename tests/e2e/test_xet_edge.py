"""Downloads through the Worker: streamed, ended with their client, and taken up again after a cut."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import httpx
import pytest

from tests.e2e.conftest import Measured
from tests.e2e.downloading import address, download
from tests.e2e.edge import SLEEP_AFTER, Edge
from tests.e2e.engine import Container
from tests.e2e.files import HUGE, LARGE, SIZES, SMALL, digest
from tests.e2e.services import DOWNLOADS, MB
from tests.e2e.traffic import ask, is_right

MOST_MEMORY = 250 * MB
MOST_GROWTH = 100 * MB
LOOKS = 10
METRICS = "from urllib.request import urlopen as u; print(u('http://127.0.0.1:8080/metrics').read().decode())"


@pytest.fixture
def awake(edge: Edge) -> Container:
    """The container, which has answered."""
    assert is_right(ask(edge.url, DOWNLOADS.small()), DOWNLOADS.small())
    (container,) = edge.containers(DOWNLOADS)
    return container


def head(edge: Edge, name: str, method: str = "HEAD", **headers: str) -> httpx.Response:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.request(method, address(edge.url, name), headers=sent, timeout=30, trust_env=False)


def test_a_gigabyte_passes_whole_and_is_held_nowhere(
    edge: Edge, awake: Container, measured: Measured
) -> None:
    before, held, memory = edge.memory, 0, 0
    begun = time.monotonic()
    with download(edge.url, HUGE) as going:
        assert going.response.headers["Content-Length"] == str(SIZES[HUGE])
        for _ in range(LOOKS):
            going.take(SIZES[HUGE] // LOOKS)
            held, memory = max(held, awake.own_memory), max(memory, edge.memory)
        going.take_all()
    seconds = time.monotonic() - begun
    assert going.taken.sha256 == digest(HUGE)
    measured(
        "xet: 1 GB through the Worker",
        f"{SIZES[HUGE] / MB / seconds:.0f} MB/s, container {held / MB:.0f} MB, "
        f"Worker {before / MB:.0f} to {memory / MB:.0f} MB",
    )
    assert held < MOST_MEMORY
    assert memory - before < MOST_GROWTH


def test_what_is_told_of_a_file_passes_unchanged(edge: Edge, awake: Container) -> None:
    del awake
    whole = head(edge, LARGE)
    assert (whole.status_code, whole.headers["Content-Length"]) == (200, str(SIZES[LARGE]))
    assert whole.headers["Accept-Ranges"] == "bytes"
    tag = whole.headers["ETag"]
    assert tag == f'"{digest(LARGE)}"'
    assert head(edge, LARGE, If_None_Match=tag).status_code == 304
    part = head(edge, LARGE, "GET", Range="bytes=5-9", If_Range=tag)
    assert (part.status_code, part.headers["Content-Range"]) == (206, f"bytes 5-9/{SIZES[LARGE]}")
    assert part.headers["Content-Length"] == "5"
    other = head(edge, SMALL, "GET", Range="bytes=5-9", If_Range='"another"')
    assert (other.status_code, len(other.content)) == (200, SIZES[SMALL])
    assert head(edge, LARGE, "GET", Range=f"bytes={SIZES[LARGE]}-").status_code == 416
    several = head(edge, LARGE, "GET", Range="bytes=0-1,5-9")
    assert several.headers["Content-Type"].startswith("multipart/byteranges")
    assert several.headers["Content-Length"] == str(len(several.content))


def test_many_answers_without_a_body_break_no_connection(edge: Edge, awake: Container) -> None:
    del awake
    kept = {"If_None_Match": head(edge, SMALL).headers["ETag"]}
    told = edge.log.read_text().count("container-lost")
    for status, method, headers in ((200, "HEAD", {}), (304, "GET", kept), (200, "GET", {})):
        ask_one = partial(head, edge, SMALL, method, **headers)
        with ThreadPoolExecutor(8) as pool:
            asked = [pool.submit(ask_one) for _ in range(100)]
        assert {each.result().status_code for each in asked} == {status}
    assert edge.log.read_text().count("container-lost") == told


def test_sigterm_in_the_middle_of_a_download_lets_it_finish(edge: Edge, awake: Container) -> None:
    with download(edge.url, LARGE) as going:
        going.take(20 * MB)
        with awake.expected_to_end(code=0, within=30):
            awake.signal("TERM")
            going.take_all()
    assert going.taken.sha256 == digest(LARGE)


def test_a_killed_container_cuts_the_download_and_the_next_one_goes_on_with_it(
    edge: Edge, awake: Container
) -> None:
    with download(edge.url, HUGE) as going:
        going.take(100 * MB)
        awake.signal("KILL")
        with pytest.raises(httpx.RemoteProtocolError):
            going.take_all()
    with download(edge.url, HUGE, going.taken) as rest:
        rest.take_all()
    assert rest.taken.sha256 == digest(HUGE)


def test_a_client_that_hangs_up_midway_ends_the_stream_in_the_container(edge: Edge, awake: Container) -> None:
    for _ in range(3):
        with download(edge.url, HUGE) as going:
            going.take(20 * MB)
    deadline = time.monotonic() + 10
    while "offing_requests_in_flight 1.0" not in awake.execute("python3", "-c", METRICS):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    edge.wait_until_asleep(DOWNLOADS)


def test_a_download_that_is_read_slowly_keeps_the_container_awake(edge: Edge, awake: Container) -> None:
    with download(edge.url, LARGE) as going:
        going.take(MB)
        time.sleep(SLEEP_AFTER + 3)
        assert edge.containers(DOWNLOADS) == [awake]
        going.take_all()
    assert going.taken.sha256 == digest(LARGE)
