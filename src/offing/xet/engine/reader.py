"""Reads files of a hub: verified, in memory that is bounded whatever the number of streams."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Collection
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Self

from offing.kernel.fetch import FetchSettings
from offing.xet.engine.batch import Batch
from offing.xet.engine.budget import Budget
from offing.xet.engine.cas import Cas
from offing.xet.engine.content_check import can_check, checked
from offing.xet.engine.hub import Hub
from offing.xet.engine.limits import Limits
from offing.xet.engine.load import Source
from offing.xet.engine.repository import PUBLIC_HUB, Kind, Repository
from offing.xet.engine.resolved import Resolved
from offing.xet.engine.retries import Retries
from offing.xet.engine.stream import chunks, stream
from offing.xet.engine.tokens import Access
from offing.xet.engine.verify import Check, Unchecked, WholeFile
from offing.xet.engine.windows import Pace
from offing.xet.problems import BadRange
from offing.xet.wire import Http


class Reader:
    """Files of one hub, for any number of callers, each with a token of its own.

    One for a process, used from one event loop::

        async with Reader() as reader:
            file = await reader.resolve("owner/repo", "model.safetensors")
            async for piece in reader.stream(file):
                ...

    :param endpoint: the hub, as HF_ENDPOINT has it; it may be at any address.
    :param stores: origins of content stores that may be at any address; all others must be public.
    :param fetch: proxies, certificates and allowed networks.
    """

    def __init__(
        self,
        endpoint: str = PUBLIC_HUB,
        *,
        stores: Collection[str] = (),
        limits: Limits | None = None,
        fetch: FetchSettings | None = None,
        retries: Retries | None = None,
    ) -> None:
        self.http = Http(fetch or FetchSettings(), trusted=(endpoint, *stores))
        self._limits = limits or Limits()
        # A wait that is asked for must leave time for what comes after it.
        retries = retries or Retries()
        self.retries = replace(retries, patience=min(retries.patience, self._limits.patience / 2))
        self.hub = Hub(self.http, endpoint, retries=self.retries)
        self.budget = Budget(self._limits.memory)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End every connection."""
        await self.http.close()

    async def resolve(
        self,
        repository: str,
        path: str,
        *,
        kind: Kind = "models",
        revision: str = "main",
        token: str | None = None,
    ) -> Resolved:
        """What a file is at this moment: its size, hashes and commit.

        Raises a :class:`~offing.xet.problems.XetProblem`: BadName, NoRight, Gated, RepositoryNotFound,
        RevisionNotFound, EntryNotFound, RateLimited, UpstreamFailed or UpstreamTimedOut.
        """
        return await self.hub.resolve(Repository(repository, kind, revision), path, token)

    def stream(
        self, file: Resolved, start: int = 0, end: int | None = None, *, token: str | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The bytes [start, end) of a file, in order, in pieces of up to about a megabyte.

        A whole file is verified: its last piece comes only after the hash of all that came before is right.
        Of a range the protocol tells nothing to compare with. Raises a
        :class:`~offing.xet.problems.XetProblem`, Corrupt among them. Close it to free everything at once.
        """
        end = file.size if end is None else end
        if not 0 <= start <= end <= file.size:
            raise BadRange(headers={"Content-Range": f"bytes */{file.size}"})
        if file.xet_hash is None:
            return self._plain(file, start, end, token)
        check: Check = Unchecked()
        if start == 0 and end == file.size:
            check = WholeFile(file.xet_hash, file.size)
        return self.verified(file.pinned, file.xet_hash, start, end, check, token=token)

    def verified(
        self, repository: Repository, file_hash: str, start: int, end: int, check: Check, *, token: str | None
    ) -> AsyncGenerator[bytes, None]:
        """The bytes [start, end) of the file of a hash, told to a check."""
        return stream(self._source(repository, file_hash, token), self.budget, check, start, end)

    async def batches(
        self, repository: Repository, file_hash: str, start: int, end: int, *, token: str | None
    ) -> AsyncGenerator[Batch, None]:
        """The chunks that [start, end) of the file of a hash lies in, in order; nothing is verified yet."""
        source = self._source(repository, file_hash, token)
        async with aclosing(chunks(source, self.budget, start, end)) as batches:
            async for _, several in batches:
                while several:
                    yield several.pop(0)

    async def download(
        self,
        file: Resolved,
        path: Path,
        *,
        token: str | None = None,
        progress: Callable[[int], None] | None = None,
        sha256: bool = True,
    ) -> Path:
        """The file at ``path``, whole and verified; see :func:`offing.xet.engine.download.download`."""
        from offing.xet.engine.download import download

        return await download(self, file, path, token=token, progress=progress, sha256=sha256)

    async def measure(self, repository: Repository, file_hash: str, *, token: str | None = None) -> int:
        """The size in bytes of the file of a hash, by the plan of the whole of it."""
        terms = await self._source(repository, file_hash, token).cas.plan(file_hash, 0, None)
        return terms[-1].end if terms else 0

    def _source(self, repository: Repository, file_hash: str, token: str | None) -> Source:
        async def access(refused: Access | None) -> Access:
            return await self.hub.cas_access(repository, token, refused=refused)

        cas = Cas(self.http, access, self.retries)
        return Source(self.http, cas, file_hash, self.retries, Pace(), self._limits)

    async def _plain(
        self, file: Resolved, start: int, end: int, token: str | None
    ) -> AsyncGenerator[bytes, None]:
        if start == end and file.size:
            return
        plain = await self.hub.open_plain(file, start, end, token)
        try:
            if start == 0 and end == file.size and can_check(file):
                async with aclosing(checked(file, plain)) as pieces:
                    async for piece in pieces:
                        yield piece
            else:
                async for piece in plain:
                    yield piece
        finally:
            plain.abort()
