"""A client in a process of its own: reads a file to nowhere, and tells what that took.

python -m bench.xet.reading ours|hf_xet BASE FILE [STREAMS]
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

from bench.xet.content import REPOSITORY, WARM_UP

PIECE = 1 << 20


def peak() -> int:
    """The most memory this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def processor() -> float:
    """Seconds of processor time so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def ours(base: str, name: str) -> dict[str, float]:
    """Our reader, verified."""
    from offing.xet.engine.reader import Reader

    async with Reader(base) as reader:
        # Connections and code are warm, as they are in a service.
        async for _ in reader.stream(await reader.resolve(REPOSITORY, WARM_UP)):
            pass
        held, used, begun = peak(), processor(), time.perf_counter()
        first, total = 0.0, 0
        file = await reader.resolve(REPOSITORY, name)
        async for piece in reader.stream(file):
            first = first or time.perf_counter() - begun
            total += len(piece)
        return told(total, begun, first, used, held)


def hf_xet(base: str, name: str) -> dict[str, float]:
    """The stream of hf_xet, which verifies nothing."""
    import hf_xet as library

    with urllib.request.urlopen(f"{base}/api/models/{REPOSITORY}/xet-read-token/main") as answer:  # noqa: S310
        access = json.load(answer)
    session = library.XetSession()

    def stream(name: str) -> Iterator[bytes]:
        asked = urllib.request.Request(f"{base}/{REPOSITORY}/resolve/main/{name}", method="HEAD")  # noqa: S310
        with urllib.request.urlopen(asked) as answer:  # noqa: S310  our own hub
            info = library.XetFileInfo(answer.headers["X-Xet-Hash"], int(answer.headers["X-Linked-Size"]))
        group = session.new_download_stream_group(
            endpoint=access["casUrl"],
            token=access["accessToken"],
            token_expiry_unix_secs=int(access["exp"]),
        )
        yield from group.download_stream(info)

    for _ in stream(WARM_UP):
        pass
    held, used, begun = peak(), processor(), time.perf_counter()
    first, total = 0.0, 0
    for piece in stream(name):
        first = first or time.perf_counter() - begun
        total += len(piece)
    return told(total, begun, first, used, held)


def told(total: int, begun: float, first: float, used: float, held: int) -> dict[str, float]:
    """The figures."""
    seconds, spent = time.perf_counter() - begun, processor() - used
    return {
        "bytes": total,
        "seconds": seconds,
        "processor": spent,
        "first": first,
        "memory": peak() - held,
        "MB/s": total / seconds / 1e6,
        "MB a processor second": total / spent / 1e6,
    }


def main(arguments: list[str]) -> None:
    """Read, and print the figures as JSON."""
    import uvloop

    who, base, name = arguments
    figures: dict[str, Any] = uvloop.run(ours(base, name)) if who == "ours" else hf_xet(base, name)
    print(json.dumps(figures), flush=True)
    os._exit(0)  # hf_xet's threads take seconds to end


if __name__ == "__main__":
    main(sys.argv[1:])
