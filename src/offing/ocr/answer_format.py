"""Which format an answer is in: by name, or by the request's Accept header (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re

from offing.ocr.writers import FORMATS, find

JSON, LINES = "json", "ndjson"
NAMES = (JSON, LINES, *FORMATS)
LINES_TYPE = "application/x-ndjson"
BY_TYPE = {
    "application/json": JSON,
    LINES_TYPE: LINES,
    "application/jsonl": LINES,
    **{each.media_type: name for name, each in FORMATS.items()},
}
QUALITY = re.compile(r";\s*q\s*=\s*(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*(?:;|$)")


def named(text: str) -> str | None:
    """The format of a name or a file's extension, in any case."""
    name = text.strip().lower()
    if name in {JSON, LINES}:
        return name
    found = find(name)
    return found.name if found else None


def accepted(header: str) -> str:
    """The format that an Accept header wants most; JSON where that is none of ours.

    What is wanted less does not count: a browser's header ends in types that it takes if it must.
    """
    ranges = [(_quality(each), each.partition(";")[0].strip().lower()) for each in header.split(",")]
    most = max((quality for quality, _ in ranges), default=0.0)
    wanted = (media_type for quality, media_type in ranges if quality == most > 0)
    return next((BY_TYPE[each] for each in wanted if each in BY_TYPE), JSON)


def _quality(text: str) -> float:
    found = QUALITY.search(text)
    return float(found[1]) if found else 1.0
