"""A Hugging Face compatible hub, as its clients see it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from offing.xet.engine import listing, plain
from offing.xet.engine.calls import Asked, Calls, Hop
from offing.xet.engine.repository import Repository
from offing.xet.engine.resolved import Resolved, read_resolved
from offing.xet.engine.retries import Retries
from offing.xet.engine.tokens import Access, AccessTokens
from offing.xet.problems import EntryNotFound
from offing.xet.wire import Http

MOST_HEAD_BYTES = 64 * 1024
"""Of a redirect's body, which is never read."""


class Hub:
    """One hub: what it has, who may have it, and where the bytes are.

    Every call carries the token of its own caller, or None for no token. All calls raise
    :class:`~offing.xet.problems.XetProblem`; none tells what the hub wrote.

    :param endpoint: as HF_ENDPOINT has it: ``https://huggingface.co``, or a mirror, also below a path.
    :param seconds: for one call, with all redirects, tries and waits; reading bytes has its own limits.
    """

    def __init__(
        self, http: Http, endpoint: str, *, retries: Retries | None = None, seconds: float = 60.0
    ) -> None:
        self._calls = Calls(http, endpoint, retries=retries, seconds=seconds)
        self._tokens = AccessTokens(self._calls)

    @property
    def endpoint(self) -> str:
        """The hub's address, without a slash at its end."""
        return self._calls.endpoint

    async def resolve(self, repository: Repository, path: str, token: str | None) -> Resolved:
        """Ask for a file: what it is, and where.

        Redirects are followed as far as the hub's own answer: a renamed repository has a new address, large
        files are elsewhere. What is elsewhere is not asked, unless the hub did not say the size.
        """
        url = self._calls.url(repository.file_target(path))
        asked = Asked(repository, token, EntryNotFound)
        hops = await self._calls.ask(url, asked, method="HEAD", max_bytes=MOST_HEAD_BYTES, found=_is_told)
        return read_resolved(self._calls, repository, path, hops)

    async def cas_access(
        self, repository: Repository, token: str | None, *, refused: Access | None = None
    ) -> Access:
        """The right to read a revision's files from the content store; see :meth:`AccessTokens.get`."""
        return await self._tokens.get(repository, token, refused=refused)

    async def info(self, repository: Repository, token: str | None) -> listing.Info:
        """The commit that a revision is now, and who may see it."""
        return await listing.describe(self._calls, repository, token)

    def files(
        self, repository: Repository, token: str | None, *, folder: str = "", recursive: bool = True
    ) -> AsyncIterator[listing.ListedFile]:
        """The files below a folder, as the hub's pages come; see :func:`listing.files`."""
        return listing.files(self._calls, repository, token, folder=folder, recursive=recursive)

    async def open_plain(self, resolved: Resolved, start: int, end: int, token: str | None) -> plain.Plain:
        """The bytes ``start`` up to, not with, ``end`` of a file; see :func:`plain.open_plain`."""
        return await plain.open_plain(self._calls, resolved, start, end, token)


def _is_told(hops: list[Hop]) -> bool:
    """Whether a redirect leads away from a server that said all there is to know."""
    told = {name for hop in hops for name in hop.answer.headers}
    return hops[-1].leaves and {"x-linked-size", "x-repo-commit"} <= told
