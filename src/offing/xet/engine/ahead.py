"""What a stream does ahead of its reader: windows are planned and pieces asked for, in the file's order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Any

from offing.xet.engine.batch import Batch
from offing.xet.engine.budget import Budget
from offing.xet.engine.load import Load, Source
from offing.xet.engine.opening import Expired
from offing.xet.engine.pieces import Piece, plan_pieces
from offing.xet.engine.retries import Retryable
from offing.xet.problems import XetProblem

LOOKED_AT = 256
"""Pieces that may be under way, of however many are planned."""
EARLY = 0.002
"""Seconds by which a timer may be early: uvloop's are rounded to milliseconds."""


@dataclass(frozen=True, slots=True)
class Window:
    """The bytes [start, end) of the file while their plan is being made."""

    start: int
    end: int
    plan: asyncio.Task[list[Piece]]

    @property
    def failed(self) -> bool:
        """Whether there is no plan, and none is being made."""
        return self.plan.done() and (self.plan.cancelled() or self.plan.exception() is not None)


class Ahead:
    """The pieces of [start, end): as many requests under way as the stream's pace and share of memory allow.

    Whatever is asked for fits in the share once it is here. So no connection waits for the reader: a
    stalled one holds memory, its own, but nothing that the others need.
    """

    def __init__(self, source: Source, budget: Budget, start: int, end: int) -> None:
        self._source, self._budget = source, budget
        self._position, self._end = start, end
        self._plans: deque[Window] = deque()
        self._pieces: deque[Piece] = deque()
        self._tried = 0
        self._topped_up = (0, 0)
        """The pace and the share for which there is nothing more to begin, as long as no piece ends."""
        self._held_up = False
        """Whether nothing new is to begin: a failure is being waited out, or all is over."""
        self._loop = asyncio.get_running_loop()

    async def next(self) -> tuple[int, list[Batch]] | None:
        """The next chunks, after the offset in the file where they begin; None after the last.

        A request that fails is sent again, for what is left. Raises a XetProblem.
        """
        while (piece := await self._first()) is not None:
            try:
                found = await piece.take()
            except Retryable as failed:
                await self._recover(piece, failed)
                continue
            if found is not None:
                self._tried = 0
                return found
            self._pieces.popleft().load.release()
            self._topped_up = (0, 0)
        return None

    async def close(self) -> None:
        """Free all that is under way, at once."""
        self._held_up = True
        left: list[asyncio.Task[Any]] = [*self._forget_plans()]
        for piece in self._pieces:
            left += piece.load.drop()
        self._pieces.clear()
        if left:
            await asyncio.wait(left)

    def trim(self) -> None:
        """Give up what the share does not hold any more, the last first; it will be asked for again."""
        first = self._pieces[0].load if self._pieces else None
        held = 0
        for load in _loads(self._pieces, LOOKED_AT):
            held += load.size
            if load is not first and load.begun and held > self._budget.share:
                load.drop()
                self._topped_up = (0, 0)

    async def _first(self) -> Piece | None:
        while True:
            if not self._pieces or self._topped_up != (self._source.pace.parallel, self._budget.share):
                self._top_up()
            if self._pieces:
                return self._pieces[0]
            if not self._plans:
                return None
            await self._first_plan()

    async def _first_plan(self) -> None:
        """Wait for the plan that the reader needs. Raises what it fails with."""
        window = self._plans[0]
        if window.failed:
            # It failed while nobody waited for it, perhaps long ago.
            self._plans[0] = window = self._planning(window.start, window.end)
        await asyncio.wait([window.plan])
        if window.failed:
            window.plan.result()

    async def _recover(self, piece: Piece, failed: Retryable) -> None:
        """Wait, then have what is left of the first piece asked for by another request."""
        self._tried = max(self._tried, piece.load.tried) + 1
        reached = piece.reached
        piece.rewind()
        self._held_up = True
        await self._source.retries.pause(failed, self._tried)
        if isinstance(failed, Expired):
            self._forget_as_old_as(piece)
        # A part of a signed range must not be asked for: what is left needs a plan of its own.
        if piece.touched or isinstance(failed, Expired):
            again = await plan_pieces(self._source, reached, piece.end, piece.end)
            self._pieces.popleft().load.release()
            self._pieces.extendleft(reversed(again))
        self._held_up, self._topped_up = False, (0, 0)

    def _top_up(self) -> None:
        if self._held_up:
            return
        while self._plans and self._plans[0].plan.done() and not self._plans[0].failed:
            self._pieces.extend(self._plans.popleft().plan.result())
        pace, share = self._source.pace, self._budget.share
        self._topped_up = (pace.parallel, share)
        # A plan takes a round trip of its own: some are made before their turn.
        ahead = pace.parallel * 3 // 2
        loads, held = _loads(self._pieces, ahead), 0
        for load in loads[: pace.parallel]:
            held += load.size
            if held > share and load is not loads[0]:
                break
            if not self._advance(load):
                self._top_up()
                return
        unread = len(loads) if len(self._pieces) <= LOOKED_AT else ahead
        while self._position < self._end and unread + len(self._plans) < ahead:
            start = self._position
            self._position = min(self._end, start + pace.next_window(share))
            self._plans.append(self._planning(start, self._position))

    def _planning(self, start: int, end: int) -> Window:
        plan = asyncio.create_task(plan_pieces(self._source, start, end, self._end))
        window = Window(start, end, plan)
        plan.add_done_callback(lambda _: self._planned(window))
        return window

    def _planned(self, window: Window) -> None:
        # Looking at a failure here has none told of as lost.
        if not window.failed and window.end == self._position:
            self._position = window.plan.result()[-1].end
        self._top_up()

    def _advance(self, load: Load) -> bool:
        """Begin a request, or have one that failed be sent again without the reader having to come first.

        False where the pieces are others now.
        """
        failure = load.failure
        if failure is not None and load is not self._pieces[0].load:
            if isinstance(failure, Expired):
                return not self._forget_as_old_as(next(each for each in self._pieces if each.load is load))
            try:
                wait = self._source.retries.wait(failure, load.tried + 1)
            except XetProblem:
                return True
            load.tried += 1
            load.ready_at = self._loop.time() + wait
            load.drop()
            self._loop.call_later(wait + EARLY, self._top_up)
        if not load.begun and load.ready_at <= self._loop.time():
            load.begin(self._top_up)
        return True

    def _forget_as_old_as(self, expired: Piece) -> bool:
        """Plan anew what was planned no later than a piece whose URL has expired, and has not begun.

        Whether there is any.
        """
        kept: list[Piece] = []
        for piece in self._pieces:
            if not piece.load.begun and piece.planned <= expired.planned and piece is not expired:
                break
            kept.append(piece)
        else:
            return False
        self._position = piece.start
        for each in islice(self._pieces, len(kept), None):
            each.load.release()
        self._pieces = deque(kept)
        self._forget_plans()
        return True

    def _forget_plans(self) -> list[asyncio.Task[list[Piece]]]:
        plans = [window.plan for window in self._plans]
        self._plans.clear()
        for plan in plans:
            plan.cancel()
        return plans


def _loads(pieces: Iterable[Piece], most: int) -> list[Load]:
    """The requests of the first pieces, each once, in order; at most so many."""
    loads: dict[int, Load] = {}
    for piece in islice(pieces, LOOKED_AT):
        if len(loads) >= most:
            break
        loads[id(piece.load)] = piece.load
    return list(loads.values())
