"""What clients have not taken yet of answers whose connections are closed already.

The system goes on sending what a closed socket has left, as long as the network is there: that of a container
goes with its first process, and the end of a download with it. A server that ends waits for its clients here.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import socket
import struct
import termios
import time

LOOK_SECONDS = 0.02
LINGER_SECONDS = 1.0
"""For what a proxy before a container has taken of a long answer, and a client has not: it may end, too."""
TELLS = hasattr(socket, "TCP_INFO")
"""Whether the system tells of a socket what is needed here."""
SENDING = {4, 9, 11}
"""The states FIN_WAIT1, LAST_ACK and CLOSING of Linux (``net/tcp_states.h``): the end is not acknowledged."""


class Untaken:
    """The sockets of one server that are closed while a part of their answers is on its way."""

    def __init__(self) -> None:
        self.watches = False
        """Whether to look at connections that close: a server that goes on has no need."""
        self._leaving: list[_Leaving] = []
        self._linger = 0.0

    def note(self, transport: asyncio.BaseTransport, *, was_full: bool) -> None:
        """Watch a connection that is about to be closed, ``was_full`` if its client was slower than we."""
        if not self.watches:
            return
        if was_full:
            self._linger = LINGER_SECONDS
        if not TELLS:
            return
        with contextlib.suppress(OSError):  # it is closed already
            number = transport.get_extra_info("socket").fileno()
            if left := _unsent(number):
                self._leaving.append(_Leaving(os.dup(number), left))

    async def until_taken(self, patience: float) -> None:
        """Return when all is acknowledged, or nothing more has been for so many seconds."""
        while self._leaving:
            self._leaving = [each for each in self._leaving if each.goes_on(patience)]
            await asyncio.sleep(LOOK_SECONDS)
        await asyncio.sleep(self._linger)


class _Leaving:
    """A socket with nothing more to say."""

    def __init__(self, number: int, left: int) -> None:
        self._socket = socket.socket(fileno=number)
        self._left, self._since = left, time.monotonic()
        # Now, as a close would: as long as this descriptor is open the other one's close says nothing.
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._socket.close()
            raise

    def goes_on(self, patience: float) -> bool:
        """Whether there is something to wait for; where there is not, it is closed."""
        (state,) = self._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
        left, now = _unsent(self._socket.fileno()), time.monotonic()
        if left < self._left:
            self._left, self._since = left, now
        if state in SENDING and now - self._since < patience:
            return True
        self._socket.close()
        return False


def _unsent(number: int) -> int:
    """Bytes that the other side has not acknowledged."""
    (left,) = struct.unpack("i", fcntl.ioctl(number, termios.TIOCOUTQ, bytes(4)))
    return int(left)
