"""Readers who come, wait, leave and fail in any order: each gets the right bytes, or an error, never less."""

from __future__ import annotations

import asyncio
import random
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path

import pytest

from offing.xet.engine.cache import Flights
from offing.xet.problems import UpstreamFailed
from tests.xet.engine.cache.files import Source, cache_in, made_up

FILES = [made_up(30 + 20 * seed, seed=seed) for seed in range(3)]


@dataclass
class Faults:
    """What a source does, by chance."""

    chance: random.Random
    failing: float

    async def before(self, _: int) -> None:
        """Wait a little, or fail."""
        if self.chance.random() < self.failing:
            raise UpstreamFailed
        if self.chance.random() < 0.2:
            await asyncio.sleep(self.chance.random() * 0.004)


async def read_somehow(flights: Flights, source: Source, chance: random.Random) -> str:
    """One reader: what became of it."""
    file = source.file
    await asyncio.sleep(chance.random() * 0.05)
    start = chance.choice([0, 0, chance.randrange(file.size)])
    end = chance.choice([file.size, file.size, chance.randint(start, file.size)])
    leaves = chance.randrange(file.size) if chance.random() < 0.3 else file.size
    got = bytearray()
    try:
        async with aclosing(flights.read(file.file_hash, file.size, source.fetch, start, end)) as pieces:
            async for piece in pieces:
                got += piece
                if len(got) > leaves:
                    break
                if chance.random() < 0.1:
                    await asyncio.sleep(chance.random() * 0.01)
    except UpstreamFailed:
        assert file.content[start:end].startswith(got)
        assert len(got) < end - start
        return "failed"
    assert file.content[start:end].startswith(got)
    assert len(got) == end - start or len(got) > leaves
    return "left" if len(got) < end - start else "read"


@pytest.mark.parametrize("room", [1 << 30, 5 << 20, 1 << 19], ids=["roomy", "tight", "none"])
@pytest.mark.parametrize("failing", [0.0, 0.03])
@pytest.mark.parametrize("seed", range(3))
def test_any_mix_of_readers(tmp_path: Path, room: int, failing: float, seed: int) -> None:
    async def check() -> None:
        chance = random.Random(seed)  # noqa: S311  the same mixes in every run
        faults = Faults(chance, failing)
        async with cache_in(tmp_path, room) as cache:
            flights = Flights(cache, window=1 << 20, patience=1)
            sources = [Source(file, faults.before) for file in FILES]
            async with asyncio.timeout(30):
                ends = await asyncio.gather(
                    *(read_somehow(flights, chance.choice(sources), chance) for _ in range(24))
                )
                await flights.close()
            assert "read" in ends
            assert failing or "failed" not in ends
            assert cache.statistics().bytes <= room
            for item in await cache.entries():
                assert item.file_hash in {file.file_hash for file in FILES}
            await cache.clear()
            assert cache.statistics().bytes == 0, "nothing holds an entry any more"

    asyncio.run(check())
