"""Files that a command is given: what their names stand for, and their bytes within a limit."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from offing.kernel.problems import Problem

STDIN = "-"
PIECE_BYTES = 1024 * 1024


class Unreadable(Problem):
    """A file cannot be read."""

    code = "unreadable"
    remedy = "Check the path and the permissions."


@dataclass(frozen=True)
class Refusals:
    """How a command refuses what it cannot take."""

    too_large: Callable[[int, int], Problem]
    """Given the most bytes that are taken, and those that came so far."""
    empty: Callable[[], Problem]
    directory: str
    """What is said of a directory that was left because it holds nothing to read."""


def files_below(directory: str, suffixes: tuple[str, ...], *, without: str = "") -> Iterator[str]:
    """The files below a directory whose names end so, in any case, in the order of their names.

    Hidden files, links to directories and the directory ``without`` are left out.
    """
    for folder, below, files in os.walk(directory):
        below[:] = sorted(name for name in below if not _is_left_out(folder, name, without))
        for name in sorted(files):
            if name.lower().endswith(suffixes) and not name.startswith("."):
                yield os.path.join(folder, name)  # noqa: PTH118  "./a" must stay as it was named


async def read(path: str, max_bytes: int, refusals: Refusals) -> bytearray:
    """The bytes of a file, or of standard input. Raises Unreadable and the refusals.

    A pipe may keep its reader waiting for ever, so the thread that reads is one that the end of the
    program does not wait for.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[bytearray | Exception] = loop.create_future()

    def settle(outcome: bytearray | Exception) -> None:
        if not future.done():
            future.set_result(outcome)

    def work() -> None:
        outcome: bytearray | Exception
        try:
            outcome = _read(path, max_bytes, refusals)
        except Exception as error:  # noqa: BLE001  whatever it is, the caller raises it
            outcome = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, outcome)

    threading.Thread(target=work, daemon=True).start()
    outcome = await future
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _is_left_out(folder: str, name: str, without: str) -> bool:
    if name.startswith("."):
        return True
    path = os.path.join(folder, name)  # noqa: PTH118  it may be named by bytes that are no text
    return bool(without) and os.path.realpath(path) == without


def _read(path: str, max_bytes: int, refusals: Refusals) -> bytearray:
    try:
        with open(
            sys.stdin.fileno() if path == STDIN else path, "rb", buffering=0, closefd=path != STDIN
        ) as file:
            data = _read_open(file, max_bytes, refusals)
    except IsADirectoryError:
        raise Unreadable(refusals.directory) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path, or no standard input
        reason = getattr(error, "strerror", None) or "It cannot be opened"
        raise Unreadable(f"{reason}.") from None
    if not data:
        raise refusals.empty()
    return data


def _read_open(file: io.FileIO, max_bytes: int, refusals: Refusals) -> bytearray:
    status = os.fstat(file.fileno())
    if stat.S_ISREG(status.st_mode) and status.st_size > max_bytes:
        raise refusals.too_large(max_bytes, status.st_size)
    data = bytearray()
    while piece := file.read(min(PIECE_BYTES, max_bytes + 1 - len(data))):
        data += piece
        if len(data) > max_bytes:
            raise refusals.too_large(max_bytes, len(data))
    return data
