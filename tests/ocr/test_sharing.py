"""What requests do to each other: pages take turns, queues are bounded, and who leaves stops its work."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from functools import cache
from typing import Any

import pytest
from PIL import Image

from offing.kernel.app import App
from tests.ocr.exchange import asking
from tests.ocr.samples import encoding, sample
from tests.ocr.serving import client_of, file_of, started, upload

pytestmark = pytest.mark.anyio

LABEL = file_of("label")
PAGES = 24
TIFF = "image/tiff"
LINES = "format=ndjson"
SOON = 10.0
"""Seconds that a busy machine may take for what takes a fraction of one."""


@cache
def document(pages: int = PAGES) -> bytes:
    """A fax of many pages, each of many lines."""
    page = Image.open(sample("prose").path).convert("L")
    return encoding.fax([page] * pages)


@pytest.fixture(scope="module")
async def app() -> AsyncIterator[App]:
    async with started() as app:
        yield app


def gauge(app: App, name: str, engine: str) -> float:
    """The value of a gauge."""
    told = app.toolbox.metrics.render().decode()
    return next(
        float(line.split()[-1]) for line in told.splitlines() if line.startswith(f'{name}{{engine="{engine}"')
    )


async def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; it must, soon."""
    limit = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < limit
        await asyncio.sleep(0.02)


async def settled(app: App) -> None:
    """Wait until no page has been read for a while: between two pages no slot is busy either."""
    limit = time.monotonic() + SOON
    still_since = time.monotonic()
    while time.monotonic() - still_since < 0.3:
        assert time.monotonic() < limit
        await asyncio.sleep(0.02)
        if gauge(app, "offing_slots_busy", "ocr.pages"):
            still_since = time.monotonic()


def is_idle(app: App) -> bool:
    """Whether nothing is read, nothing waits, and nobody is being answered."""
    return (
        gauge(app, "offing_slots_busy", "ocr.pages")
        == gauge(app, "offing_queue_waiting", "ocr.pages")
        == gauge(app, "offing_slots_busy", "ocr.requests")
        == 0
    )


async def test_an_image_does_not_wait_for_a_long_document(app: App) -> None:
    async with client_of(app) as client, asking(app, document(), LINES, TIFF) as long:
        await long.message()  # it is being answered
        numbers: list[int] = []

        async def take() -> None:
            while body := (await long.message())["body"]:
                numbers.append(json.loads(body)["number"])

        taking = asyncio.create_task(take())
        await until(lambda: len(numbers) >= 2)
        before = len(numbers)
        assert (await upload(client, LABEL)).status_code == 200
        assert len(numbers) - before <= PAGES // 3
        taking.cancel()


async def test_long_documents_take_turns(app: App) -> None:
    finished: list[tuple[str, int]] = []

    async def read(name: str) -> None:
        async with asking(app, document(8), LINES, TIFF) as asked:
            await asked.message()
            while body := (await asked.message())["body"]:
                finished.append((name, json.loads(body)["number"]))

    await asyncio.gather(read("one"), read("other"))
    half = [name for name, _ in finished[: len(finished) // 2]]
    assert min(half.count("one"), half.count("other")) >= 2
    for name in ("one", "other"):
        assert [number for each, number in finished if each == name] == list(range(1, 9))


async def test_a_client_that_takes_slowly_is_not_read_ahead_for(app: App) -> None:
    async with asking(app, document(6), LINES, TIFF) as asked:
        await asked.message()
        await settled(app)
        assert not asked.ended.is_set()
        numbers = []
        while body := (await asked.message())["body"]:
            numbers.append(json.loads(body)["number"])
        assert numbers == list(range(1, 7))
    assert is_idle(app)


@pytest.mark.parametrize("query", [LINES, "format=text", "format=pdf", "format=json"])
async def test_who_leaves_stops_its_work(app: App, query: str) -> None:
    async with asking(app, document(), query, TIFF) as asked:
        await until(lambda: gauge(app, "offing_slots_busy", "ocr.pages") > 0)
        started_at = time.monotonic()
        asked.leave()
        await asyncio.wait_for(asked.ended.wait(), SOON)
        await until(lambda: is_idle(app))
        assert time.monotonic() - started_at < SOON
    async with client_of(app) as client:
        assert (await upload(client, LABEL)).status_code == 200


async def test_more_requests_than_the_queue_holds_are_sent_away() -> None:
    async with started(OFFING_OCR_QUEUE="1") as app, client_of(app) as client:
        async with asking(app, document(), LINES, TIFF) as asked:
            await asked.message()
            response = await upload(client, LABEL)
            assert response.status_code == 503
            assert int(response.headers["retry-after"]) > 0
            body: dict[str, Any] = response.json()
            assert (body["code"], body["success"]) == ("overloaded", False)
            assert body["error"]
            asked.leave()
            await asyncio.wait_for(asked.ended.wait(), SOON)
        await until(lambda: is_idle(app))
        assert (await upload(client, LABEL)).status_code == 200


async def test_many_at_once_get_what_each_gets_alone(app: App) -> None:
    names = ("label", "german", "turkish", "polish")
    async with client_of(app) as client:
        alone = [(await upload(client, file_of(name))).json()["pages"] for name in names]
        together = await asyncio.gather(*(upload(client, file_of(name)) for name in names * 3))
        assert [each.json()["pages"] for each in together] == alone * 3
