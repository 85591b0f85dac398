"""The progress of downloads on standard error: bars on a terminal, else a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

import click

from offing.cli.wording import printable
from offing.cli.xet.sizes import spell_size

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

LINE_SECONDS = 10.0
"""Between two lines where there is no terminal."""
NAME_COLUMNS = 40


class Shown(Protocol):
    """The bar of one file."""

    def checking(self, done: int) -> None:
        """So many bytes that were here already have been looked at."""

    def fetched(self, done: int, taken_over: int) -> None:
        """So many bytes are here now, so many of which have not been fetched."""

    def close(self) -> None:
        """Nothing more is to be shown."""


class Progress:
    """Counts what is fetched and what is verified; without a terminal."""

    def __init__(self, total: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.left = total
        """Bytes that are still to be fetched, as far as is known."""
        self.fetched = 0
        """Bytes that came by the network."""
        self.verified = 0
        """Bytes of whole files whose hash is right."""
        self._clock, self.began = clock, clock()
        self._told = self.began

    @property
    def seconds(self) -> float:
        """Since it began."""
        return self._clock() - self.began

    @property
    def rate(self) -> float:
        """Bytes a second, on average."""
        return self.fetched / max(self.seconds, 1e-3)

    def file(self, name: str, size: int) -> FileProgress:
        """The progress of one file."""
        return FileProgress(self, size, self.show(printable(name), size))

    def show(self, name: str, size: int) -> Shown | None:
        """A bar, if there are any."""
        del name, size
        return None

    def tell(self, message: str) -> None:
        """A line for the user."""
        click.echo(message, err=True)

    def move(self, fetched: int, left: int) -> None:
        """Change the counts."""
        self.fetched += fetched
        self.left += left
        if fetched and self._clock() - self._told >= LINE_SECONDS:
            self._told = self._clock()
            more = f", {spell_size(self.left)} to come" if self.left > 0 else ""
            self.tell(f"{spell_size(self.fetched)} at {spell_size(self.rate)}/s{more}")


class FileProgress:
    """Where one file stands."""

    def __init__(self, progress: Progress, size: int, shown: Shown | None) -> None:
        self._progress, self._size, self._shown = progress, size, shown
        self._fetched, self._left = 0, size

    def checking(self, done: int) -> None:
        """So many bytes that were here already have been looked at."""
        if self._shown is not None:
            self._shown.checking(done)

    def fetching(self, done: int, taken_over: int) -> None:
        """So many bytes are here now; ``taken_over`` of them were before."""
        fetched, left = done - taken_over, self._size - done
        self._progress.move(max(0, fetched - self._fetched), left - self._left)
        self._fetched, self._left = fetched, left
        if self._shown is not None:
            self._shown.fetched(done, taken_over)

    def close(self) -> None:
        """Nothing more comes of it, however it ended."""
        self._progress.move(0, -self._left)
        self._left = 0
        if self._shown is not None:
            self._shown.close()


class Bars(Progress):
    """With bars of rich: one for all, and one for each file that is under way."""

    def __init__(self, total: int, rich: RichProgress) -> None:
        super().__init__(total)
        self._rich = rich
        self._all = rich.add_task("in all", total=total)

    def show(self, name: str, size: int) -> Shown:
        """A bar beneath the others."""
        if len(name) > NAME_COLUMNS:  # the end of a path says more than its folders
            name = "…" + name[1 - NAME_COLUMNS :]
        return _Bar(self._rich, self._rich.add_task(name, total=size))

    def tell(self, message: str) -> None:
        """A line above the bars."""
        self._rich.console.print(message, markup=False, highlight=False, soft_wrap=True)

    def move(self, fetched: int, left: int) -> None:
        """Change the counts and the bar."""
        self.fetched += fetched
        self.left += left
        self._rich.update(
            self._all,
            completed=self.fetched,
            total=self.fetched + max(0, self.left),
            description=f"verified {spell_size(self.verified)}",
        )


class _Bar:
    def __init__(self, rich: RichProgress, task: TaskID) -> None:
        self._rich, self._task, self._fetching = rich, task, False

    def checking(self, done: int) -> None:
        self._rich.update(self._task, completed=done)

    def fetched(self, done: int, taken_over: int) -> None:
        if not self._fetching:  # what was taken over tells nothing of the network's rate
            self._fetching = True
            self._rich.reset(self._task, completed=taken_over)
        self._rich.update(self._task, completed=done)

    def close(self) -> None:
        self._rich.remove_task(self._task)


@contextmanager
def progress(total: int) -> Iterator[Progress]:
    """Progress over so many bytes; bars where standard error is a terminal and rich is installed."""
    if sys.stderr.isatty():
        try:
            from rich.console import Console
            from rich.progress import (
                BarColumn,
                DownloadColumn,
                TextColumn,
                TimeRemainingColumn,
                TransferSpeedColumn,
            )
            from rich.progress import Progress as RichProgress
        except ImportError:
            pass
        else:
            columns = (
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=None),
                DownloadColumn(),
                TransferSpeedColumn(),
                TimeRemainingColumn(),
            )
            with RichProgress(*columns, console=Console(stderr=True), transient=True, expand=True) as rich:
                yield Bars(total, rich)
            return
    yield Progress(total)
