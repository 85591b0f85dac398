"""Reads ``multipart/form-data`` (RFC 7578) into memory, with every count and size bounded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from offing.kernel.problems import BadRequest

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

LARGEST_BOUNDARY = 70  # RFC 2046, section 5.1.1
MOST_PARTS = 32
MOST_HEADERS = 16
LARGEST_HEADERS = 8192


class Part(msgspec.Struct):
    """One part of a form: a file where it has a filename, else a field."""

    headers: dict[str, bytes] = msgspec.field(default_factory=dict)
    data: bytearray = msgspec.field(default_factory=bytearray)
    name: str | None = None
    filename: str | None = None

    @property
    def content_type(self) -> str | None:
        """The declared media type as it came, or None."""
        value = self.headers.get("content-type")
        return None if value is None else value.decode("latin-1")


async def read_form(chunks: AsyncIterator[bytes], content_type: str) -> list[Part]:
    """Read all parts. The caller bounds the bytes of ``chunks``; this bounds parts and headers.

    Raises :class:`BadRequest` where the form is malformed or ends early.
    """
    kind, parameters = parse_options_header(content_type)
    boundary = parameters.get(b"boundary", b"")
    if kind != b"multipart/form-data" or not 1 <= len(boundary) <= LARGEST_BOUNDARY:
        raise BadRequest("The body is not multipart/form-data with a valid boundary.")
    reader = _Reader()
    # The reader has bounds of its own for a part's headers, and says which was passed.
    parser = MultipartParser(
        boundary, reader.callbacks(), max_header_count=MOST_HEADERS + 1, max_header_size=LARGEST_HEADERS + 1
    )
    try:
        async for chunk in chunks:
            parser.write(chunk)
        parser.finalize()
    except FormParserError:
        raise BadRequest("The multipart body is malformed.") from None
    if not reader.ended:
        raise BadRequest("The multipart body ends before its closing boundary.")
    return reader.parts


class _Reader:
    """Collects what the parser tells."""

    def __init__(self) -> None:
        self.parts: list[Part] = []
        self.ended = False
        self._header_name = b""
        self._header_value = b""
        self._header_bytes = 0

    def callbacks(self) -> MultipartCallbacks:
        return {
            "on_part_begin": self._part_begin,
            "on_part_data": self._part_data,
            "on_header_field": self._field,
            "on_header_value": self._value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_end": self._end,
        }

    def _part_begin(self) -> None:
        if len(self.parts) == MOST_PARTS:
            raise BadRequest(f"The form has more than {MOST_PARTS} parts.")
        self.parts.append(Part())
        self._header_bytes = 0

    def _part_data(self, data: bytes, start: int, end: int) -> None:
        self.parts[-1].data += memoryview(data)[start:end]

    def _field(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._header_name += data[start:end]

    def _value(self, data: bytes, start: int, end: int) -> None:
        self._count(end - start)
        self._header_value += data[start:end]

    def _count(self, size: int) -> None:
        self._header_bytes += size
        if self._header_bytes > LARGEST_HEADERS:
            raise BadRequest("A part of the form has headers that are too large.")

    def _header_end(self) -> None:
        headers = self.parts[-1].headers
        if len(headers) == MOST_HEADERS:
            raise BadRequest("A part of the form has too many headers.")
        headers[self._header_name.decode("latin-1").lower()] = self._header_value
        self._header_name = self._header_value = b""

    def _headers_finished(self) -> None:
        part = self.parts[-1]
        _, options = parse_options_header(part.headers.get("content-disposition", b""))
        name, filename = options.get(b"name"), options.get(b"filename")
        part.name = None if name is None else name.decode("utf-8", "replace")
        part.filename = None if filename is None else filename.decode("utf-8", "replace")

    def _end(self) -> None:
        self.ended = True
