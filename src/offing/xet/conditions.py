"""What a client has already, and what that changes (RFC 9110, section 13)."""

from __future__ import annotations

import re

from starlette.datastructures import Headers

from offing.xet.engine.retry_after import read_date
from offing.xet.problems import XetProblem

_TAG = re.compile(r'(?:W/)?"[^"]*"|\*')


class Changed(XetProblem):
    """The client wants a file only as it was."""

    code = "changed"
    status = 412
    text = "The file is not, or no more, the one that If-Match names."
    remedy = "Ask again without If-Match, and begin anew."
    exit_code = 4


def check_same(headers: Headers, etag: str) -> None:
    """Raise Changed where If-Match names only other files, by strong comparison."""
    tags = _tags(headers, "if-match")
    if tags is not None and "*" not in tags and etag not in tags:
        raise Changed(headers={"ETag": etag})


def is_unchanged(headers: Headers, etag: str) -> bool:
    """Whether If-None-Match names the file as it is, by weak comparison."""
    tags = _tags(headers, "if-none-match")
    return tags is not None and ("*" in tags or etag in [tag.removeprefix("W/") for tag in tags])


def takes_ranges(headers: Headers, etag: str, last_modified: str | None) -> bool:
    """Whether If-Range lets a range be sent: the client's part is of the file as it is now."""
    given = headers.get("if-range")
    if given is None:
        return True
    if given.startswith(('"', "W/")):
        return given == etag  # strong comparison: a weak one never matches
    told = read_date(last_modified) if last_modified else None
    return told is not None and read_date(given) == told


def _tags(headers: Headers, name: str) -> list[str] | None:
    """The entity tags of a header, which may come in several lines; None where it does not come."""
    lines = headers.getlist(name)
    return _TAG.findall(", ".join(lines)) if lines else None
