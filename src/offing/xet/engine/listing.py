"""What is in a repository: its files page by page, and the revision itself."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

import msgspec

from offing.kernel.fetch import BadUrl
from offing.kernel.fetch.url import Url
from offing.xet.engine import hashes
from offing.xet.engine.calls import Asked, Calls, Hop
from offing.xet.engine.links import find_link
from offing.xet.engine.repository import Repository, check_path
from offing.xet.problems import BadName, EntryNotFound, RepositoryNotFound, UpstreamFailed

MOST_PAGES = 2000
MOST_FILES = 500_000
MOST_PAGE_BYTES = 8 * 1024 * 1024
MOST_INFO_BYTES = 32 * 1024 * 1024

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)
_Size = Annotated[int, msgspec.Meta(ge=0, lt=10**16)]


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file in a listing."""

    path: str
    """Below the repository's root; safe to put below a folder."""
    size: int
    """In bytes."""
    sha256: str | None
    """Of the content, in hexadecimal; None for a file that git itself keeps."""
    xet_hash: str | None
    """The file hash in its text form; None where the content store does not have the file."""


@dataclass(frozen=True, slots=True)
class Info:
    """A revision of a repository."""

    commit: str
    private: bool
    gated: bool
    """Whether its conditions have to be accepted first."""


class _Lfs(msgspec.Struct):
    oid: str
    size: _Size


class _Row(msgspec.Struct, rename="camel"):
    type: str
    path: str
    size: _Size = 0
    lfs: _Lfs | None = None
    xet_hash: str | None = None


class _Described(msgspec.Struct):
    sha: str
    private: bool = False
    gated: bool | str = False
    """False, or how it is granted: "auto" or "manual"."""


async def files(
    calls: Calls, repository: Repository, token: str | None, *, folder: str = "", recursive: bool = True
) -> AsyncIterator[ListedFile]:
    """The files below a folder, in the hub's order, as its pages come.

    :param recursive: with those in folders below it.

    Raises a :class:`~offing.xet.problems.XetProblem`; :class:`~offing.xet.problems.UpstreamFailed` also in
    the middle, where the listing is endless or names a path that leads out of a folder.
    """
    query = "?recursive=true" if recursive else "?recursive=false"
    asked = Asked(repository, token, EntryNotFound if folder else RepositoryNotFound)
    page: Url | None = calls.url(repository.tree_target(folder) + query)
    pages = count = 0
    while page is not None:
        hop = (await calls.ask(page, asked, max_bytes=MOST_PAGE_BYTES))[-1]
        pages += 1
        for row in hop.read(list[_Row]):
            if row.type == "file":
                count += 1
                yield _listed(row)
        page = _next_page(calls, page, hop)
        if page is not None and (pages >= MOST_PAGES or count >= MOST_FILES):
            raise UpstreamFailed(f"The hub lists more than {MOST_FILES} files, or without an end.")


async def describe(calls: Calls, repository: Repository, token: str | None) -> Info:
    """The commit that a revision is now, and who may see it. Raises a XetProblem."""
    # Only these: the whole description of a large repository is megabytes.
    url = calls.url(repository.info_target + "?expand=sha&expand=private&expand=gated")
    hop = (await calls.ask(url, Asked(repository, token), max_bytes=MOST_INFO_BYTES))[-1]
    described = hop.read(_Described)
    if not _COMMIT.fullmatch(described.sha):
        raise UpstreamFailed("The hub names a commit that is none.")
    return Info(described.sha, described.private, bool(described.gated))


def _listed(row: _Row) -> ListedFile:
    try:
        check_path(row.path)
    except BadName:
        raise UpstreamFailed("The hub lists a file whose path is none.") from None
    if row.xet_hash is not None and not hashes.is_text(row.xet_hash.lower()):
        raise UpstreamFailed("The hub names a hash that is none.")
    return ListedFile(
        path=row.path,
        size=row.lfs.size if row.lfs else row.size,
        sha256=row.lfs.oid if row.lfs and _SHA256.fullmatch(row.lfs.oid) else None,
        xet_hash=row.xet_hash.lower() if row.xet_hash else None,
    )


def _next_page(calls: Calls, page: Url, hop: Hop) -> Url | None:
    """Where the listing goes on: always at the hub that was asked.

    A mirror may pass on a link that names the hub behind it. Of such a link only the query is used.
    """
    link = find_link(hop.answer.headers.get("link", ""), "next")
    if link is None:
        return None
    try:
        following = hop.url.redirected(link)
    except BadUrl:
        raise UpstreamFailed("The hub names a next page that is no address.") from None
    if following.origin == calls.origin:
        return following
    path, query = page.target.partition("?")[0], following.target.partition("?")[2]
    return msgspec.structs.replace(page, target=f"{path}?{query}")
