"""Reads files, and the options beside them, out of a request: from a form, from JSON, or as they are."""

from __future__ import annotations

import asyncio
import binascii
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import Request

from offing.kernel.multipart import Part, read_form
from offing.kernel.problems import BadRequest
from offing.ocr.parameters import NAMES
from offing.ocr.problems import (
    DocumentTooLarge,
    EmptyDocument,
    InvalidBase64,
    InvalidOption,
    MissingField,
    OcrProblem,
    UnsupportedBody,
)

FIELD, BASE64_FIELD = "file", "image"
FORM = "multipart/form-data"
PIECE = 1 << 20
"""Characters of base64 that are decoded at once: a multiple of four, and no long while for other threads."""


class Upload(msgspec.Struct, frozen=True):
    """A file as it came."""

    data: bytes | bytearray
    name: str = ""
    """As the client calls it."""
    problem: OcrProblem | None = None
    """What is wrong with it before anyone looks inside."""


Options = Mapping[str, str | None]


async def read_file(request: Request, max_bytes: int) -> tuple[Upload, Options]:
    """The file of a form, of several the last, or a body that is one; and the form's options.

    Raises MissingField, UnsupportedBody, DocumentTooLarge, EmptyDocument, BadRequest.
    """
    declared = request.headers.get("content-type", "")
    kind = declared.partition(";")[0].strip().lower()
    if kind == FORM:
        uploads, options = await read_files(request, max_bytes)
        return _sound(uploads[-1]), options
    if kind and not (kind.startswith("image/") or kind in {"application/pdf", "application/octet-stream"}):
        raise UnsupportedBody(received_type=declared[:200])
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > max_bytes:
            raise DocumentTooLarge(max_bytes)
    if not data and not kind:
        raise MissingField(field=FIELD)
    return _sound(_checked(data, max_bytes)), {}


async def read_files(request: Request, max_bytes: int) -> tuple[list[Upload], Options]:
    """All files of a form in order, each with its own problem where it has one, and the form's options.

    Raises MissingField, UnsupportedBody, BadRequest.
    """
    declared = request.headers.get("content-type", "")
    if declared.partition(";")[0].strip().lower() != FORM:
        raise UnsupportedBody(received_type=declared[:200], remedy="Send multipart/form-data.")
    parts = await read_form(request.stream(), declared)
    files = [each for each in parts if each.name == FIELD]
    if not files:
        raise MissingField(field=FIELD)
    if any(each.filename is None for each in files):
        raise MissingField("The field with the file is text.", field=FIELD)
    options = {each.name: _text(each) for each in parts if each.name in NAMES and each.filename is None}
    return [_checked(each.data, max_bytes, each.filename or "") for each in files], options


async def read_base64(request: Request, max_bytes: int) -> tuple[Upload, Options]:
    """The file in the field ``image`` of a JSON body, whatever its declared type, and the options beside it.

    Raises MissingField, InvalidBase64, InvalidOption, DocumentTooLarge, EmptyDocument, BadRequest.
    """
    body = await request.body()
    if len(body) > PIECE:
        return await asyncio.to_thread(_of_json, body, max_bytes)
    return _of_json(body, max_bytes)


def _of_json(body: bytes, max_bytes: int) -> tuple[Upload, Options]:
    try:
        given = msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError):  # a ValidationError, for what is no object, is one
        raise BadRequest("The body is not a JSON object.") from None
    image = given.get(BASE64_FIELD)
    if not isinstance(image, str):
        raise MissingField(
            "The field `image` is missing, or no text.",
            remedy="Send JSON with the file's bytes in the member `image`, in base64.",
            field=BASE64_FIELD,
        )
    options = {name: _spelled(name, given[name]) for name in NAMES if given.get(name) is not None}
    return _sound(_checked(_decoded(image), max_bytes)), options


def _decoded(text: str) -> bytearray:
    """The bytes of base64, or of a data: URL in it (RFC 2397)."""
    if text[:5].lower() == "data:":
        head, _, text = text.partition(",")
        if not head.lower().endswith(";base64"):
            raise InvalidBase64("The data: URL is not in base64.")
    try:
        characters = "".join(text.split()).encode("ascii")
        data = bytearray()
        for start in range(0, len(characters), PIECE):
            data += binascii.a2b_base64(characters[start : start + PIECE], strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        raise InvalidBase64 from None
    return data


def _spelled(name: str, value: object) -> str:
    """An option's JSON value as it stands in a query."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise InvalidOption(name, type(value).__name__, takes="a text, a number or a flag")
    return str(value)


def _text(part: Part) -> str:
    return part.data.decode("utf-8", "replace")


def _checked(data: bytes | bytearray, max_bytes: int, name: str = "") -> Upload:
    if len(data) > max_bytes:
        return Upload(b"", name, DocumentTooLarge(max_bytes))
    return Upload(data, name, None if data else EmptyDocument())


def _sound(upload: Upload) -> Upload:
    if upload.problem is not None:
        raise upload.problem
    return upload
