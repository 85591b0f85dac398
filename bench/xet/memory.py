"""Memory of many streams, half of them taken by clients that stand still."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from bench.ocr.rows import Row
from bench.xet.content import LARGE
from bench.xet.hubs import RunningHub
from bench.xet.rows import XetRow
from bench.xet.sides import Server, serving, target

STREAMS = 32
SECONDS = 8.0
PIECE = 1 << 18


class Taker(threading.Thread):
    """A client that takes as fast as it can, or nothing after its first bytes."""

    def __init__(self, server: Server, *, stalls: bool, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._server, self._stalls, self._over = server, stalls, over
        self.taken = 0

    def run(self) -> None:
        """Take until it is over, a file after another."""
        buffer = bytearray(PIECE)
        host, port = self._server.base.removeprefix("http://").split(":")
        while not self._over.is_set():
            with socket.create_connection((host, int(port)), 10) as connection:
                connection.sendall(
                    f"GET {target(LARGE)} HTTP/1.1\r\nHost: bench\r\nConnection: close\r\n\r\n".encode()
                )
                while not self._over.is_set() and (count := connection.recv_into(buffer)):
                    self.taken += count
                    if self._stalls:
                        self._over.wait()


def run(server: Server, moving: int, stalled: int) -> tuple[int, float]:
    """The most memory in bytes, and MB/s of all that move."""
    over = threading.Event()
    takers = [Taker(server, stalls=place < stalled, over=over) for place in range(moving + stalled)]
    for taker in takers:
        taker.start()
    time.sleep(1.0)
    begun, before = time.perf_counter(), sum(taker.taken for taker in takers)
    most = 0
    while time.perf_counter() - begun < SECONDS:
        most = max(most, server.resident())
        time.sleep(0.05)
    rate = (sum(taker.taken for taker in takers) - before) / (time.perf_counter() - begun) / 1e6
    over.set()
    for taker in takers:
        taker.join(10)
    return most, rate


def measure(hub: RunningHub, folder: Path) -> Iterator[Row]:
    """The memory of one stalled stream and of many, and what the stalled ones cost the others."""
    with serving(hub, folder) as server:
        idle = server.resident()
        held, _ = run(server, 0, 1)
        yield XetRow(
            "one stalled stream",
            "one stalled stream: memory beyond the idle server",
            "MB",
            None,
            (held - idle) / 1e6,
        )
    with serving(hub, folder) as server:
        _, alone = run(server, STREAMS // 2, 0)
    with serving(hub, folder) as server:
        held, beside = run(server, STREAMS // 2, STREAMS // 2)
    yield XetRow(
        "streams", f"{STREAMS} streams, half of them stalled: memory, all of it", "MB", None, held / 1e6
    )
    loss = max(0.0, (1 - beside / alone) * 100)
    yield XetRow(
        "beside stalled ones", "what the others lose by the stalled half", "%", None, loss,
        detail={"MB/s without": alone, "MB/s with": beside},
    )  # fmt: skip
