"""The server's ends of a nursery and of its workers."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from typing import Self

from offing.kernel.workers import wire
from offing.kernel.workers.nursery import COMMAND, JOB, REPLY
from offing.kernel.workers.problems import NurseryFailed, WorkerEnded

# Threads inside a worker would multiply its memory and break the fork; huge pages take a fifth
# off the time of a large decode, most of which goes into faulting its memory in.
ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
START_SECONDS = 60.0


@dataclass
class Worker:
    """One worker process and the server's end of its channel."""

    process_id: int
    channel: socket.socket

    async def ask(self, header: bytes, body: bytes | bytearray, *, processor_seconds: float) -> bytes:
        """Send a job and return the answer. Raises :class:`WorkerEnded` where the process dies."""
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_sendall(self.channel, wire.pack(JOB.pack(processor_seconds) + header, body))
            if body:
                await loop.sock_sendall(self.channel, body)
            lengths = await _exactly(self.channel, wire.LENGTHS.size)
            header_size, body_size = wire.LENGTHS.unpack(lengths)
            return bytes(await _exactly(self.channel, header_size + body_size))
        except (OSError, EOFError):
            raise WorkerEnded from None


class Nursery:
    """A nursery process: forks workers that share the handler's modules."""

    def __init__(self, process: subprocess.Popen[bytes], control: socket.socket) -> None:
        self._process, self._control = process, control
        self._turn = asyncio.Lock()

    @classmethod
    def launch(cls, target: str) -> Self:
        """Start the process; it imports the handler while the caller goes on."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = subprocess.Popen(  # noqa: S603  our own module, by this interpreter
                [sys.executable, "-m", "offing.kernel.workers.nursery", str(theirs.fileno()), target],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                env={**inherited_environment(), **ENVIRONMENT},
            )
        ours.setblocking(False)
        return cls(process, ours)

    async def opened(self) -> None:
        """Return when the handler is imported and warm. Raises :class:`NurseryFailed`."""
        async with asyncio.timeout(START_SECONDS):
            await self._reply()

    async def fork(self, memory: int) -> Worker:
        """Fork a worker with a limit of private memory in bytes. Raises :class:`NurseryFailed`."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        async with self._turn:
            with theirs:
                try:
                    socket.send_fds(self._control, [COMMAND.pack(b"F", memory)], [theirs.fileno()])
                except OSError:
                    raise NurseryFailed from None
            return Worker(await self._reply(), ours)

    async def retire(self, worker: Worker) -> int:
        """Kill a worker if it lives, and return the number of the signal that ended it, or 0."""
        worker.channel.close()
        async with self._turn:
            try:
                self._control.send(COMMAND.pack(b"R", worker.process_id))
            except OSError:
                raise NurseryFailed from None
            status = await self._reply()
        return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0

    def close(self) -> None:
        """End the nursery and with it every worker."""
        self._control.close()
        try:
            self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    async def _reply(self) -> int:
        try:
            (number,) = REPLY.unpack(await _exactly(self._control, REPLY.size))
        except (OSError, EOFError):
            raise NurseryFailed from None
        return int(number)


def inherited_environment() -> dict[str, str]:
    """What a worker process may see of the environment: how to find Python, and no secret."""
    from offing.kernel.settings import environment

    kept = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "VIRTUAL_ENV", "LD_LIBRARY_PATH")
    return {name: value for name, value in environment().items() if name in kept or name.startswith("PYTHON")}


async def _exactly(channel: socket.socket, size: int) -> bytearray:
    loop = asyncio.get_running_loop()
    data = bytearray()
    while len(data) < size:
        received = await loop.sock_recv(channel, size - len(data))
        if not received:
            raise EOFError
        data += received
    return data
