"""The C library's heaps are few, however many threads ask for memory."""

from __future__ import annotations

import platform
import re
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, sys, threading
from offing.ocr.arenas import keep_few_arenas
if "few" in sys.argv: keep_few_arenas()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
gate = threading.Barrier(12)
def ask():
    gate.wait()
    for _ in range(200): library.malloc(ctypes.c_size_t(1000))
    gate.wait()
threads = [threading.Thread(target=ask) for _ in range(12)]
for each in threads: each.start()
for each in threads: each.join()
library.malloc_stats()
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has arenas")
def test_many_threads_share_few_heaps() -> None:
    few, many = (len(re.findall(r"^Arena ", said(*arguments), re.MULTILINE)) for arguments in (["few"], []))
    assert few <= 2 < many


def said(*arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    return done.stderr
