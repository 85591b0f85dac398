"""Nothing goes on for a client that has left."""

from __future__ import annotations

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from offing.xet.hub.leaving import StopForTheGone


async def no_send(message: Message) -> None:
    del message


def test_work_for_a_client_that_has_left_is_ended() -> None:
    ended = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive, send
        try:
            await asyncio.sleep(3600)
        finally:
            ended.append("work")

    async def receive() -> Message:
        await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}

    async def ask() -> None:
        await asyncio.wait_for(StopForTheGone(app)({"method": "GET"}, receive, no_send), 5)

    asyncio.run(ask())
    assert ended == ["work"]


def test_a_failure_is_passed_on() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive, send
        raise ValueError("a failure")

    async def receive() -> Message:
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    with pytest.raises(ValueError, match="a failure"):
        asyncio.run(StopForTheGone(app)({"method": "HEAD"}, receive, no_send))


def test_who_writes_is_not_interrupted() -> None:
    got = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, send
        got.append(await receive())

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    asyncio.run(StopForTheGone(app)({"method": "POST"}, receive, no_send))
    assert got == [{"type": "http.disconnect"}]
