"""A program that fills the cache in a folder, by a seed, until it is killed: `… FOLDER SEED`."""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
from contextlib import aclosing
from pathlib import Path

from offing.xet.engine.cache import Flights
from tests.xet.engine.cache.files import MadeUp, Source, cache_in, made_up

MOST_BYTES = 12 << 20


def files() -> list[MadeUp]:
    """The files that it writes, in all about twice what the cache may hold."""
    return [made_up(20 + 8 * seed, seed=seed) for seed in range(8)]


async def write(folder: Path, seed: int) -> None:
    """Read files through the cache, some of them only in part."""
    chance = random.Random(seed)  # noqa: S311  the same order in every run
    known = files()
    async with cache_in(folder, MOST_BYTES) as cache:
        flights = Flights(cache)
        for number in itertools.count():
            file = chance.choice(known)
            end = file.size if chance.random() < 0.7 else chance.randrange(file.size)
            reading = flights.read(file.file_hash, file.size, Source(file).fetch, 0, end)
            got = b""
            async with aclosing(reading) as pieces:
                async for piece in pieces:
                    got += piece
            if got != file.content[:end]:
                print("wrong", flush=True)  # noqa: T201  it speaks to the test
            if number == 0:
                print("going", flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1]), int(sys.argv[2])))
