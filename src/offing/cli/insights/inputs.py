"""Inputs of the command: what they stand for, and their bytes."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import stat
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from offing.insights.problems import EmptyImage, ImageTooLarge
from offing.kernel.problems import Problem

STDIN = "-"
PIECE_BYTES = 1024 * 1024
SUFFIXES = {
    "JPEG": (".jpg", ".jpeg", ".jpe", ".jfif"),
    "PNG": (".png",),
    "WEBP": (".webp",),
    "AVIF": (".avif",),
    "GIF": (".gif",),
    "TIFF": (".tif", ".tiff"),
    "HEIF": (".heic", ".heif"),
}
"""What files of a format are called; only in a directory does the name of a file matter."""


class Unreadable(Problem):
    """A file cannot be read."""

    code = "unreadable"
    remedy = "Check the path and the permissions."


def is_url(named: str) -> bool:
    """Whether an input is fetched rather than read."""
    return named.lower().startswith(("http://", "https://"))


def expand(named: Iterable[str], formats: Iterable[str]) -> list[str]:
    """The inputs, with each directory replaced by the images below it, in the order of their names.

    Hidden files and links to directories are left out. A directory without images stays, to be
    told of where it is read.
    """
    suffixes = tuple(suffix for name in formats for suffix in SUFFIXES[name])
    expanded: list[str] = []
    for each in named:
        if each != STDIN and not is_url(each) and Path(each).is_dir():
            expanded += list(_images(each, suffixes)) or [each]
        else:
            expanded.append(each)
    return expanded


async def read(path: str, max_bytes: int) -> bytearray:
    """The bytes of a file, or of standard input. Raises Unreadable, ImageTooLarge, EmptyImage.

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
            outcome = _read(path, max_bytes)
        except Exception as error:  # noqa: BLE001  whatever it is, the caller raises it
            outcome = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, outcome)

    threading.Thread(target=work, daemon=True).start()
    outcome = await future
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def _images(directory: str, suffixes: tuple[str, ...]) -> Iterator[str]:
    for folder, below, files in os.walk(directory):
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(files):
            if name.lower().endswith(suffixes) and not name.startswith("."):
                yield os.path.join(folder, name)  # noqa: PTH118  "./a" must stay as it was named


def _read(path: str, max_bytes: int) -> bytearray:
    try:
        with open(
            sys.stdin.fileno() if path == STDIN else path, "rb", buffering=0, closefd=path != STDIN
        ) as file:
            data = _read_open(file, max_bytes)
    except IsADirectoryError:
        raise Unreadable("No image of an allowed format is in this directory.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path, or no standard input
        reason = getattr(error, "strerror", None) or "It cannot be opened"
        raise Unreadable(f"{reason}.") from None
    if not data:
        raise EmptyImage
    return data


def _read_open(file: io.FileIO, max_bytes: int) -> bytearray:
    status = os.fstat(file.fileno())
    if stat.S_ISREG(status.st_mode) and status.st_size > max_bytes:
        raise ImageTooLarge(max_bytes, status.st_size)
    data = bytearray()
    while piece := file.read(min(PIECE_BYTES, max_bytes + 1 - len(data))):
        data += piece
        if len(data) > max_bytes:
            raise ImageTooLarge(max_bytes, len(data))
    return data
