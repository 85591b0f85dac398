"""What holds for the container of OCR alone: Tesseract with all its data, and no need of a network."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import httpx
import pytest

from tests.contract.ocr.asking import LABEL_LINES, LANGUAGES, OCR, label
from tests.e2e.engine import Container, Image, built_image, running_container
from tests.e2e.services import PAGES, READING, document
from tests.ocr.samples import sample

PATIENCE = 60
ASK = """
import http.client, sys
asking = http.client.HTTPConnection("127.0.0.1", 8080, timeout=60)
asking.request("POST", "/ocr", sys.stdin.buffer.read(), {"Content-Type": "image/png", "Accept": "text/plain"})
sys.stdout.buffer.write(asking.getresponse().read())
"""
"""Asks from inside, where no network is needed."""


@pytest.fixture(scope="module")
def ocr_image() -> Iterator[Image]:
    with built_image(READING) as built:
        yield built


@pytest.fixture(scope="module")
def reading(ocr_image: Image) -> Iterator[httpx.Client]:
    """A client of a container that is ready."""
    with (
        running_container(ocr_image) as container,
        httpx.Client(base_url=container.url, timeout=PATIENCE, trust_env=False) as client,
    ):
        wait_for(container)
        yield client


def wait_for(container: Container) -> None:
    """Return when the container is ready, which it is asked from inside."""
    asked = ("from urllib.request import urlopen", "urlopen('http://127.0.0.1:8080/readyz', timeout=5)")
    deadline = time.monotonic() + 30
    while True:
        try:
            container.execute("python3", "-c", "\n".join(asked))
        except AssertionError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        else:
            return


def test_every_language_is_installed(reading: httpx.Client) -> None:
    told = reading.get(LANGUAGES).raise_for_status().json()
    assert told["tesseract"]
    assert len(told["languages"]) > 109
    assert [each["code"] for each in told["languages"] if not each["installed"]] == []


@pytest.mark.parametrize("name", ["russian", "thai"])
@pytest.mark.parametrize("is_told", [True, False], ids=["told", "found"])
def test_a_script_that_pp_ocr_does_not_know_is_read(
    reading: httpx.Client, name: str, *, is_told: bool
) -> None:
    page = sample(name)
    options = {"format": "text"} | ({"lang": page.language} if is_told else {})
    files = {"file": page.path.read_bytes()}
    answer = reading.post(OCR, files=files, params=options).raise_for_status()
    assert answer.text.split() == " ".join(page.lines).split()


@pytest.mark.parametrize("model", ["script/Fraktur", "frk"])
def test_data_that_the_image_packs_is_read(reading: httpx.Client, model: str) -> None:
    answer = reading.post(OCR, files={"file": label()}, params={"lang": model}).raise_for_status()
    assert "Ropewalk Lane" in answer.text


def test_it_reads_without_a_network(ocr_image: Image) -> None:
    with running_container(ocr_image, "--network", "none", published=False) as container:
        wait_for(container)
        told = container.execute("python3", "-c", ASK, given=label())
        assert [line for line in told.splitlines() if line] == LABEL_LINES


def test_a_document_that_is_being_streamed_is_streamed_to_its_end_on_sigterm(ocr_image: Image) -> None:
    with running_container(ocr_image) as container:
        wait_for(container)
        headers = {"Content-Type": "image/tiff", "Accept": "application/x-ndjson"}
        with httpx.stream(
            "POST",
            container.url + OCR,
            content=document(),
            headers=headers,
            timeout=PATIENCE,
            trust_env=False,
        ) as answer:
            lines = answer.iter_lines()
            pages = [json.loads(next(lines))]
            container.signal("TERM")
            pages += map(json.loads, lines)
        assert [page["number"] for page in pages] == list(range(1, PAGES + 1))
        assert all(page["success"] for page in pages)
        assert container.wait() == 0
