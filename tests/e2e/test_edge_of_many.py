"""The Worker before several containers of a service, with keys, jobs and the bucket that keeps files."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from offing.kernel.api_keys import new_key
from tests.contract.ocr.asking import LABEL_LINES, OCR
from tests.e2e.conftest import Measured
from tests.e2e.downloading import address
from tests.e2e.edge import Edge, running_edge
from tests.e2e.files import HUGE, LARGE, SIZES, digest
from tests.e2e.hub import Hub
from tests.e2e.services import DOWNLOADS, INSIGHTS, MB, PAGES, READING, Question, Service, document
from tests.e2e.traffic import is_right

INSTANCES = 3
REQUESTS = 200
PATIENCE = httpx.Timeout(120)
KEPT = 6 * 1024 * 1024
"""A larger upload is not kept by the Worker, so that it cannot be sent again."""
KEY, HASH = new_key()
METRICS = "from urllib.request import urlopen as u; print(u('http://127.0.0.1:8080/metrics').read().decode())"
BUSY = re.compile(r'^offing_slots_busy{engine="ocr.pages"} [1-9]', re.MULTILINE)


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory, hub: Hub) -> Iterator[Edge]:
    """The Worker with up to three containers of each service, and one API key."""
    many = {f"{each.name.upper()}_INSTANCES": str(INSTANCES) for each in (INSIGHTS, READING, DOWNLOADS)}
    variables = {**hub.environment, **many, "OFFING_API_KEYS": HASH, "OFFING_KEEP_ALIVE_SECONDS": "5"}
    with running_edge(tmp_path_factory.mktemp("wide"), variables, label="wide") as running:
        yield running


def client(edge: Edge) -> httpx.Client:
    return httpx.Client(
        base_url=edge.url,
        headers={"X-API-Key": KEY},
        timeout=PATIENCE,
        trust_env=False,
        limits=httpx.Limits(max_connections=REQUESTS),
    )


def send(by: httpx.Client, question: Question) -> httpx.Response:
    headers = {"Content-Type": question.content_type} if question.body else {}
    return by.request(question.method, question.path, content=question.body, headers=headers)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; it must within a minute."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wake(edge: Edge, service: Service) -> None:
    question = service.small()
    with client(edge) as by:
        assert is_right(send(by, question), question)


def test_nobody_without_a_key_wakes_anything(wide: Edge) -> None:
    for service in (INSIGHTS, READING, DOWNLOADS):
        question = service.small()
        answer = httpx.request(
            question.method, wide.url + question.path, content=question.body, timeout=PATIENCE
        )
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        assert wide.containers(service) == []


def test_one_container_is_awake_where_little_is_asked(wide: Edge) -> None:
    wide.wait_until_asleep(INSIGHTS)
    for _ in range(10):
        wake(wide, INSIGHTS)
    assert len(wide.containers(INSIGHTS)) == 1


def test_of_many_requests_at_once_none_is_lost(wide: Edge, measured: Measured) -> None:
    wide.wait_until_asleep(INSIGHTS)
    questions = [INSIGHTS.small() for _ in range(REQUESTS)]
    begun = time.monotonic()
    with client(wide) as by, ThreadPoolExecutor(REQUESTS) as pool:
        answers = list(pool.map(lambda question: send(by, question), questions))
    measured(
        f"insights: {REQUESTS} requests at once, {INSTANCES} containers asleep before",
        f"{time.monotonic() - begun:.2f} s",
    )
    wrong = [
        answer.text for answer, each in zip(answers, questions, strict=True) if not is_right(answer, each)
    ]
    assert wrong == []
    assert len(wide.containers(INSIGHTS)) == INSTANCES


def test_sigterm_in_the_middle_of_a_long_document_lets_it_finish(wide: Edge) -> None:
    wide.wait_until_asleep(READING)
    wake(wide, READING)
    (container,) = wide.containers(READING)
    headers = {"Content-Type": "image/tiff", "Accept": "application/x-ndjson"}
    with client(wide) as by, by.stream("POST", OCR, content=document(), headers=headers) as answer:
        lines = answer.iter_lines()
        pages = [json.loads(next(lines))]
        with container.expected_to_end(code=0, within=60):
            container.signal("TERM")
            pages += map(json.loads, lines)
    assert [page["number"] for page in pages] == list(range(1, PAGES + 1))
    assert all(page["success"] for page in pages)


def test_a_request_that_cannot_be_sent_again_is_told_that_its_container_was_killed(wide: Edge) -> None:
    wide.wait_until_asleep(READING)
    wake(wide, READING)
    (container,) = wide.containers(READING)
    upload = document(compression="raw", pages=5 * PAGES)
    assert len(upload) > KEPT
    with client(wide) as by, ThreadPoolExecutor(1) as pool:
        sending = pool.submit(by.post, OCR, content=upload, headers={"Content-Type": "image/tiff"})
        until(lambda: sending.done() or BUSY.search(container.execute("python3", "-c", METRICS)) is not None)
        container.signal("KILL")
        answer = sending.result()
    assert (answer.status_code, answer.json()["code"]) == (503, "container-lost")
    assert int(answer.headers["Retry-After"]) > 0
    wake(wide, READING)


def test_a_file_that_was_fetched_once_is_served_while_its_container_sleeps(
    wide: Edge, measured: Measured
) -> None:
    with client(wide) as by:
        first = by.get(address("", LARGE))
        assert (first.status_code, hashlib.sha256(first.content).hexdigest()) == (200, digest(LARGE))
        wide.wait_until_asleep(DOWNLOADS)
        begun = time.monotonic()
        again = by.get(address("", LARGE))
        seconds = time.monotonic() - begun
        assert (again.status_code, again.content == first.content) == (200, True)
        for name in ("ETag", "Content-Length", "Content-Disposition", "X-Repo-Commit", "Last-Modified"):
            assert again.headers.get(name) == first.headers.get(name), name
        part = by.get(address("", LARGE), headers={"Range": "bytes=1000000-1000009"})
        assert (part.status_code, part.content) == (206, first.content[1000000:1000010])
        assert by.get(address("", LARGE), headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert wide.containers(DOWNLOADS) == []
    measured("xet: from the bucket, its container asleep", f"{SIZES[LARGE] / MB / seconds:.0f} MB/s")


@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-"}], ids=["into the bucket", "past it"])
def test_a_client_that_stalls_does_not_keep_the_container_awake(wide: Edge, headers: dict[str, str]) -> None:
    wide.wait_until_asleep(DOWNLOADS)
    with client(wide) as by, by.stream("GET", address("", HUGE), headers=headers) as answer:
        assert len(next(answer.iter_raw(1 << 16))) > 0
        assert len(wide.containers(DOWNLOADS)) == 1
        until(lambda: wide.containers(DOWNLOADS) == [])


def test_a_job_is_done_while_nobody_waits(wide: Edge) -> None:
    wide.wait_until_asleep(READING)
    question = READING.small()
    with client(wide) as by:
        made = by.post("/ocr/jobs", content=question.body, headers={"Content-Type": question.content_type})
        assert made.status_code == 202, made.text
        place = made.headers["Location"]
        until(lambda: by.get(place).json()["state"] == "succeeded")
        told = by.get(f"{place}/result").json()
        assert [line["text"] for line in told["results"]] == LABEL_LINES
        assert httpx.get(wide.url + place, headers={"X-API-Key": "another"}).status_code == 401
        assert by.delete(place).status_code == 204
        assert by.get(place).status_code == 404
