"""How many heaps the C library keeps, in the whole process."""

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
