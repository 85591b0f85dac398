"""A plain HTTP/1.1 client that can do what a good client never does."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import Any, Self

import msgspec

PATIENCE = 10.0


@dataclass(frozen=True)
class Answer:
    """One answer; header names are lower-cased."""

    status: int
    headers: dict[str, str]
    body: bytes
    whole: bool = True
    """Whether the body came to the end that its head announced."""

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return msgspec.json.decode(self.body)


class Wire:
    """One connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self._stream = self.socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send bytes as they are."""
        self.socket.sendall(data)

    def head(self, method: str, path: str, *headers: str) -> None:
        """Send a request's head."""
        self.send("\r\n".join([f"{method} {path} HTTP/1.1", "Host: probe", *headers, "", ""]).encode())

    def ask(self, method: str, path: str, *headers: str, body: bytes | None = None) -> Answer:
        """Send a whole request and read its answer."""
        length = [] if body is None else [f"Content-Length: {len(body)}"]
        self.head(method, path, *headers, *length)
        self.send(body or b"")
        return self.answer(method)

    def answer(self, method: str = "GET") -> Answer:
        """Read one answer. Raises EOFError where the connection ends before its head."""
        line = self._stream.readline()
        if not line:
            raise EOFError
        headers = {}
        while line_of_header := self._stream.readline().strip():
            name, _, value = line_of_header.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        status = int(line.split()[1])
        if method == "HEAD" or status in {204, 304} or status < 200:
            return Answer(status, headers, b"")
        body, whole = self._body(headers)
        return Answer(status, headers, body, whole)

    def _body(self, headers: dict[str, str]) -> tuple[bytes, bool]:
        if headers.get("transfer-encoding") != "chunked":
            length = int(headers["content-length"])
            body = self._stream.read(length)
            return body, len(body) == length
        body = b""
        while size := self._stream.readline().strip():
            chunk = self._stream.read(int(size, 16))
            self._stream.readline()
            if not chunk:
                return body, True
            body += chunk
        return body, False

    def ends(self, seconds: float = PATIENCE) -> float:
        """Wait for the server to end the connection, and return how long that took, in seconds."""
        begun = time.monotonic()
        self.socket.settimeout(seconds)
        try:
            while self._stream.read(65536):
                pass
        except ConnectionError:
            pass
        return time.monotonic() - begun
