"""Downloads through the server by curl: fetched and verified, passed on plainly, out of the cache."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.ocr.rows import Row
from bench.xet.content import FRAGMENTED, MIXED
from bench.xet.hubs import RunningHub
from bench.xet.rows import XetRow
from bench.xet.sides import Download, Server, download, serving, target

CACHE = 4 << 30
PAIRS = 9
"""Downloads a round of what is compared most closely: one may take half as long again as the next."""


def measure(hub: RunningHub, folder: Path, rounds: int) -> Iterator[Row]:
    """Rates and thrift, all sides in turn; the cache begins each round empty."""
    plain: list[Download] = []
    copied: list[Download] = []
    kept: dict[str, list[Download]] = {"cached": [], "uncached": [], "fragmented": []}
    warm: list[Download] = []
    disk: list[Download] = []
    with serving(None, folder) as static, serving(hub, folder, upstream=static.base) as uncached:
        for path in (f"/plain/{MIXED}", target(MIXED)):
            download(uncached, path)  # connections and code are warm, as they are in a service
        for _ in range(rounds):
            for _ in range(PAIRS):
                plain.append(download(uncached, f"/plain/{MIXED}"))
                kept["uncached"].append(download(uncached, target(MIXED)))
            kept["fragmented"].append(download(uncached, target(FRAGMENTED)))
            with serving(hub, folder, upstream=static.base, cache_bytes=CACHE) as server:
                download(server, target(FRAGMENTED))
                copied.append(download(server, f"/copied/{MIXED}"))
                kept["cached"].append(download(server, target(MIXED)))
                disk.append(download(server, f"/file/{MIXED}"))
                warm.append(download(server, target(MIXED)))
    verified = "200 MB through the server, verified, beside plain pass-through"
    recorded = "the same, also recorded in the cache"
    fragmented = "62 MB in many short terms, verified, beside plain pass-through"
    for what in ("rate", "thrift"):
        yield compared(f"through, {what}", f"{verified}: {what}", plain, kept["uncached"], what)
    for what in ("rate", "thrift"):
        yield compared(f"recorded, {what}", f"{recorded}: {what}", plain, kept["cached"], what)
    for what in ("rate", "thrift"):
        beside = "the same, beside plain pass-through that writes a file"
        yield compared(f"recorded beside copied, {what}", f"{beside}: {what}", copied, kept["cached"], what)
    for what in ("rate", "thrift"):
        yield compared(f"fragmented, {what}", f"{fragmented}: {what}", plain, kept["fragmented"], what)
    yield compared("warm", "200 MB out of the cache, beside a file of the disk: rate", disk, warm, "rate")
    yield compared("warm, thrift", "the same: thrift", disk, warm, "thrift")


def compared(name: str, work: str, theirs: list[Download], ours: list[Download], what: str) -> Row:
    """The medians of both sides."""
    unit = "MB/s" if what == "rate" else "MB/CPU-s"
    anchor, mine = (median(getattr(each, what) for each in side) for side in (theirs, ours))
    detail = {
        "anchor": [getattr(each, what) for each in theirs],
        "ours": [getattr(each, what) for each in ours],
    }
    return XetRow(name, work, unit, anchor, mine, more_is_better=True, detail=detail)


def second_client(hub: RunningHub, folder: Path) -> Iterator[Row]:
    """What the hub sends while two clients take one file, the second after the first has begun."""
    with serving(hub, folder, cache_bytes=CACHE) as server:
        hub.forget()
        hub.set_faults(megabytes_per_second=25)
        try:
            first = start(server, target(MIXED))
            second = start(server, target(MIXED))
            sizes = [int(each.communicate()[0]) for each in (first, second)]
        finally:
            hub.set_faults()
        sent = hub.log()["xorb"]["bytes"]
    packed = packed_size(hub, folder)
    broken = "" if len(set(sizes)) == 1 else "a client got less"
    yield XetRow(
        "second client", "two clients of one file: bytes from the hub beside one client's", "times",
        None, sent / packed, broken=broken,
    )  # fmt: skip


def start(server: Server, path: str) -> subprocess.Popen[str]:
    """A curl at work."""
    command = ["curl", "-s", "-o", "/dev/null", "-w", "%{size_download}", server.base + path]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def packed_size(hub: RunningHub, folder: Path) -> int:
    """What one client's download makes the hub send."""
    with serving(hub, folder) as server:
        hub.forget()
        download(server, target(MIXED))
        return hub.log()["xorb"]["bytes"]
