"""The crew: threads that share the work of all pages fairly, an item of each page in turn.

A page of a hundred lines does not hold up one of five: each thread takes its next item from the page that
has waited longest. There are as many threads as processors, and every item runs on one of them, so that
nothing is ever run by more threads than there are processors.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Left(Exception):  # noqa: N818  nothing is wrong: nobody waits for the page any more
    """Whoever asked for the page has gone."""


class _Round(Generic[Item, Result]):
    """The items of one page's step, handed out one by one."""

    def __init__(
        self, work: Callable[[Item], Result], items: Sequence[Item], has_left: Callable[[], bool]
    ) -> None:
        self.work, self.items, self.has_left = work, items, has_left
        self.results: list[Result | None] = [None] * len(items)
        self.next, self.running = 0, 0
        self.error: BaseException | None = None
        self.done = threading.Event()

    def wait(self) -> list[Result]:
        """The results, once every item is done. Raises what the first failing item raised."""
        if self.items:
            self.done.wait()
        if self.error is not None:
            raise self.error
        return self.results  # type: ignore[return-value]  # every place is filled when there is no error

    def drop(self, error: BaseException) -> None:
        """Hand out no further item."""
        self.error = self.error or error
        self.next = len(self.items)


class Crew:
    """Worker threads for the whole engine."""

    def __init__(self, size: int) -> None:
        if size < 1:
            raise ValueError("a crew has at least one thread")
        self.size = size
        self._ready = threading.Condition()
        self._rounds: deque[_Round[Any, Any]] = deque()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"ocr-{number}", daemon=True) for number in range(size)
        ]
        for thread in self._threads:
            thread.start()

    def map(
        self,
        work: Callable[[Item], Result],
        items: Sequence[Item],
        has_left: Callable[[], bool] = lambda: False,
    ) -> list[Result]:
        """Apply ``work`` to every item and wait; results in the order of the items.

        Raises what the first failing item raised, or :class:`Left` when ``has_left`` turns true.
        """
        return self.begin(work, items, has_left)()

    def begin(
        self,
        work: Callable[[Item], Result],
        items: Sequence[Item],
        has_left: Callable[[], bool] = lambda: False,
    ) -> Callable[[], list[Result]]:
        """The same without waiting: what is returned waits. Raises :class:`Left` once closed."""
        mine = _Round(work, items, has_left)
        if not items:
            return mine.wait
        with self._ready:
            if self._closed:
                raise Left
            self._rounds.append(mine)
            self._ready.notify(len(items))
        return mine.wait

    def close(self) -> None:
        """End the threads; rounds that are not finished end with :class:`Left`."""
        with self._ready:
            self._closed = True
            for each in self._rounds:
                each.drop(Left())
                if not each.running:
                    each.done.set()
            self._rounds.clear()
            self._ready.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while True:
            with self._ready:
                while not self._rounds:
                    if self._closed:
                        return
                    self._ready.wait()
                mine, number = self._take()
            error: BaseException | None = None
            try:
                if mine.has_left():
                    raise Left  # noqa: TRY301  it goes the way of every other end
                mine.results[number] = mine.work(mine.items[number])
            except BaseException as raised:  # noqa: BLE001  it is raised again in the thread that waits
                error = raised
            with self._ready:
                self._finish(mine, error)
            # While it waits, a thread holds on to no page.
            del mine, error

    def _take(self) -> tuple[_Round[Any, Any], int]:
        """The next item of the page whose turn it is; the page goes to the end of the row."""
        mine = self._rounds.popleft()
        number, mine.next = mine.next, mine.next + 1
        mine.running += 1
        if mine.next < len(mine.items):
            self._rounds.append(mine)
        return mine, number

    def _finish(self, mine: _Round[Any, Any], error: BaseException | None) -> None:
        mine.running -= 1
        if error is not None:
            mine.drop(error)
            if mine in self._rounds:
                self._rounds.remove(mine)
        if mine.next >= len(mine.items) and not mine.running:
            mine.done.set()
