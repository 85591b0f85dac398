"""What a hub says of one file: size, content, commit, and where its bytes are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.utils import formatdate

from offing.xet.engine import hashes
from offing.xet.engine.calls import Calls, Hop
from offing.xet.engine.repository import Repository
from offing.xet.engine.retry_after import read_date
from offing.xet.problems import UpstreamFailed

_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)
_ETAG = re.compile(r'(?:W/)?"?([!#-~]{1,256}?)"?', re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_SIZE = re.compile(r"[0-9]{1,16}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Resolved:
    """One file at one commit."""

    repository: Repository
    """As it was asked for; its revision may be a branch."""
    path: str
    size: int
    """In bytes."""
    etag: str
    """Without quotes: the content's SHA-256 or git hash, in hexadecimal, where the hub is as it should be."""
    sha256: str | None
    """Of the content, in hexadecimal; None where the hub keeps the file in git itself."""
    xet_hash: str | None
    """The file hash in its text form; None where the content store does not have the file."""
    commit: str
    """40 hexadecimal digits, or 64; empty where the hub was not asked."""
    last_modified: str | None
    """An HTTP date."""
    location: str = field(repr=False)
    """Where the plain bytes are: at the hub, or where it keeps them.

    There it is often signed, so as secret as a token, and short-lived."""

    @property
    def filename(self) -> str:
        """The last part of the path."""
        return self.path.rpartition("/")[2]

    @property
    def pinned(self) -> Repository:
        """The repository at the commit, which cannot move."""
        return self.repository.at(self.commit) if self.commit else self.repository


def read_resolved(calls: Calls, repository: Repository, path: str, hops: Sequence[Hop]) -> Resolved:
    """What the answers to HEAD say of a file, wherever on the way they say it.

    The hub's own words count before those of other servers.

    Raises :class:`~offing.xet.problems.UpstreamFailed` where commit, ETag or size is missing or makes no
    sense, or a hash is of the wrong form.
    """
    last, origin = hops[-1], calls.origin
    headers = last.answer.headers
    size = _told(hops, "x-linked-size", origin)
    if last.following is None and headers.get("content-encoding", "identity").lower() in ("", "identity"):
        size = size or headers.get("content-length", "")
    etag = _read(_ETAG, _told(hops, "x-linked-etag", origin) or headers.get("etag", ""), "an ETag")
    xet_hash = _told(hops, "x-xet-hash", origin).lower()
    if xet_hash and not hashes.is_text(xet_hash):
        raise UpstreamFailed("The hub names a hash that is none.")
    commit = _read(_COMMIT, _told(hops, "x-repo-commit", origin), "a commit")
    location = last.following or last.url
    if location.origin == origin:
        # A branch may move on before the bytes are read; the commit does not.
        location = calls.url(repository.at(commit).file_target(path))
    modified = read_date(headers.get("last-modified", ""))
    return Resolved(
        repository=repository,
        path=path,
        size=int(_read(_SIZE, size, "a size")),
        etag=etag,
        sha256=etag if _SHA256.fullmatch(etag) else None,
        xet_hash=xet_hash or None,
        commit=commit,
        last_modified=None if modified is None else formatdate(modified, usegmt=True),
        location=str(location),
    )


Origin = tuple[str, str, int]


def _told(hops: Sequence[Hop], name: str, origin: Origin) -> str:
    """A header's value: the hub's last word, or else another server's."""
    for own in (True, False):
        for hop in reversed(hops):
            if (hop.url.origin == origin) is own and (value := hop.answer.headers.get(name, "").strip()):
                return value
    return ""


def _read(form: re.Pattern[str], text: str, what: str) -> str:
    found = form.fullmatch(text)
    if found is None:
        raise UpstreamFailed(f"The hub's answer lacks {what}.")
    return found[form.groups]
