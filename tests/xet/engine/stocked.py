"""Files of all kinds at a hub of our own, and how tests read them: to the end, and leaving nothing behind."""

from __future__ import annotations

import asyncio
import gc
import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from offing.xet.engine.chunks import HEADER_BYTES, Header, read_header
from offing.xet.engine.limits import Limits
from offing.xet.engine.reader import Reader
from offing.xet.engine.retries import Retries
from offing.xet.problems import XetProblem
from tests.xet.hub_fixture import RunningHub
from tests.xet.wire.origins import Failures

REPOSITORY = "acme/model"
_chance = random.Random(4)  # noqa: S311  the same in every run
_floats = np.random.default_rng(4).standard_normal(300_000).astype("float32")
_words = b"\0" + b" ".join(b"word%d" % (number * 7919 % 5003) for number in range(120_000))
_mixed = _chance.randbytes(1_300_000) + _floats.tobytes() + _chance.randbytes(50_000)
_large = _chance.randbytes(9_000_000)

FILES: Mapping[str, bytes] = {
    "mixed.bin": _mixed,
    "words.bin": _words,
    "large.bin": _large,
    # Small changes in what is there already: many short terms, of two xorbs in turn.
    "edited.bin": b"".join(
        _chance.randbytes(700) + _large[place : place + 250_000] for place in range(0, 8_000_000, 250_000)
    ),
    "zeros.bin": bytes(12_000_000) + b"\1" * 5,
    "small.txt": b"a few words\n" * 40,
}
"""mixed.bin has chunks as they are and of the grouped scheme, words.bin of plain LZ4."""


def impatient(attempts: int = 3) -> Retries:
    """Tries that wait no longer than they are asked to."""
    return Retries(attempts=attempts, first=0.0, random=random.Random(1))  # noqa: S311  the same in every run


@dataclass(frozen=True)
class Outcome:
    """What a reader of a stream has in the end."""

    content: bytes
    problem: XetProblem | None


async def read(
    reader: Reader, name: str, start: int = 0, end: int | None = None, *, plain: bool = False
) -> Outcome:
    """Read a file of the hub as far as it comes, through Xet or as the hub itself has it."""
    try:
        file = await reader.resolve(REPOSITORY, name)
    except XetProblem as problem:
        return Outcome(b"", problem)
    return await collect(reader.stream(replace(file, xet_hash=None) if plain else file, start, end))


async def collect(pieces: AsyncGenerator[bytes, None]) -> Outcome:
    """Read a stream as far as it comes."""
    content = bytearray()
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                content += piece
    except XetProblem as problem:
        return Outcome(bytes(content), problem)
    return Outcome(bytes(content), None)


def busy(reader: Reader) -> int:
    """How many connections are not idle."""
    pool = reader.http._pool  # noqa: SLF001  what no caller needs to know
    return len(pool._busy)  # noqa: SLF001


@dataclass(frozen=True)
class Stored:
    """One chunk as a xorb has it."""

    number: int
    place: int
    """Of its header in the xorb."""
    header: Header

    @property
    def end(self) -> int:
        """Where the next chunk begins."""
        return self.place + HEADER_BYTES + self.header.compressed


@dataclass
class Stocked:
    """The filled hub."""

    hub: RunningHub

    def reset(self) -> None:
        """Have no troubles, and nothing asked."""
        settings = type(self.hub.settings)(folder=self.hub.settings.folder)
        for name in settings.__struct_fields__:
            setattr(self.hub.settings, name, getattr(settings, name))
        self.hub.set_faults()
        self.hub.app.plan.rewrite = None
        self.hub.log.clear()

    def run(self, test: Callable[[Reader], Awaitable[None]], seconds: float = 30.0, **options: Any) -> None:
        """Run a test with a reader; what is left behind, or only logged, fails it."""
        failures = Failures()
        options = {"retries": impatient(), "limits": Limits(patience=20.0), **options}

        async def within() -> None:
            asyncio.get_running_loop().set_exception_handler(failures)
            async with asyncio.timeout(seconds), Reader(self.hub.base, **options) as reader:
                await test(reader)
                await left_alone(reader)
            assert reader.http.open_connections == 0

        asyncio.run(within())
        gc.collect()
        assert failures.seen == []

    def xorb_of(self, name: str) -> Path:
        """The file of a stored file's first xorb."""
        xet = self.hub.xet_hash(REPOSITORY, name)
        recipe = self.hub.app.hub.recipes.find(xet)
        assert recipe is not None
        return self.hub.app.hub.xorbs.path(recipe.terms[0].xorb)

    @contextmanager
    def changed(self, place: Path, content: bytes) -> Iterator[None]:
        """Have other bytes in a file of the hub."""
        before = place.read_bytes()
        place.write_bytes(content)
        try:
            yield
        finally:
            place.write_bytes(before)


async def left_alone(reader: Reader, seconds: float = 5.0) -> None:
    """Wait, not for long, until no request and no task of a reader is under way."""
    async with asyncio.timeout(seconds):
        while busy(reader) or len(asyncio.all_tasks()) > 1:  # noqa: ASYNC110  nothing tells of the last one
            await asyncio.sleep(0.005)


def stored_chunks(xorb: Path) -> list[Stored]:
    """The chunks of a xorb's file."""
    data, place, found = xorb.read_bytes(), 0, list[Stored]()
    while place < len(data):
        found.append(Stored(len(found), place, read_header(data, place)))
        place = found[-1].end
    return found
