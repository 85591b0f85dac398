"""Frames between the server and a worker: two lengths, then a header and a body."""

from __future__ import annotations

import socket
import struct

LENGTHS = struct.Struct("!IQ")
Frame = tuple[bytes, bytes]


def pack(header: bytes, body: bytes | bytearray) -> bytes:
    """The head of a frame; the body follows it unjoined, so that it is not copied."""
    return LENGTHS.pack(len(header), len(body)) + header


def read(channel: socket.socket) -> tuple[bytes, bytearray] | None:
    """Read a frame from a blocking socket; None where the other side has closed it."""
    lengths = _exactly(channel, LENGTHS.size)
    if lengths is None:
        return None
    header_size, body_size = LENGTHS.unpack(lengths)
    header, body = _exactly(channel, header_size), _exactly(channel, body_size)
    if header is None or body is None:
        return None
    return bytes(header), body


def write(channel: socket.socket, header: bytes, body: bytes = b"") -> None:
    """Write a frame to a blocking socket."""
    channel.sendall(pack(header, body))
    channel.sendall(body)


def _exactly(channel: socket.socket, size: int) -> bytearray | None:
    data = bytearray(size)
    view, filled = memoryview(data), 0
    while filled < size:
        received = channel.recv_into(view[filled:])
        if not received:
            return None
        filled += received
    return data
