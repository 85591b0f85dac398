"""How the lines of a page alone are shared out among threads.

Each thread reads a line of its own, which wastes nothing; but of three lines on two threads one is read
while the other thread has nothing to do. So the widest lines are read by all threads together where that
ends sooner.
"""

from __future__ import annotations

from collections.abc import Sequence

LEAST = 480
"""Pixels of width below which more threads do not speed up a line."""
SERIAL = 0.2
"""The share of a line's time that more threads do not shorten; two took 0.60 of the time of one."""


def shared_out(widths: Sequence[int], threads: int) -> int:
    """How many of the lines, widest first, are best read one by one by all threads.

    ``widths`` are in pixels, the greatest first.
    """
    if threads == 1 or len(widths) >= 4 * threads:
        return 0
    together, best, least = 0.0, 0, _apart(widths, threads)
    for first, width in enumerate(widths, 1):
        if width < LEAST:
            break
        together += width * (SERIAL + (1 - SERIAL) / threads)
        ends = together + _apart(widths[first:], threads)
        if ends < least:
            best, least = first, ends
    return best


def _apart(widths: Sequence[int], threads: int) -> float:
    """When the last of the threads ends that each take the next line as soon as they are free."""
    busy = [0] * threads
    for width in widths:
        busy[busy.index(min(busy))] += width
    return max(busy)
