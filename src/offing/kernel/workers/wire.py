"""Frames between the server and a worker: two lengths, then a header and a body.

With a frame's first bytes may travel descriptors of open files (SCM_RIGHTS, unix(7)): a way to share
memory instead of copying it.
"""

from __future__ import annotations

import array
import socket
import struct

LENGTHS = struct.Struct("!IQ")
MOST_FILES = 4
ROOM_FOR_FILES = socket.CMSG_SPACE(MOST_FILES * array.array("i").itemsize)
Frame = tuple[bytes, bytes]


def pack(header: bytes, body: bytes | bytearray) -> bytes:
    """The head of a frame; the body follows it unjoined, so that it is not copied."""
    return LENGTHS.pack(len(header), len(body)) + header


def read(channel: socket.socket) -> tuple[bytes, bytearray, list[int]] | None:
    """Read a frame from a blocking socket; None where the other side has closed it.

    Its descriptors, third, are the reader's to close.
    """
    start, files = _start(channel)
    rest = _exactly(channel, LENGTHS.size - len(start)) if 0 < len(start) < LENGTHS.size else b""
    if not start or rest is None:
        return None
    header_size, body_size = LENGTHS.unpack(start + rest)
    header, body = _exactly(channel, header_size), _exactly(channel, body_size)
    if header is None or body is None:
        return None
    return bytes(header), body, files


def write(channel: socket.socket, header: bytes, body: bytes = b"") -> None:
    """Write a frame to a blocking socket."""
    channel.sendall(pack(header, body))
    channel.sendall(body)


def _start(channel: socket.socket) -> tuple[bytes, list[int]]:
    """The first bytes of a frame, and the descriptors that come with them: most frames have none."""
    start, ancillary, _, _ = channel.recvmsg(LENGTHS.size, ROOM_FOR_FILES)
    files = array.array("i")
    for _, _, data in ancillary:
        files.frombytes(data[: len(data) - len(data) % files.itemsize])
    return start, files.tolist()


def _exactly(channel: socket.socket, size: int) -> bytearray | None:
    data = bytearray(size)
    view, filled = memoryview(data), 0
    while filled < size:
        received = channel.recv_into(view[filled:])
        if not received:
            return None
        filled += received
    return data
