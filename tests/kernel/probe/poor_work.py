"""A handler in a nursery to which the system refuses every second process, from the third on."""

from __future__ import annotations

import errno
import itertools
import os

from tests.kernel.probe.work import handle

__all__ = ["handle", "warm"]


def warm() -> None:
    """Let two workers be forked, and then refuse each first try."""
    fork, count = os.fork, itertools.count(1)

    def fork_sometimes() -> int:
        number = next(count)
        if number > 2 and number % 2:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        return fork()

    os.fork = fork_sometimes
