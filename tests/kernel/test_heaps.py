"""The C library's heaps are few, however many threads ask for memory."""

from __future__ import annotations

import platform
import re
import subprocess
import sys

import pytest

PROGRAM = """
import ctypes, sys, threading
from offing.kernel.heaps import keep_little
if "few" in sys.argv: keep_little()
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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what is freed")
def test_what_a_large_page_took_up_is_not_kept_for_the_next_one() -> None:
    kept, left = (
        int(subprocess.check_output([sys.executable, "-c", LARGE, each])) for each in ("", "little")
    )
    assert left < kept - 15_000_000


LARGE = """
import ctypes, resource, sys
from offing.kernel.heaps import keep_little
if sys.argv[1]: keep_little()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.free.argtypes = [ctypes.c_void_p]
for _ in range(2):
    page, above = library.malloc(ctypes.c_size_t(20_000_000)), library.malloc(ctypes.c_size_t(1000))
    ctypes.memset(page, 1, 20_000_000)
    library.free(page)
with open("/proc/self/statm") as file: print(int(file.read().split()[1]) * resource.getpagesize())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps what is freed")
def test_memory_between_pieces_still_in_use_is_given_back() -> None:
    kept, trimmed = (
        int(subprocess.check_output([sys.executable, "-c", HOLES, each])) for each in ("", "trim")
    )
    assert trimmed < kept - 50_000_000


HOLES = """
import ctypes, resource, sys
from offing.kernel.heaps import give_back
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.free.argtypes = [ctypes.c_void_p]
pieces = [library.malloc(ctypes.c_size_t(100_000)) for _ in range(1000)]
for piece in pieces: ctypes.memset(piece, 1, 100_000)
for place, piece in enumerate(pieces):
    if place % 10: library.free(piece)
if sys.argv[1]: give_back()
with open("/proc/self/statm") as file: print(int(file.read().split()[1]) * resource.getpagesize())
"""
