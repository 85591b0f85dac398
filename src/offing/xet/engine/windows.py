"""How much of a file is asked for at once, and how many requests are under way: what one stream adapts."""

from __future__ import annotations

import time
from collections.abc import Callable

MEBIBYTE = 1024 * 1024
SMALLEST, LARGEST = MEBIBYTE, 24 * MEBIBYTE
"""Bytes of a window. The first is small, for an early first byte; many small ones would be many requests."""
FEWEST, MOST = 2, 24
"""Requests under way."""
INTERVAL = 0.15
"""Seconds over which a rate is taken."""
WAITING = 0.1
"""Part of an interval that the reader must have waited: else the network is not what holds it up."""
LONGEST = 0.3
"""Seconds that a window is to take: the reader waits for the first one, however many others are here."""
BETTER = 1.05
"""How many times the rate before a rate must be, for more requests to have paid."""
TRIED = 2
"""Intervals after which more requests must have paid; the first may pass before they are answered."""
HOLD = 20
"""Intervals between two attempts to go faster, once an attempt has not paid."""
TOGETHER = 0.5
"""Seconds in which several 429 count as one: all requests that are under way get the same answer."""


class Pace:
    """Doubles the requests under way while that makes the stream faster, and halves them after a 429.

    A reader that is slower than the network never makes it grow: more in flight would only be more memory.

    :param clock: seconds from any time on.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.parallel = FEWEST
        self._clock = clock
        self._pressed_at = float("-inf")
        self._window, self._fitting = SMALLEST, float(LARGEST)
        self._ceiling = MOST
        self._since, self._bytes, self._waited = 0.0, 0, 0.0
        self._begun, self._total, self._average = 0.0, 0, 0.0
        """When the first bytes were waited for, all bytes before this interval, and the rate of all."""
        self._best = 0.0
        self._before = self._tried = 0
        """Requests before the attempt that is being judged, 0 where none is; intervals since then."""
        self._hold = 0

    def next_window(self, share: int) -> int:
        """Bytes of the window to plan next: up to twice the one before, and a part of the stream's share.

        On a network that has been fast so far it is large at once: each window costs two requests.
        """
        wanted = min(LARGEST, max(self._window, int(self._average / self.parallel * LONGEST)))
        self._window = wanted * 2
        return max(SMALLEST, min(wanted, int(self._fitting), share // self.parallel))

    def received(self, count: int) -> None:
        """Bytes came, on any of the stream's connections, in whatever order."""
        self._bytes += count

    def arrived(self, waited: float, now: float, share: int) -> None:
        """The reader got the next bytes after it waited some seconds for them."""
        if not self._since:
            self._since = self._begun = now - waited
        self._waited += waited
        seconds = now - self._since
        if now > self._begun:
            self._average = (self._total + self._bytes) / (now - self._begun)
        if seconds < INTERVAL:
            return
        self._total += self._bytes
        rate, starved = self._bytes / seconds, self._waited > WAITING * seconds
        self._since, self._bytes, self._waited = now, 0, 0.0
        if starved:
            self._fitting = rate / self.parallel * LONGEST
        self._judge(rate, starved=starved, most=min(self._ceiling, max(1, share // SMALLEST)))

    def pressed(self) -> None:
        """The server answered 429: half as much at once, and for a while no more."""
        now = self._clock()
        if now < self._pressed_at + TOGETHER:
            return
        self._pressed_at = now
        self.parallel = max(1, self.parallel // 2)
        self._hold, self._before = HOLD, 0
        self._ceiling = max(FEWEST, self.parallel)
        self._window = SMALLEST
        self._since, self._bytes, self._waited = 0.0, 0, 0.0
        self._total, self._average = 0, 0.0

    def _judge(self, rate: float, *, starved: bool, most: int) -> None:
        if self._before and rate < self._best * BETTER:
            self._tried += 1
            if self._tried == TRIED:
                self.parallel, self._before, self._hold = self._before, 0, HOLD
            return
        self._best = rate
        self._before = self._tried = 0
        if self._hold:
            self._hold -= 1
            self._ceiling = MOST if self._hold == 0 else self._ceiling
        elif starved and self.parallel < most:
            self._before, self.parallel = self.parallel, min(most, self.parallel * 2)
