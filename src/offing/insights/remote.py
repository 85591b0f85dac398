"""Images that are named by URL: fetched, revalidated, and never trusted for having been seen."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from offing.insights.problems import (
    DownloadFailed,
    DownloadTimedOut,
    EmptyImage,
    ImageTooLarge,
    InsightsProblem,
    UnsupportedType,
)
from offing.kernel.cache import Cache
from offing.kernel.fetch import (
    AddressRefused,
    AnswerTooLarge,
    BadUrl,
    Fetcher,
    FetchProblem,
    FetchTimedOut,
    redacted,
)

NOT_MODIFIED, OK = 304, 200


class Seen(msgspec.Struct, frozen=True):
    """What is kept of an URL: by what it can be revalidated, and its answer."""

    etag: str
    last_modified: str
    report: bytes


class Remote:
    """Fetches the images of URLs. Every call goes out, through the address checks, anew."""

    def __init__(self, fetcher: Fetcher, types: tuple[str, ...], *, max_bytes: int, seconds: float) -> None:
        self._fetcher, self._types, self._max_bytes, self._seconds = fetcher, types, max_bytes, seconds

    async def fetch(self, url: str, seen: Seen | None) -> tuple[bytes | None, Mapping[str, str]]:
        """The image's bytes, or None where ``seen`` still stands; and the answer's headers.

        Raises InsightsProblem in v1's words.
        """
        conditions = {}
        if seen is not None:
            conditions = (
                {"if-none-match": seen.etag} if seen.etag else {"if-modified-since": seen.last_modified}
            )
        url = _checked(url)
        try:
            fetched = await self._fetcher.fetch(
                url, max_bytes=self._max_bytes, seconds=self._seconds, headers=conditions
            )
        except FetchProblem as problem:
            raise self._in_v1(problem, url) from None
        if fetched.status == NOT_MODIFIED and seen is not None:
            return None, fetched.headers
        if fetched.status != OK:
            raise DownloadFailed(
                "Failed to download image from URL", status_code=fetched.status, url=redacted(url)
            )
        self._check_type(fetched.headers.get("content-type", ""))
        if not fetched.body:
            raise EmptyImage("Downloaded image file is empty")
        return fetched.body, fetched.headers

    def _check_type(self, declared: str) -> None:
        if declared.lower().split(";", 1)[0].strip() not in self._types:
            raise UnsupportedType(
                "Unsupported image type from URL",
                allowed_types=list(self._types),
                received_type=declared.lower(),
            )

    def _in_v1(self, problem: FetchProblem, url: str) -> InsightsProblem:
        if isinstance(problem, FetchTimedOut):
            return DownloadTimedOut(url=redacted(url))
        if isinstance(problem, AnswerTooLarge):
            return ImageTooLarge(self._max_bytes, problem.seen_bytes, "Image from URL")
        if isinstance(problem, AddressRefused):
            return DownloadFailed(
                "Invalid URL",
                detail="URLs pointing to private or local network addresses are not allowed",
            )
        if isinstance(problem, BadUrl):
            return DownloadFailed("Invalid URL", detail=problem.public_text)
        return DownloadFailed(
            "Failed to download image from URL", detail=problem.public_text, url=redacted(url)
        )


def revalidators(headers: Mapping[str, str], report: bytes) -> Seen | None:
    """What to keep of an answer; None where it names nothing to revalidate it by."""
    etag, last_modified = headers.get("etag", ""), headers.get("last-modified", "")
    return Seen(etag, last_modified, report) if etag or last_modified else None


def url_cache(entries: int, seconds: float) -> Cache[Seen]:
    """A cache of what was seen at URLs."""
    return Cache(entries=entries, seconds=seconds)


def _checked(url: str) -> str:
    url = url.strip()
    if not url:
        raise DownloadFailed("URL cannot be empty")
    if not url.lower().startswith(("http://", "https://")):
        raise DownloadFailed("Invalid URL scheme", detail="URL must start with http:// or https://")
    return url
