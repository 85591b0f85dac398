"""A file as an HTTP answer: its headers, its parts, and what it says of verification."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from offing.xet.conditions import check_same, is_unchanged, takes_ranges
from offing.xet.content import Content
from offing.xet.engine.resolved import Resolved
from offing.xet.library import Opened
from offing.xet.ranges import Span, read_ranges

BINARY = "application/octet-stream"
VERIFIED = "X-Offing-Verified"

Open = Callable[[Span], Opened]


def headers_of(file: Resolved) -> dict[str, str]:
    """What is told of a file, whichever part of it is sent.

    The names are those of Hugging Face's hub, whose clients compare X-Linked-Etag with what they have. The
    type is never the file's own: a page out of a repository must not run here.
    """
    told = {
        "ETag": f'"{file.etag}"',
        "Accept-Ranges": "bytes",
        "Content-Type": BINARY,
        "Content-Disposition": disposition(file.filename),
        "X-Content-Type-Options": "nosniff",
        # A branch may be another file at the next moment, and another caller may not have this one.
        "Cache-Control": "private, no-cache",
        "X-Linked-Size": str(file.size),
        "X-Linked-Etag": f'"{file.etag}"',
    }
    if file.commit:
        told["X-Repo-Commit"] = file.commit
    if file.last_modified:
        told["Last-Modified"] = file.last_modified
    return told


def disposition(name: str) -> str:
    """An attachment of this name (RFC 6266): plain, and as UTF-8 where it has more than ASCII."""
    plain = "".join(
        each if each.isascii() and each.isprintable() and each not in '"\\' else "_" for each in name
    )
    told = f'attachment; filename="{plain}"'
    return told if plain == name else f"{told}; filename*=UTF-8''{quote(name, safe='')}"


def answer_file(request: Request, file: Resolved, open_span: Open) -> Response:
    """The file, or the part of it, that a request asks for. Raises BadRange, Changed."""
    headers, asked = headers_of(file), request.headers
    check_same(asked, headers["ETag"])
    if is_unchanged(asked, headers["ETag"]):
        del headers["Content-Type"], headers["Content-Disposition"]
        return Response(status_code=304, headers=headers)
    # A range is asked for with GET only (RFC 9110, section 14.2).
    spans = _spans(asked, file) if request.method != "HEAD" else []
    if len(spans) > 1:
        return _parts(file, spans, open_span, headers)
    span = spans[0] if spans else Span(0, file.size)
    opened = open_span(span)
    headers |= {"Content-Length": str(span.length), VERIFIED: opened.verified}
    if spans:
        headers["Content-Range"] = span.content_range(file.size)
    if request.method == "HEAD":
        return Response(headers=headers)
    return Content(206 if spans else 200, headers, opened.pieces)


def _spans(asked: Headers, file: Resolved) -> list[Span]:
    if not takes_ranges(asked, f'"{file.etag}"', file.last_modified):
        return []
    return read_ranges(asked.get("range"), file.size)


def _parts(file: Resolved, spans: list[Span], open_span: Open, headers: dict[str, str]) -> Response:
    """Several ranges in one answer (RFC 9110, section 14.6)."""
    boundary = secrets.token_hex(16)
    heads = [
        f"--{boundary}\r\nContent-Type: {BINARY}\r\nContent-Range: {span.content_range(file.size)}\r\n\r\n"
        for span in spans
    ]
    end = f"--{boundary}--\r\n".encode()
    length = sum(len(head) + span.length + 2 for head, span in zip(heads, spans, strict=True)) + len(end)
    opened = [open_span(span) for span in spans]
    unsure = [each.verified for each in opened if each.verified != "file"]

    async def pieces() -> AsyncGenerator[bytes, None]:
        for head, part in zip(heads, opened, strict=True):
            before = head.encode()
            async with aclosing(part.pieces) as content:
                async for piece in content:
                    yield before + piece
                    before = b""
            yield b"\r\n"
        yield end

    told = {
        "Content-Type": f"multipart/byteranges; boundary={boundary}",
        "Content-Length": str(length),
        VERIFIED: "no" if "no" in unsure else "chunks",
    }
    return Content(206, {**headers, **told}, pieces())
