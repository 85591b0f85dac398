"""The second client: it sends small images all the time while another one sends hostile files."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Self

from bench.insights.wire import Connection, Unanswered, Upload

EVERY = 0.05
"""Seconds between its requests; modest, so that two cores are not full before the test begins."""
PATIENCE = 600.0


@dataclass
class Log:
    """What it has seen. Times are in seconds from when a request was due.

    Counted from when it was due and not from when it was sent, because a client that waits for a
    stalled server sends nothing, and the requests it could not send would not count.
    """

    waited: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)

    def percentile(self, which: int) -> float:
        """A percentile of the waits in milliseconds, 1 to 99."""
        return quantiles(self.waited, n=100, method="inclusive")[which - 1] * 1000

    @property
    def slowest(self) -> float:
        """The longest wait in milliseconds."""
        return max(self.waited) * 1000


class Bystander:
    """Sends on one connection in a thread until it is stopped."""

    def __init__(self, port: int, upload: Upload, log: Log) -> None:
        self.upload, self.log = upload, log
        self._connection = Connection(port)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Let the request in flight end, or give it up when the server does not answer."""
        self._over.set()
        self._thread.join(0.5)
        if self._thread.is_alive():
            self._connection.close()
            self._thread.join()

    def _run(self) -> None:
        due = time.perf_counter()
        while not self._over.wait(max(0.0, due - time.perf_counter())):
            self._ask()
            self.log.waited.append(time.perf_counter() - due)
            due += EVERY
        now = time.perf_counter()
        while due < now:  # those it could not send have waited at least until now
            self.log.waited.append(now - due)
            due += EVERY
        self._connection.close()

    def _ask(self) -> None:
        try:
            status = self._connection.post(self.upload, PATIENCE).status
        except Unanswered:
            if not self._over.is_set():
                self.log.failed["no answer"] += 1
            return
        if status != 200:  # noqa: PLR2004
            self.log.failed[str(status)] += 1
