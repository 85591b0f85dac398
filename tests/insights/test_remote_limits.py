"""What the URL route does not take: another status, type or size, and what does not come in time."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.hostile import png_writer as png
from tests.insights.pictures_at_urls import LOOPBACK_ALLOWED, PATIENT, ask, error_of, image, place
from tests.insights.serving import serving
from tests.kernel.fetch.servers import Listener, Received, answer, redirect

pytestmark = pytest.mark.anyio

MEGABYTE = 1024 * 1024
HASTE_SECONDS, SLACK_SECONDS = 0.5, 2.5
"""How long the hasty server waits for a URL, and how late it may be on a busy machine."""


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A server that may fetch from loopback, and waits long."""
    async with serving(**PATIENT) as client:
        yield client


@pytest.fixture(scope="module")
async def hasty() -> AsyncIterator[httpx.AsyncClient]:
    """A server that may fetch from loopback, and gives up soon."""
    async with serving(**LOOPBACK_ALLOWED, OFFING_INSIGHTS_FETCH_SECONDS=str(HASTE_SECONDS)) as client:
        yield client


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


async def test_redirects_without_end_are_400(client: httpx.AsyncClient) -> None:
    async with Listener(redirect("/again")) as listener:
        assert (
            error_of(await ask(client, place(listener)), 400)["error"] == "Failed to download image from URL"
        )
    assert len(listener.requests) == 6
