"""Reads request bodies within bounds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from offing.xet.hub.refusals import Refusal, bad, too_large

WRITE_BYTES = 1 << 20
STALL_SECONDS = 60.0
"""How long a body may pause."""

Read = TypeVar("Read")


async def read_body(request: Request, limit: int) -> bytes:
    """A whole body. Raises Refusal (413)."""
    return b"".join([piece async for piece in _bounded(request, limit)])


async def read_json(request: Request, limit: int, form: type[Read]) -> Read:
    """A JSON body of a form. Raises Refusal (400, 413)."""
    try:
        return msgspec.json.decode(await read_body(request, limit), type=form)
    except msgspec.DecodeError:
        raise bad("The body is not the JSON that is asked for.") from None


async def drop_body(request: Request, limit: int) -> None:
    """Read a body that nobody wants. Raises Refusal (413)."""
    async for _ in _bounded(request, limit):
        pass


async def save_body(request: Request, limit: int, place: Path) -> int:
    """Write a body to a file; returns its size. Raises Refusal (413)."""
    size, waiting = 0, bytearray()
    with place.open("wb") as file:
        async for piece in _bounded(request, limit):
            waiting += piece
            size += len(piece)
            if len(waiting) >= WRITE_BYTES:
                await _write(file, waiting)
                waiting = bytearray()
        await _write(file, waiting)
    return size


async def _write(file: BinaryIO, data: bytearray) -> None:
    await asyncio.to_thread(file.write, data)


async def _bounded(request: Request, limit: int) -> AsyncIterator[bytes]:
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise too_large()
    left, pieces = limit, request.stream()
    while (piece := await _next(pieces)) is not None:
        left -= len(piece)
        if left < 0:
            raise too_large()
        yield piece


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    try:
        async with asyncio.timeout(STALL_SECONDS):
            return await anext(pieces, None)
    except ClientDisconnect:
        raise bad("The body ended early.") from None
    except TimeoutError:
        raise Refusal(408, "The body took too long to come.", headers={"Connection": "close"}) from None
