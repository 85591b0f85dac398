"""One request to the content store, which one term of a window needs, or several that share its chunks."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offing.xet.engine.batch import Batch
from offing.xet.engine.chunks import LARGEST_CHUNK, BadChunk
from offing.xet.engine.failures import of_wire
from offing.xet.engine.limits import Limits
from offing.xet.engine.opening import open_run
from offing.xet.engine.plan import Term
from offing.xet.engine.retries import Retries, Retryable
from offing.xet.engine.run import Run
from offing.xet.problems import Corrupt
from offing.xet.wire import Http, WireError

if TYPE_CHECKING:
    from offing.xet.engine.cas import Cas
    from offing.xet.engine.windows import Pace


@dataclass(frozen=True)
class Source:
    """Where a stream's bytes come from."""

    http: Http
    cas: Cas
    file_hash: str
    retries: Retries
    pace: Pace
    limits: Limits


class Load:
    """The chunks of one request, taken by each of its users in an order of its own.

    With several users all chunks are kept until the last of them has taken its own.

    :param term: the run of chunks that the users need together.
    :param users: how many there are.
    :param size: bytes of content that are held, if the plan is true.
    :param most: bytes of the term's content after which no more is wanted.
    """

    def __init__(self, source: Source, term: Term, *, users: int, size: int, most: int) -> None:
        self.size = size
        self.tried = 0
        """Requests that failed while nobody waited for them."""
        self.ready_at = 0.0
        """When the next may be sent, in the event loop's seconds."""
        self._source, self._term, self._most = source, term, most
        self._users, self._shared = users, users > 1
        self._opening: asyncio.Task[Run] | None = None
        self._next = term.first_chunk
        self._kept: list[Batch] = []
        self._places: list[int] = []
        """The number of the first chunk of each batch that is kept."""

    @property
    def begun(self) -> bool:
        """Whether the request is under way, answered, or has failed."""
        return self._opening is not None

    @property
    def failure(self) -> Retryable | None:
        """Why there is no answer, where another request may have one."""
        opening = self._opening
        if opening is None or not opening.done() or opening.cancelled():
            return None
        error = opening.exception()
        return error if isinstance(error, Retryable) else None

    def begin(self, failed: Callable[[], object] = lambda: None) -> None:
        """Send the request.

        :param failed: called when there is no answer.
        """
        source, allowance = self._source, self.size + 2 * LARGEST_CHUNK
        run = Run(self._term, allowance, self._most, source.pace.received)
        opening = asyncio.create_task(
            open_run(source.http, self._term.fetch, run, source.limits.stall_seconds, source.pace.pressed)
        )
        self._opening = opening

        def settle(_: asyncio.Task[Run]) -> None:
            # Every outcome is looked at, so that none is told of as lost.
            if opening.cancelled() or opening.exception() is not None:
                failed()
            elif opening is not self._opening:
                opening.result().abort()

        opening.add_done_callback(settle)

    async def take(self, first: int, end: int) -> list[Batch]:
        """The chunks from ``first`` on as far as they are here, up to ``end``; none where there are no more.

        Raises :class:`Retryable`, or what another request does not help against.
        """
        if first < self._next and self._places:
            number = bisect_right(self._places, first) - 1
            place = self._places[number]
            return [self._kept[number].part(first - place, end - place)]
        run = await self._run()
        found: list[Batch] = []
        while not found and (batches := await _take(run)):
            for batch in batches:
                place, self._next = self._next, self._next + len(batch.leaves)
                if self._shared:
                    self._places.append(place)
                    self._kept.append(batch)
                if place < end and self._next > first:
                    found.append(batch.part(max(0, first - place), end - place))
        return found

    def release(self) -> list[asyncio.Task[Run]]:
        """One user needs no more; the last one ends the request. Gives what has yet to end."""
        self._users -= 1
        return [] if self._users else self.drop(gently=True)

    def drop(self, *, gently: bool = False) -> list[asyncio.Task[Run]]:
        """Free the connection and forget what came, so that another request may be sent.

        :param gently: the last bytes may come if they do so soon, which keeps the connection for others.

        Gives what has yet to end.
        """
        opening, self._opening = self._opening, None
        self._next = self._term.first_chunk
        self._kept, self._places = [], []
        if opening is None:
            return []
        if not opening.done():
            opening.cancel()
            return [opening]
        if not opening.cancelled() and opening.exception() is None:
            run = opening.result()
            if gently:
                run.close()
            else:
                run.abort()
        return []

    async def _run(self) -> Run:
        while self._opening is None:
            await asyncio.sleep(max(0.0, self.ready_at - asyncio.get_running_loop().time()))
            if self._opening is None:
                self.begin()
        return await self._opening


async def _take(run: Run) -> list[Batch]:
    try:
        return await run.take()
    except BadChunk as error:
        raise Retryable(Corrupt()) from error
    except WireError as error:
        raise of_wire(error) from error
