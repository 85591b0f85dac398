"""What the C library's heaps keep: few of them, and little that is free."""

from __future__ import annotations

import gc
import platform
import re
import subprocess
import sys

import pytest

from offing.kernel.heaps import loading

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has such heaps")

LIBRARY = """
import ctypes, resource, sys, threading
from offing.kernel.heaps import give_back, keep_little
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
library.free.argtypes = [ctypes.c_void_p]
def piece(size):
    made = library.malloc(ctypes.c_size_t(size))
    ctypes.memset(made, 1, size)
    return made
"""
RESIDENT = """
with open("/proc/self/statm") as file: print(int(file.read().split()[1]) * resource.getpagesize())
"""
THREADS = """
gate = threading.Barrier(12)
def ask():
    gate.wait()
    for _ in range(200): piece(1000)
    gate.wait()
threads = [threading.Thread(target=ask) for _ in range(12)]
for each in threads: each.start()
for each in threads: each.join()
library.malloc_stats()
"""
LARGE_PAGES = """
for _ in range(2):
    page, above = piece(20_000_000), piece(1000)
    library.free(page)
"""
HOLES = """
pieces = [piece(100_000) for _ in range(1000)]
for place, each in enumerate(pieces):
    if place % 10: library.free(each)
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", LIBRARY + program], capture_output=True, text=True, check=True
    )


def heaps(program: str) -> int:
    """How many there are at the end."""
    return len(re.findall(r"^Arena ", run(program).stderr, re.MULTILINE))


def resident(program: str) -> int:
    """The memory that a program has at its end, in bytes."""
    return int(run(program + RESIDENT).stdout)


def test_many_threads_share_few_heaps() -> None:
    assert heaps("keep_little()" + THREADS) <= 2 < heaps(THREADS)


def test_what_a_large_page_took_up_is_not_kept_for_the_next_one() -> None:
    assert resident("keep_little()" + LARGE_PAGES) < resident(LARGE_PAGES) - 15_000_000


def test_memory_between_pieces_still_in_use_is_given_back() -> None:
    assert resident(HOLES + "give_back()") < resident(HOLES) - 50_000_000


def test_what_is_loaded_is_never_looked_through_for_garbage() -> None:
    code = (
        "import gc; from offing.kernel.heaps import loading\n"
        "with loading():\n    assert not gc.isenabled()\n    kept = [[] for _ in range(1000)]\n"
        "assert gc.isenabled() and gc.get_freeze_count() > 1000"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_load_that_fails_leaves_the_looks_on() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()
