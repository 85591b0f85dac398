"""The C library's heaps, in the whole process: how many there are, and what they keep."""

from __future__ import annotations

import ctypes

M_ARENA_MAX = -8
"""As glibc's malloc.h has it."""
ARENAS = 2


def keep_few_arenas() -> None:
    """Have glibc serve all threads from two heaps; to be called before the engine's threads begin.

    By itself it gives threads heaps of their own, eight a processor, and each keeps what pages of its size
    once needed: a tenth of all memory. Other C libraries are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Have glibc give the system what is free in its heaps, some milliseconds of work.

    By itself it gives back what lies at a heap's end, and pages of other sizes leave holes: a tenth of all
    memory.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
