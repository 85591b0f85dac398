"""What the whole process keeps: the C library's heaps, and what Python looks through for garbage."""

from __future__ import annotations

import contextlib
import ctypes
import gc
from collections.abc import Iterator

MEBIBYTE = 1024 * 1024
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""As glibc's malloc.h has them."""
ARENAS = 2
OWN_MAPPING = 4 * MEBIBYTE
"""Bytes from which a piece of memory is the system's again as soon as it is freed: the pixels of large pages,
a fifteenth of what OCR takes between two trims. Small pages are spared the faults of fresh memory."""
FREE_END = 64 * MEBIBYTE
"""Free bytes that may stand at a heap's end."""


def keep_little() -> None:
    """Have glibc serve all threads from two heaps; to be called before other threads begin.

    By itself it gives threads heaps of their own, eight a processor, and each keeps what pages of its size
    once needed, a tenth of OCR's memory; and after the first large piece it keeps all of that size.
    Other C libraries are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)
        mallopt(M_MMAP_THRESHOLD, OWN_MAPPING)
        # Once the other is set, it would be 128 KiB for good, which costs small pages a fifth of their time.
        mallopt(M_TRIM_THRESHOLD, FREE_END)


def give_back() -> None:
    """Have glibc give the system what is free in its heaps, some milliseconds of work.

    By itself it gives back what lies at a heap's end, and pages of other sizes leave holes: a tenth of all
    memory.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """While modules are loaded, look for no garbage, and afterwards never among what was made.

    There is next to none, and the looks take a tenth of a start. What lives as long as the process need not
    be looked at again, and a look in a forked process would copy every page.
    """
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        gc.enable()
