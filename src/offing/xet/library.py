"""What the service reads files with: the hub and its content store, and what is kept of both."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from offing.kernel.fetch import FetchSettings
from offing.xet.bucket_settings import bucket_of
from offing.xet.engine.batch import Batch
from offing.xet.engine.cache import Fetch, Whereabouts
from offing.xet.engine.content_check import can_check
from offing.xet.engine.limits import Limits
from offing.xet.engine.reader import Reader
from offing.xet.engine.repository import Repository
from offing.xet.engine.resolved import Resolved
from offing.xet.known_files import KnownFiles
from offing.xet.plain_content import PlainContent
from offing.xet.problems import XetProblem
from offing.xet.ranges import Span
from offing.xet.settings import XetSettings
from offing.xet.shelf import Elsewhere, Shelf

DEFAULT_FOLDER = Path("~/.cache/offing/xet")
LARGEST_WINDOW = 4 << 20
"""Bytes of a file on its way into the cache that stay in memory, for readers that keep up."""
KNOWN = "known"
"""Folder, in that of the cache, of what is known of files."""

Verified = Literal["file", "chunks", "no"]
"""What is compared before a client has the last byte: the hash of the whole file, that of each chunk with
those of a file that was verified before, or nothing."""


@dataclass(frozen=True)
class Opened:
    """Bytes that are about to come."""

    pieces: AsyncGenerator[bytes, None]
    verified: Verified
    cache: Literal["hit", "miss", ""]


class Library:
    """Files of one hub, for callers whose right to each of them has just been checked.

    Checked there, or, offline, by what is known of the last time that it was.
    """

    def __init__(self, settings: XetSettings, fetch: FetchSettings) -> None:
        windows = settings.memory // 4 if settings.cache_bytes else 0
        limits = Limits(settings.memory - windows, settings.stall_seconds, settings.patience_seconds)
        self.reader = Reader(settings.endpoint, stores=settings.stores, limits=limits, fetch=fetch)
        self.offline = settings.offline
        folder = folder_of(settings)
        self.shelf = Shelf(
            folder,
            settings.cache_bytes,
            bucket=None if self.offline else bucket_of(settings),
            window=LARGEST_WINDOW,
            together=windows,
        )
        self.known = KnownFiles(folder / KNOWN if folder else None, self.reader.hub.endpoint)
        self._plain = PlainContent(self.reader, self.shelf, self.known)

    async def start(self) -> None:
        """Find what is kept, and load the certificates.

        Where the cache's folder cannot be used nothing is kept; offline, where the cache is all there is to
        serve, UnsafeFolder or OSError is raised instead.
        """
        self.reader.http.prepare()
        await self.shelf.start(required=self.offline)
        await self.known.start(beside_cache=self.shelf.keeps)

    async def stop(self) -> None:
        """End what is under way; what was recorded is kept."""
        await self._plain.settled()
        await self.shelf.stop()
        await self.known.close()
        await self.reader.close()

    async def resolve(self, repository: Repository, path: str, token: str | None) -> Resolved:
        """What a file is now, asked with the caller's token; offline, what it was. Raises a XetProblem."""
        if self.offline:
            return await self.known.find(repository, path, token)
        try:
            file = await self.reader.hub.resolve(repository, path, token)
        except XetProblem as problem:
            await self.known.refused(repository, path, token, problem)
            raise
        await self.known.remember(file, token)
        return file

    async def resolve_hash(self, repository: Repository, file_hash: str, token: str | None) -> Resolved:
        """The file of a hash, of which the hub tells nothing but that the caller may read it."""
        if self.offline:
            size = await self.known.find_hash(repository, file_hash, token)
        else:
            size = await self.reader.measure(repository, file_hash, token=token)
        file = Resolved(
            repository=repository,
            path=f"{file_hash}.bin",
            size=size,
            etag=f"xet-{file_hash}",
            sha256=None,
            xet_hash=file_hash,
            commit="",
            last_modified=None,
            location="",
        )
        if not self.offline:
            await self.known.remember(file, token, by_hash=True)
        return file

    def open(self, file: Resolved, span: Span, token: str | None) -> Opened:
        """The bytes of a file, or of a part of it; nothing is asked for before the first of them is."""
        whole = span == Span(0, file.size)
        if not file.size:
            return Opened(_nothing(), "file", "")
        if self.offline:
            return self._open_kept(file, span, whole=whole)
        content = self.known.content_of(file) if self.shelf.keeps else None
        if content is None:
            return self._open_unknown(file, span, token, whole=whole)
        found = self.shelf.whereabouts(content)
        if found is not Whereabouts.CACHE and span.end == file.size:
            # A client that goes on where it was has the rest of the file verified with the whole of it.
            whole = whole or self.shelf.can_go_on(content, file.size, span.start)
        if whole or found is Whereabouts.CACHE:
            read = self.shelf.read if whole else self.shelf.read_verified
            pieces = read(content, file.size, self._fetch(file, token), span.start, span.end)
            told: Literal["hit", "miss"] = "miss" if found is Whereabouts.UPSTREAM else "hit"
            return Opened(pieces, "file" if whole else "chunks", told)
        if self.shelf.has_passed(content, span.end):
            return Opened(self._passed(content, file, span, token), "no", "hit")
        return Opened(self.reader.stream(file, span.start, span.end, token=token), "no", "miss")

    def may_keep(self, file: Resolved) -> bool:
        """Whether the whole of a file would be kept, once it has been read."""
        cache = self.shelf.cache
        if not file.size:
            return True
        if cache is None or not self.shelf.keeps or file.size > cache.statistics().max_bytes:
            return False
        return file.xet_hash is not None or self._plain.may_keep(file)

    async def settled(self, file: Resolved) -> bool:
        """Whether the cache has the whole of a file, when what was just read has been put away."""
        await self._plain.settled()
        if (content := self.known.content_of(file)) is not None:
            await self.shelf.settled(content)
        return not file.size or self.holds_file(file)

    def holds(self, file_hash: str | None) -> bool:
        """Whether the cache has the whole file of a hash."""
        return file_hash is not None and self.shelf.holds(file_hash)

    def holds_file(self, file: Resolved) -> bool:
        """Whether the cache has the whole of a file."""
        return self.holds(self.known.content_of(file))

    def _open_kept(self, file: Resolved, span: Span, *, whole: bool) -> Opened:
        content = self.known.content_of(file)
        pieces = self.shelf.read_kept(content, file.size, span.start, span.end)
        return Opened(pieces, "file" if whole else "chunks", "hit")

    def _open_unknown(self, file: Resolved, span: Span, token: str | None, *, whole: bool) -> Opened:
        """A file that is not kept, or never was."""
        if whole and file.xet_hash is None and self._plain.may_keep(file):
            return Opened(self._plain.read(file, token), "file", "miss")
        told: Verified = "file" if whole and (file.xet_hash is not None or can_check(file)) else "no"
        return Opened(self.reader.stream(file, span.start, span.end, token=token), told, "")

    async def _passed(
        self, content: str, file: Resolved, span: Span, token: str | None
    ) -> AsyncGenerator[bytes, None]:
        """What a fetch under way has passed, or, where it ends meanwhile, from the hub."""
        at = span.start
        try:
            async with aclosing(self.shelf.read_passed(content, file.size, at, span.end)) as pieces:
                async for piece in pieces:
                    at += len(piece)
                    yield piece
        except Elsewhere:
            async with aclosing(self.reader.stream(file, at, span.end, token=token)) as rest:
                async for piece in rest:
                    yield piece

    def _fetch(self, file: Resolved, token: str | None) -> Fetch:
        if file.xet_hash is None:
            return self._plain.fetch(file, token)
        return partial(self._batches, file, file.xet_hash, token)

    def _batches(
        self, file: Resolved, file_hash: str, token: str | None, start: int
    ) -> AsyncGenerator[Batch, None]:
        return self.reader.batches(file.pinned, file_hash, start, file.size, token=token)


def folder_of(settings: XetSettings) -> Path | None:
    """Where the cache is; None where this user has no home."""
    if settings.cache_dir:
        return Path(settings.cache_dir)
    with suppress(RuntimeError):
        return DEFAULT_FOLDER.expanduser()
    return None


async def _nothing() -> AsyncGenerator[bytes, None]:
    """The bytes of an empty file."""
    pieces: tuple[bytes, ...] = ()
    for piece in pieces:
        yield piece
