"""The URL route against real servers on loopback: what it fetches, revalidates and refuses."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Callable
from email.utils import formatdate
from typing import Any

import httpx
import pytest

from tests.hostile import png_writer as png
from tests.insights.images import flat
from tests.insights.serving import BY_URL, serving
from tests.kernel.fetch.notations import AMBIGUOUS, OTHERS, loopback
from tests.kernel.fetch.servers import Listener, Received, answer, redirect

pytestmark = pytest.mark.anyio

BLACK, WHITE = flat((0, 0, 0), (4, 3)), flat((255, 255, 255), (4, 3))
MEGABYTE = 1024 * 1024
HASTE_SECONDS, SLACK_SECONDS = 0.5, 2.5
"""How long the hasty server waits for a URL, and how late it may be on a busy machine."""
SECRET = "user:secret@"  # noqa: S105  what must not be told
REFUSED = "URLs pointing to private or local network addresses are not allowed"


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A server that may fetch from loopback, and waits long."""
    async with serving(
        OFFING_FETCH_ALLOW_NETWORKS="127.0.0.0/8", OFFING_INSIGHTS_FETCH_SECONDS="20"
    ) as client:
        yield client


@pytest.fixture(scope="module")
async def hasty() -> AsyncIterator[httpx.AsyncClient]:
    """A server that may fetch from loopback, and gives up soon."""
    async with serving(
        OFFING_FETCH_ALLOW_NETWORKS="127.0.0.0/8", OFFING_INSIGHTS_FETCH_SECONDS=str(HASTE_SECONDS)
    ) as client:
        yield client


@pytest.fixture(scope="module")
async def guarded() -> AsyncIterator[httpx.AsyncClient]:
    """A server with the default settings."""
    async with serving() as client:
        yield client


def image(body: bytes = BLACK, headers: str = "", kind: str = "image/png") -> bytes:
    return answer(body, headers=f"Content-Type: {kind}\r\n{headers}")


def place(listener: Listener, rest: str = "/picture.png", before: str = "") -> str:
    return f"http://{before}127.0.0.1:{listener.port}{rest}"


async def ask(client: httpx.AsyncClient, url: str, **options: Any) -> httpx.Response:
    return await client.post(BY_URL, content=json.dumps({"url": url, **options}))


def error_of(response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    body = response.json()
    assert list(body) == ["detail"]
    error: dict[str, Any] = body["detail"]
    return error


def told_by(headers: str, condition: str, expected: str) -> Callable[[Received, asyncio.StreamWriter], Any]:
    """A server that knows how to say "not modified"."""

    async def respond(received: Received, writer: asyncio.StreamWriter) -> None:
        known = received.headers.get(condition) == expected
        writer.write(answer(b"", "304 Not Modified", headers) if known else image(headers=headers))

    return respond


def with_each(*answers: bytes) -> Callable[[Received, asyncio.StreamWriter], Any]:
    """A server that gives its answers in turn."""
    left = list(answers)

    async def respond(_: Received, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0))

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


@pytest.mark.parametrize(
    "status", ["404 Not Found", "403 Forbidden", "500 Oops", "204 No Content", "206 Partial Content"]
)
async def test_another_status_than_200_is_400_and_told(client: httpx.AsyncClient, status: str) -> None:
    async with Listener(
        answer(b"secret body" * (status[:3] != "204"), status, "Content-Type: image/png\r\n")
    ) as listener:
        error = error_of(await ask(client, place(listener, "/path?token=secret#part")), 400)
    assert error == {
        "error": "Failed to download image from URL",
        "status_code": int(status[:3]),
        "url": f"http://127.0.0.1:{listener.port}",
    }


async def test_a_url_with_credentials_is_refused_without_telling_them(client: httpx.AsyncClient) -> None:
    async with Listener(image()) as listener:
        response = await ask(client, place(listener, before=SECRET))
        assert error_of(response, 400)["error"] == "Invalid URL"
        assert "secret" not in response.text
        assert not listener.connections


async def test_a_server_that_says_nothing_is_408(hasty: httpx.AsyncClient) -> None:
    async def wait(_: Received, __: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async with Listener(wait) as listener:
        began = time.perf_counter()
        error = error_of(await ask(hasty, place(listener, "/secret")), 408)
    assert error == {
        "error": "Request timeout while downloading image",
        "url": f"http://127.0.0.1:{listener.port}",
    }
    assert HASTE_SECONDS <= time.perf_counter() - began < SLACK_SECONDS


@pytest.mark.parametrize("in_body", [True, False], ids=["body", "headers"])
async def test_a_server_that_drips_is_408_within_the_limit_of_the_whole(
    hasty: httpx.AsyncClient, *, in_body: bool
) -> None:
    async def drip(_: Received, writer: asyncio.StreamWriter) -> None:
        whole = image(png.gray(8, 8) + bytes(1000), "X: y\r\n")
        begun = whole.index(b"\r\n\r\n") + 4 if in_body else 0
        writer.write(whole[:begun])
        for byte in whole[begun:]:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(0.05)

    async with Listener(drip) as listener:
        began = time.perf_counter()
        error_of(await ask(hasty, place(listener)), 408)
    assert HASTE_SECONDS <= time.perf_counter() - began < SLACK_SECONDS


async def test_redirects_share_one_limit_of_time(hasty: httpx.AsyncClient) -> None:
    async def slowly_elsewhere(received: Received, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(HASTE_SECONDS / 2)
        writer.write(redirect(received.target + "x"))

    async with Listener(slowly_elsewhere) as listener:
        error_of(await ask(hasty, place(listener)), 408)
    assert len(listener.requests) <= 3


@pytest.mark.parametrize(
    "kind", ["text/html", "image/gif", "image/jpg", "", "application/octet-stream", "image/png2"]
)
async def test_another_content_type_is_415(client: httpx.AsyncClient, kind: str) -> None:
    async with Listener(image(kind=kind)) as listener:
        error = error_of(await ask(client, place(listener)), 415)
    assert error == {
        "error": "Unsupported image type from URL",
        "allowed_types": ["image/jpeg", "image/png"],
        "received_type": kind,
    }


@pytest.mark.parametrize(
    "kind", ["image/png", "IMAGE/PNG", "image/jpeg", "image/png; charset=binary", " image/png "]
)
async def test_an_allowed_content_type_is_taken_in_any_case_and_with_parameters(
    client: httpx.AsyncClient, kind: str
) -> None:
    async with Listener(image(kind=kind)) as listener:
        assert (await ask(client, place(listener))).status_code == 200


async def test_a_body_that_is_no_image_is_400(client: httpx.AsyncClient) -> None:
    async with Listener(image(b"<html>")) as listener:
        assert error_of(await ask(client, place(listener)), 400)["error"] == "Invalid or corrupted image file"


async def test_a_declared_size_over_the_limit_is_413_before_it_is_read(client: httpx.AsyncClient) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 6000000\r\n\r\n"
    async with Listener(head) as listener:  # and not one byte of the six million
        error = error_of(await ask(client, place(listener)), 413)
    assert error == {
        "error": "Image from URL exceeds maximum allowed size (5MB)",
        "max_size_bytes": 5 * MEGABYTE,
        "received_size_bytes": 6_000_000,
    }


async def test_chunks_over_the_limit_are_413_and_not_read_on(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endlessly(_: Received, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + bytes(65536) + b"\r\n")
            await writer.drain()
            sent += 65536

    async with Listener(endlessly) as listener:
        error = error_of(await ask(client, place(listener)), 413)
    assert error["error"] == "Image from URL exceeds maximum allowed size (5MB)"
    assert 5 * MEGABYTE < error["received_size_bytes"] < 6 * MEGABYTE
    assert sent < 16 * MEGABYTE  # what had come, and what the sockets' buffers hold


async def test_an_empty_body_is_400(client: httpx.AsyncClient) -> None:
    async with Listener(image(b"")) as listener:
        assert error_of(await ask(client, place(listener)), 400) == {
            "error": "Downloaded image file is empty"
        }


async def test_a_connection_that_breaks_is_400_without_its_reason(client: httpx.AsyncClient) -> None:
    async with Listener(b"garbage\r\n\r\n") as garbage, Listener(image()[:-9]) as short:
        for listener in (garbage, short):
            response = await ask(client, place(listener, "/secret"))
            error = error_of(response, 400)
            assert error["error"] == "Failed to download image from URL"
            assert error["url"] == f"http://127.0.0.1:{listener.port}"
            assert "secret" not in response.text


async def test_a_port_where_nobody_listens_is_400(client: httpx.AsyncClient) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        response = await ask(client, f"http://127.0.0.1:{closed.getsockname()[1]}/")
    assert error_of(response, 400)["error"] == "Failed to download image from URL"


async def test_a_redirect_is_followed(client: httpx.AsyncClient) -> None:
    async with Listener(image(WHITE)) as goal, Listener(redirect(place(goal, "/there"))) as first:
        found = (await ask(client, place(first))).json()
    assert found["brightness_score"] == 100
    assert goal.requests[0].target == "/there"


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]:80/",
        "http://0/",
        "//192.168.0.1/",
    ],
)
async def test_a_redirect_to_a_refused_address_is_400(client: httpx.AsyncClient, location: str) -> None:
    async with Listener(redirect(location)) as listener:
        response = await ask(client, place(listener))
    assert error_of(response, 400) == {"error": "Invalid URL", "detail": REFUSED}


async def test_a_redirect_to_another_scheme_is_400(client: httpx.AsyncClient) -> None:
    async with Listener(redirect("file:///etc/passwd")) as listener:
        assert error_of(await ask(client, place(listener)), 400)["error"] == "Invalid URL"


async def test_redirects_without_end_are_400(client: httpx.AsyncClient) -> None:
    async with Listener(redirect("/again")) as listener:
        assert (
            error_of(await ask(client, place(listener)), 400)["error"] == "Failed to download image from URL"
        )
    assert len(listener.requests) == 6


@pytest.mark.parametrize("host", [*loopback(1), "localhost", "LOCALHOST.", "0", "[::]", "0x0", "127.1"])
async def test_no_notation_of_loopback_is_reached_by_default(guarded: httpx.AsyncClient, host: str) -> None:
    async with Listener(image()) as listener:
        error = error_of(await ask(guarded, f"http://{host}:{listener.port}/"), 400)
    assert error["error"] == "Invalid URL"
    assert not listener.connections


async def test_no_other_address_that_is_not_public_is_reached(guarded: httpx.AsyncClient) -> None:
    for host in OTHERS:
        error = error_of(await ask(guarded, f"http://{host}/"), 400)
        assert error == {"error": "Invalid URL", "detail": REFUSED}, host


async def test_what_readers_of_addresses_disagree_about_is_not_fetched(guarded: httpx.AsyncClient) -> None:
    for host in AMBIGUOUS:
        response = await ask(guarded, f"http://{host}:9/")
        if host.isprintable():
            assert error_of(response, 400)["error"] == "Invalid URL", host
        else:
            assert response.status_code == 422, host  # half a surrogate pair: JSON knows it, Unicode does not


async def test_an_address_once_allowed_is_checked_again_for_a_known_url(client: httpx.AsyncClient) -> None:
    """What was seen at a URL opens no way around the checks: a redirect that comes later is refused."""
    answers = image(BLACK, 'ETag: "1"\r\n'), redirect("http://10.0.0.1/")
    async with Listener(with_each(*answers)) as listener:
        assert (await ask(client, place(listener))).status_code == 200
        assert error_of(await ask(client, place(listener)), 400)["detail"] == REFUSED
