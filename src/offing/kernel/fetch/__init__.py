"""Outbound fetches of URLs that clients name, defended against server-side request forgery.

``Fetcher(settings).fetch(url, max_bytes=…, seconds=…)`` reaches public addresses only
(OWASP: Server-Side Request Forgery; CWE-918). Failures are :class:`FetchProblem`.
"""

from offing.kernel.fetch.client import Fetched, Fetcher
from offing.kernel.fetch.problems import (
    AddressRefused,
    AnswerTooLarge,
    BadUrl,
    FetchProblem,
    FetchTimedOut,
    NetworkFailed,
    TooManyRedirects,
)
from offing.kernel.fetch.settings import PREFIX, FetchSettings
from offing.kernel.fetch.url import redacted

__all__ = [
    "PREFIX",
    "AddressRefused",
    "AnswerTooLarge",
    "BadUrl",
    "FetchProblem",
    "FetchSettings",
    "FetchTimedOut",
    "Fetched",
    "Fetcher",
    "NetworkFailed",
    "TooManyRedirects",
    "redacted",
]
