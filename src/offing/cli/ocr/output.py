"""What is written, piece by piece: to a file that appears when it is whole, or to standard output."""

from __future__ import annotations

import contextlib
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from offing.kernel.problems import Problem

Write = Callable[[bytes], None]


class Unwritable(Problem):
    """An output cannot be written."""

    code = "unwritable"
    remedy = "Check the folder's permissions and the space on its disk."


@contextmanager
def replacing(target: Path) -> Iterator[Write]:
    """Write to a file beside the target that takes its place at the end; at a failure it is gone.

    Folders are made as they are needed. Raises Unwritable.
    """
    part = target.with_name(f".offing-{secrets.token_hex(8)}.part")
    with _refusing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        file = part.open("xb")

    def write(piece: bytes) -> None:
        with _refusing(target):
            file.write(piece)

    try:
        yield write
        with _refusing(target):
            file.close()
            part.replace(target)
    finally:
        with contextlib.suppress(OSError):  # what could not be written cannot be flushed either
            file.close()
        part.unlink(missing_ok=True)


@contextmanager
def standard_output() -> Iterator[Write]:
    """Write to standard output, each piece at once. Raises ``BrokenPipeError`` when its reader has left."""

    def write(piece: bytes) -> None:
        sys.stdout.buffer.write(piece)
        sys.stdout.buffer.flush()

    yield write


@contextmanager
def _refusing(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unwritable(f"{target} cannot be written: {error.strerror}.") from None
