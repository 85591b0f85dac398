"""The server's ends of a nursery and of its workers."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from typing import Self

import msgspec

from offing.kernel.workers import wire
from offing.kernel.workers.launch import launch
from offing.kernel.workers.nursery import COMMAND, JOB, REFUSED, REPLY
from offing.kernel.workers.problems import ForkFailed, NurseryFailed, WorkerEnded

START_SECONDS = 60.0
END_SECONDS = 2.0
JOINED_BYTES = 128 * 1024
"""Bodies up to this size are sent with their head: a copy costs less than a second call."""
READ_BYTES = 64 * 1024


class Worker(msgspec.Struct, eq=False):
    """One worker process and the server's end of its channel."""

    process_id: int
    channel: socket.socket

    def lives(self) -> bool:
        """Whether the process still holds its end; it never speaks first."""
        try:
            self.channel.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return True
        except OSError:
            pass
        return False

    async def ask(
        self,
        header: bytes,
        body: bytes | bytearray,
        *,
        processor_seconds: float,
        files: Sequence[int] = (),
    ) -> bytes:
        """Send a job and return the answer. Raises :class:`WorkerEnded` where the process dies."""
        loop = asyncio.get_running_loop()
        try:
            head = wire.pack(JOB.pack(processor_seconds) + header, body)
            if files:
                # The worker waits, so its socket is empty and takes at least the first bytes.
                head = head[socket.send_fds(self.channel, [head], files) :]
            if len(body) <= JOINED_BYTES:
                await loop.sock_sendall(self.channel, head + body)
            else:
                await loop.sock_sendall(self.channel, head)
                await loop.sock_sendall(self.channel, body)
            return await _frame(self.channel)
        except (OSError, EOFError):
            raise WorkerEnded from None


class Nursery:
    """A nursery process: forks workers that share the handler's modules."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._process, self._control = process, control
        self._turn = asyncio.Lock()
        self._workers: dict[int, Worker] = {}

    @classmethod
    def launch(cls, target: str) -> Self:
        """Start the process; it imports the handler while the caller goes on."""
        launched = launch(target)
        return cls(launched.process, launched.control)

    async def opened(self) -> None:
        """Return when the handler is imported and warm. Raises :class:`NurseryFailed`."""
        try:
            # Whoever wants a worker meanwhile waits for its turn, and does not take this reply for its own.
            async with asyncio.timeout(START_SECONDS), self._turn:
                await self._reply()
        except TimeoutError:
            raise NurseryFailed from None

    async def fork(self, memory: int) -> Worker:
        """Fork a worker with a limit of private memory in bytes.

        Raises :class:`ForkFailed`, or another :class:`NurseryFailed` where the nursery is gone.
        """
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            async with self._turn:
                with theirs:
                    socket.send_fds(self._control, [COMMAND.pack(b"F", memory)], [theirs.fileno()])
                process_id = await self._reply()
        except BaseException as error:
            ours.close()
            if isinstance(error, OSError):
                raise NurseryFailed from None
            raise
        if process_id == REFUSED:
            ours.close()
            raise ForkFailed
        worker = self._workers[process_id] = Worker(process_id, ours)
        return worker

    async def retire(self, worker: Worker) -> int:
        """Kill a worker if it lives, and return the number of the signal that ended it, or 0.

        A worker of another nursery died with it. Raises :class:`NurseryFailed`.
        """
        worker.channel.close()
        if self._workers.get(worker.process_id) is not worker:
            return 0
        async with self._turn:
            try:
                self._control.send(COMMAND.pack(b"R", worker.process_id))
            except OSError:
                raise NurseryFailed from None
            status = await self._reply()
        del self._workers[worker.process_id]
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def close(self) -> None:
        """End the nursery and with it every worker."""
        self._control.close()
        try:
            self._process.wait(timeout=END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for worker in self._workers.values():
            worker.channel.close()
            _bury_orphan(worker.process_id)

    async def _reply(self) -> int:
        try:
            (number,) = REPLY.unpack(await _read(self._control, REPLY.size, REPLY.size))
        except (OSError, EOFError):
            raise NurseryFailed from None
        return int(number)


def _bury_orphan(process_id: int) -> None:
    """Reap what a killed nursery leaves behind: process 1 of a container inherits it."""
    with contextlib.suppress(ChildProcessError):
        if os.waitpid(process_id, os.WNOHANG) == (0, 0):
            os.kill(process_id, signal.SIGKILL)
            os.waitpid(process_id, 0)


async def _frame(channel: socket.socket) -> bytes:
    """The header and body of an answer; most come whole in one read."""
    start = wire.LENGTHS.size
    data = await _read(channel, start, READ_BYTES)
    missing = start + sum(wire.LENGTHS.unpack_from(data)) - len(data)
    if missing:
        data += await _read(channel, missing, missing)
    return bytes(data[start:])


async def _read(channel: socket.socket, least: int, most: int) -> bytearray:
    """At least and at most so many bytes. Raises EOFError where the other side ends before."""
    loop = asyncio.get_running_loop()
    data = bytearray()
    while len(data) < least:
        received = await loop.sock_recv(channel, most - len(data))
        if not received:
            raise EOFError
        data += received
    return data
