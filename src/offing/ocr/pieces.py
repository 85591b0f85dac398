"""An answer's bytes, page by page: a line of JSON each, or a file in a format of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from offing.kernel.problems import Problem
from offing.ocr.answer import page_line
from offing.ocr.reading import FailedPage, Reading
from offing.ocr.writers import Format

_encoder = msgspec.json.Encoder()


def line(answer: object) -> bytes:
    """A line of newline-delimited JSON."""
    return _encoder.encode(answer) + b"\n"


def failed(problem: Problem, request_id: str) -> dict[str, object]:
    """A problem as it stands among answers, with the seed's members whatever its kind."""
    return {"success": False, "error": problem.public_text, **problem.body(request_id)}


async def lines(reading: Reading, request_id: str, *, words: bool) -> AsyncGenerator[bytes, None]:
    """A line a page; of a page that fails, the problem and its number."""
    async with aclosing(reading.pages()) as pages:
        async for each in pages:
            if isinstance(each, FailedPage):
                yield line({**failed(each.problem, request_id), "number": each.number})
            else:
                yield line(page_line(each.page, reading.total, words=words))


async def written(reading: Reading, format_: Format) -> AsyncGenerator[bytes, None]:
    """A document in a format, a piece a page. Raises the problem of a page that fails."""
    writer = format_.writer()
    piece = writer.begin()
    async with aclosing(reading.pages()) as pages:
        async for each in pages:
            if isinstance(each, FailedPage):
                raise of_page(each)
            # Pictures are compressed here, which would hold up the event loop.
            piece += await asyncio.to_thread(writer.page, each.page, each.image)
            del each  # its pixels: whoever takes the piece slowly must not keep them
            yield piece
            piece = b""
    yield writer.end()


def of_page(failure: FailedPage) -> Problem:
    """The problem of a page as that of the whole answer, with the page's number."""
    failure.problem.members.setdefault("page", failure.number)
    return failure.problem
