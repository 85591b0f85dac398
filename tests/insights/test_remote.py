"""The URL route against real servers on loopback: what it fetches, follows and revalidates."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from email.utils import formatdate
from typing import Any

import httpx
import pytest

from tests.insights.images import flat
from tests.insights.pictures_at_urls import BLACK, PATIENT, WHITE, ask, error_of, image, place, with_each
from tests.insights.serving import BY_URL, serving
from tests.kernel.fetch.servers import Listener, Received, answer, redirect

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A server that may fetch from loopback, and waits long."""
    async with serving(**PATIENT) as client:
        yield client


def told_by(headers: str, condition: str, expected: str) -> Callable[[Received, asyncio.StreamWriter], Any]:
    """A server that knows how to say "not modified"."""

    async def respond(received: Received, writer: asyncio.StreamWriter) -> None:
        known = received.headers.get(condition) == expected
        writer.write(answer(b"", "304 Not Modified", headers) if known else image(headers=headers))

    return respond


async def test_the_image_at_a_url_is_analyzed_as_asked(client: httpx.AsyncClient) -> None:
    async with Listener(image()) as listener:
        response = await ask(client, place(listener), metrics="Median,brightness", edge_mode=" ALL ")
    body = response.json()
    assert response.status_code == 200
    assert body.pop("processing_time_ms") >= 0
    brightness = {"brightness_score": 0, "average_luminance": 0.0}
    edges = {"edge_brightness_score": 0, "edge_average_luminance": 0.0, "edge_mode": "all"}
    rest = {"median_luminance": 0.0, "width": 4, "height": 3, "algorithm": "rec709", "cached": False}
    assert body == brightness | edges | rest


async def test_the_request_that_goes_out_names_us_and_nobody_else(client: httpx.AsyncClient) -> None:
    async with Listener(image()) as listener:
        await client.post(
            BY_URL,
            json={"url": place(listener, "/a?b=c#d")},
            headers={
                "X-API-Key": "key",
                "Cookie": "a=b",
                "Authorization": "Bearer c",
                "X-Forwarded-For": "1.1.1.1",
            },
        )
    (received,) = listener.requests
    assert received.line == "GET /a?b=c HTTP/1.1"
    assert set(received.headers) == {"host", "user-agent", "accept", "accept-encoding", "connection"}


@pytest.mark.parametrize(
    ("headers", "condition", "expected"),
    [
        ('ETag: "one"\r\n', "if-none-match", '"one"'),
        ('ETag: W/"one"\r\n', "if-none-match", 'W/"one"'),
        ("Last-Modified: {date}\r\n", "if-modified-since", "{date}"),
        ('ETag: "one"\r\nLast-Modified: {date}\r\n', "if-none-match", '"one"'),
    ],
    ids=["etag", "weak-etag", "last-modified", "etag-before-last-modified"],
)
async def test_a_known_url_is_asked_again_and_not_read_again(
    client: httpx.AsyncClient, headers: str, condition: str, expected: str
) -> None:
    date = formatdate(0, usegmt=True)
    headers, expected = headers.format(date=date), expected.format(date=date)
    async with Listener(told_by(headers, condition, expected)) as listener:
        first, second, third = [(await ask(client, place(listener))).json() for _ in range(3)]
    assert condition not in listener.requests[0].headers
    assert [received.headers.get(condition) for received in listener.requests[1:]] == [expected] * 2
    assert second["cached"] is third["cached"] is True
    assert {**second, "cached": 0, "processing_time_ms": 0} == {**first, "cached": 0, "processing_time_ms": 0}


async def test_content_that_has_changed_gives_new_numbers(client: httpx.AsyncClient) -> None:
    answers = [image(BLACK, 'ETag: "1"\r\n'), image(WHITE, 'ETag: "2"\r\n'), answer(b"", "304 Not Modified")]
    async with Listener(with_each(*answers)) as listener:
        found = [(await ask(client, place(listener))).json() for _ in answers]
    assert [each["brightness_score"] for each in found] == [0, 100, 100]
    assert listener.requests[2].headers["if-none-match"] == '"2"'


async def test_what_names_nothing_to_revalidate_by_is_read_again_each_time(client: httpx.AsyncClient) -> None:
    async with Listener(with_each(image(BLACK), image(WHITE))) as listener:
        found = [(await ask(client, place(listener))).json() for _ in range(2)]
    assert [each["brightness_score"] for each in found] == [0, 100]
    assert all("if-none-match" not in received.headers for received in listener.requests)


async def test_the_same_content_under_another_url_is_analyzed_once(client: httpx.AsyncClient) -> None:
    content = flat((1, 77, 3), (5, 5))
    async with Listener(image(content)) as listener:
        found = [(await ask(client, place(listener, path))).json()["cached"] for path in ("/a", "/b")]
    assert found == [False, True]


async def test_another_question_about_a_known_url_is_answered_by_itself(client: httpx.AsyncClient) -> None:
    async with Listener(told_by('ETag: "q"\r\n', "if-none-match", '"q"')) as listener:
        await ask(client, place(listener))
        found = (await ask(client, place(listener), metrics="median")).json()
        again = (await ask(client, place(listener), metrics="median")).json()
    assert found["median_luminance"] == again["median_luminance"] == 0.0
    assert "brightness_score" not in again
    assert again["cached"] is True


async def test_not_modified_that_was_not_asked_for_is_a_failure(client: httpx.AsyncClient) -> None:
    async with Listener(answer(b"", "304 Not Modified")) as listener:
        assert error_of(await ask(client, place(listener)), 400)["status_code"] == 304


@pytest.mark.parametrize(
    "tag", [b'"caf\xe9"', b'"\xff\xfe"', b'"' + b"x" * 8000 + b'"', b"no quotes, at all"]
)
async def test_an_odd_entity_tag_does_no_harm(client: httpx.AsyncClient, tag: bytes) -> None:
    content = image().replace(b"\r\n\r\n", b"\r\nETag: " + tag + b"\r\n\r\n", 1)
    async with Listener(content) as listener:
        statuses = [(await ask(client, place(listener))).status_code for _ in range(2)]
    assert statuses == [200, 200]


async def test_a_redirect_is_followed(client: httpx.AsyncClient) -> None:
    async with Listener(image(WHITE)) as goal, Listener(redirect(place(goal, "/there"))) as first:
        found = (await ask(client, place(first))).json()
    assert found["brightness_score"] == 100
    assert goal.requests[0].target == "/there"
