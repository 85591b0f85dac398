"""The loop of every program here: an image a line in, what was read a line out.

A line in is ``{"file": path, "language": Tesseract's name}``; a line out is ``{"file", "seconds", "cpu",
"peak", "lines"}``, or ``{"file", "error"}``. The first line out, ``{"ready": seconds}``, says that the
engine is built. The programs run in environments of their own, so nothing here is from outside the
standard library.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TextIO

Read = Callable[[str, str], Sequence[str]]
"""Reads the image at a path, in a language, as lines of text."""


def cpu() -> float:
    """Seconds of processor time that this process and its ended children have used."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def peak() -> int:
    """The most memory that this process or one of its ended children has held, in bytes."""
    # Not ru_maxrss for this process: that begins with what its parent held when it was forked.
    status = Path("/proc/self/status").read_text()
    own = int(status.partition("VmHWM:")[2].split()[0])
    return max(own, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss) * 1024


def measured(read: Read, file: str, language: str) -> dict[str, Any]:
    """One image read, with what it took."""
    started, spent = time.perf_counter(), cpu()
    try:
        lines = list(read(file, language))
    except Exception as error:  # noqa: BLE001  a peer's failure is a result
        return {"file": file, "error": f"{type(error).__name__}: {error}"}
    seconds = time.perf_counter() - started
    return {"file": file, "seconds": seconds, "cpu": cpu() - spent, "peak": peak(), "lines": lines}


def answers() -> TextIO:
    """The pipe that was standard output, which from now on only this program writes to.

    Engines print what they like: that goes to standard error instead.
    """
    pipe = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return pipe


def run(build: Callable[[], Read]) -> None:
    """Build the engine and answer until standard input ends."""
    output = answers()
    started = time.perf_counter()
    read = build()
    print(json.dumps({"ready": time.perf_counter() - started}), file=output, flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        told = measured(read, asked["file"], asked["language"])
        print(json.dumps(told, ensure_ascii=False), file=output, flush=True)
