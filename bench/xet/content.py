"""What is downloaded: made anew, the same in every run."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

MEGABYTE = 1_000_000
MIXED, FRAGMENTED, LARGE, WARM_UP = "mixed.bin", "fragmented.bin", "large.bin", "warm-up.bin"
REPOSITORY = "bench/files"
SEED = 20261121


def mixed() -> bytes:
    """200 MB: 90 of chance, 88 like weights in float32, 24 that repeat themselves."""
    chance = np.random.default_rng(SEED)
    weights = (chance.standard_normal(22 * MEGABYTE) * 0.02).astype(np.float32).tobytes()
    block = chance.bytes(MEGABYTE)
    return chance.bytes(90 * MEGABYTE) + weights + block * 24


def fragmented(source: bytes) -> bytes:
    """About 60 MB of pieces of another file in another order: hundreds of terms of a few chunks each."""
    order = random.Random(SEED)  # noqa: S311  the same in every run
    size = 400_000
    places = list(range(0, 85 * MEGABYTE, size + 150_000))
    order.shuffle(places)
    return b"".join(source[place : place + size] for place in places)


def large(megabytes: int) -> Iterator[bytes]:
    """Chance, in pieces of 10 MB."""
    chance = np.random.default_rng(SEED + 1)
    for _ in range(megabytes // 10):
        yield chance.bytes(10 * MEGABYTE)


def write(folder: Path, large_megabytes: int) -> list[Path]:
    """The files in a folder."""
    first = mixed()
    (folder / MIXED).write_bytes(first)
    (folder / FRAGMENTED).write_bytes(fragmented(first))
    (folder / WARM_UP).write_bytes(np.random.default_rng(SEED + 2).bytes(2 * MEGABYTE))
    with (folder / LARGE).open("wb") as file:
        for piece in large(large_megabytes):
            file.write(piece)
    return [folder / name for name in (MIXED, FRAGMENTED, LARGE, WARM_UP)]
