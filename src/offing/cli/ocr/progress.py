"""The progress over pages: a bar on standard error, where that is a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

CLEAR_LINE = "\r\x1b[K"


class Progress:
    """Counts pages. A document counts as one page until it is open and tells how many it has."""

    def __init__(self, documents: int, stack: ExitStack | None) -> None:
        self._total, self._done, self._stack = documents, 0, stack
        self._bar: ProgressBar[int] | None = None
        self._show()

    @contextmanager
    def document(self) -> Iterator[DocumentProgress]:
        """The progress of one document; at its end all its pages are behind, read or not."""
        document = DocumentProgress(self)
        try:
            yield document
        finally:
            self.advance(document.left)

    def grow(self, pages: int) -> None:
        """So many pages more, or fewer."""
        self._total += pages
        self._show()

    def advance(self, pages: int) -> None:
        """So many pages are done."""
        self._done += pages
        if self._bar is not None:
            self._bar.update(pages)

    def tell(self, message: str) -> None:
        """A line for the user, which the bar makes room for."""
        click.echo(f"{CLEAR_LINE if self._bar else ''}{message}", err=True)

    def _show(self) -> None:
        """The bar, as soon as there is more than one page to wait for."""
        if self._bar is not None:
            self._bar.length = self._total
        elif self._stack is not None and self._total > 1:
            bar = click.progressbar(length=self._total, label="pages", show_pos=True, file=sys.stderr)
            self._bar = self._stack.enter_context(bar)
            self._bar.update(self._done)


class DocumentProgress:
    """The pages of one document that are not done."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.left = 1

    def opened(self, pages: int) -> None:
        """It has so many pages that are to be read."""
        self._progress.grow(pages - self.left)
        self.left = pages

    def page(self) -> None:
        """One more is done."""
        self.left -= 1
        self._progress.advance(1)


@contextmanager
def progress(documents: int, *, to_stream: bool) -> Iterator[Progress]:
    """Progress over documents; with a bar where a terminal shows it, and nothing else is written to that."""
    with ExitStack() as stack:
        shown = sys.stderr.isatty() and not (to_stream and sys.stdout.isatty())
        yield Progress(documents, stack if shown else None)
