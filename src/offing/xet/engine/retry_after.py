"""How long an answer asks to wait before the next request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime

LONGEST = 3600.0
"""Seconds that are believed; a larger number counts as this."""

_LONGEST_TEXT = 256
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
_USED_UP = re.compile(r";\s*r=0\s*(?:;|\Z)", re.ASCII)
_ENDS = re.compile(r";\s*t=([0-9]{1,12})\s*(?:;|\Z)", re.ASCII)


def wait_asked(headers: Mapping[str, str], now: float) -> float | None:
    """The seconds to wait, 0 to 3600, that an answer's headers ask for; None where they do not.

    Retry-After as seconds or as a date (RFC 9110, section 10.2.3). Without it, the end of the window of a
    RateLimit of which nothing remains (draft-ietf-httpapi-ratelimit-headers: ``"api";r=0;t=55``). A date is
    compared with the answer's own Date, so that a wrong clock here changes nothing.

    :param headers: names in lower case.
    :param now: seconds since 1970, where the answer has no date.
    """
    text = headers.get("retry-after", "").strip()
    if text:
        return _retry_after(text, headers.get("date", ""), now)
    limits = headers.get("ratelimit", "")[:_LONGEST_TEXT].split(",")
    used_up = [limit for limit in limits if _USED_UP.search(limit)]
    waits = [float(ends[1]) for ends in map(_ENDS.search, used_up) if ends]
    return min(max(waits), LONGEST) if waits else None


def read_date(text: str) -> float | None:
    """The seconds since 1970 of an HTTP date (RFC 9110, section 5.6.7); None where it is none."""
    if len(text) > _LONGEST_TEXT:
        return None
    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=date.tzinfo or UTC).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _retry_after(text: str, date: str, now: float) -> float | None:
    if _SECONDS.fullmatch(text):
        return min(float(text), LONGEST)
    until = read_date(text)
    if until is None:
        return None
    told = read_date(date)
    return min(max(0.0, until - (now if told is None else told)), LONGEST)
