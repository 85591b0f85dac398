"""The memory that all streams of a process share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from offing.xet.engine.windows import MEBIBYTE

DEFAULT = 320 * MEBIBYTE
LARGEST_SHARE = 64 * MEBIBYTE
SMALLEST_SHARE = 2 * MEBIBYTE

Trim = Callable[[], None]
"""Has a stream give up what its share does not hold any more."""


class Budget:
    """Divides a number of bytes among the streams, equally.

    What a stalled stream holds is its own share; the others' shares do not wait for it. Where another
    stream makes all shares smaller, the stalled ones give up what they hold too much.
    """

    def __init__(self, total: int = DEFAULT) -> None:
        self.total = total
        self._trims: list[Trim] = []
        self.share = self._shared()
        """Bytes for each stream, as many as there are now."""

    @property
    def streams(self) -> int:
        """How many there are now."""
        return len(self._trims)

    @contextmanager
    def joined(self, trim: Trim) -> Iterator[None]:
        """Count a stream while it runs."""
        before = self.share
        self._trims.append(trim)
        self.share = self._shared()
        try:
            if self.share < before:
                for each in self._trims:
                    each()
            yield
        finally:
            self._trims.remove(trim)
            self.share = self._shared()

    def _shared(self) -> int:
        return max(SMALLEST_SHARE, min(LARGEST_SHARE, self.total // max(1, self.streams)))
