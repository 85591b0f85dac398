"""The nursery: imports the handler once and forks workers from it.

Started by the pool as ``python -m offing.kernel.workers.nursery FD MODULE:FUNCTION``. It imports
nothing of the server. Commands come as nine bytes, a letter and a number:

``F`` memory limit, with a socket attached: fork a worker on it; answers its process id, or REFUSED
``R`` process id: kill the worker if it lives, reap it; answers its wait status

When the server dies, however it dies, the control socket ends, and the nursery ends its workers;
when the nursery dies, the system ends them.
"""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from typing import NoReturn

from offing.kernel.heaps import loading
from offing.kernel.workers import wire

COMMAND = struct.Struct("!cQ")
REPLY = struct.Struct("!q")
JOB = struct.Struct("!d")
REFUSED = -1
PR_SET_PDEATHSIG = 1

Handler = Callable[..., bytes]
"""Takes a job's header and body, and after them each descriptor that came along, which it closes."""
Command = tuple[bytes, int, list[int]]


def main(control_fd: int, target: str) -> None:
    """Fork and reap workers until the server goes."""
    for ignored in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ignored, signal.SIG_IGN)  # the server owns the signals
    control = socket.socket(fileno=control_fd)
    try:
        handler = _load(target)
    except Exception as error:  # noqa: BLE001  whatever it is, whoever runs this must learn of it
        _give_up(error, target)
    children: set[int] = set()
    try:
        control.sendall(REPLY.pack(0))
        while command := _receive(control):
            control.sendall(REPLY.pack(_obey(command, handler, control, children)))
    except ConnectionError:
        pass  # the server is gone
    finally:
        for child in children:
            _reap(child)


def _obey(command: Command, handler: Handler, control: socket.socket, children: set[int]) -> int:
    letter, number, fds = command
    if letter == b"F":
        child = _fork(handler, control, fds[0], number)
        children |= {child} - {REFUSED}
        return child
    if number not in children:
        return 0
    children.discard(number)
    return _reap(number)


def _load(target: str) -> Handler:
    module_name, _, name = target.partition(":")
    with loading():
        module = importlib.import_module(module_name)
        module.warm()
    handler: Handler = getattr(module, name)
    return handler


def _give_up(error: Exception, target: str) -> NoReturn:
    import logging

    from offing.kernel.logs import log, set_up

    set_up("info")
    log("workers failed to load", level=logging.ERROR, exception=error, target=target)
    sys.exit(1)


def _receive(control: socket.socket) -> Command | None:
    data, fds, _, _ = socket.recv_fds(control, COMMAND.size, 1)
    while data and len(data) < COMMAND.size:
        data += control.recv(COMMAND.size - len(data))
    if not data:
        return None
    letter, number = COMMAND.unpack(data)
    return letter, number, fds


def _fork(handler: Handler, control: socket.socket, fd: int, memory: int) -> int:
    nursery = os.getpid()
    try:
        child = os.fork()
    except OSError:
        child = REFUSED
    if child:
        os.close(fd)
        return child
    status = 1
    try:
        control.close()
        _die_with(nursery)
        _silence()
        _limit(memory)
        _work(handler, socket.socket(fileno=fd))
        status = 0
    finally:
        os._exit(status)  # a worker runs none of the nursery's clean-up


def _die_with(nursery: int) -> None:
    """Have the system kill this worker when the nursery dies, where it can (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != nursery:
        os._exit(1)  # it died before it was asked


def _silence() -> None:
    """Keep what native code prints about a hostile file out of the server's log."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _limit(memory: int) -> None:
    """Bound what a hostile job could take: private memory, core dumps, files."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _work(handler: Handler, channel: socket.socket) -> None:
    """Answer jobs until the server closes the channel.

    The timer counts processor time, in C code too, and its signal ends the process: no library can
    catch it, and a container that is throttled to a quarter of a processor is not punished for it.
    """
    while (frame := wire.read(channel)) is not None:
        header, body, files = frame
        (processor_seconds,) = JOB.unpack(header[: JOB.size])
        signal.setitimer(signal.ITIMER_PROF, processor_seconds)
        answer = handler(header[JOB.size :], body, *files)
        signal.setitimer(signal.ITIMER_PROF, 0)
        del frame, body
        wire.write(channel, answer)


def _reap(child: int) -> int:
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return status


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
