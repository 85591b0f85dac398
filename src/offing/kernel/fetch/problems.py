"""What can go wrong while fetching a URL that a client named.

The texts reach that client: they name no address, path or host, so that an answer tells
nothing about the network that the service stands in.
"""

from __future__ import annotations

from offing.kernel.problems import Problem


class FetchProblem(Problem):
    """Base of every failure of a fetch."""

    code = "fetch-failed"
    status = 502
    text = "The URL could not be fetched."
    remedy = "Check the URL and try again."


class BadUrl(FetchProblem):
    """The URL, or the one that a redirect names, is not one that is fetched."""

    code = "bad-url"
    status = 400
    text = "The URL cannot be read."
    remedy = "Give an absolute http:// or https:// URL without user name, spaces or backslashes."
    exit_code = 2


class AddressRefused(FetchProblem):
    """The URL, or a redirect, leads to an address that is not a public one."""

    code = "address-refused"
    status = 400
    text = "The URL does not lead to a public address."
    remedy = "Give a URL on the public internet."
    exit_code = 2


class TooManyRedirects(FetchProblem):
    """The chain of redirects is longer than the limit."""

    code = "too-many-redirects"
    status = 400
    text = "The URL redirects too many times."
    remedy = "Give the URL that the redirects end at."


class FetchTimedOut(FetchProblem):
    """The whole fetch, with lookups and redirects, did not end in its time."""

    code = "fetch-timed-out"
    status = 408
    text = "The URL did not answer in time."
    remedy = "Try again, or send the content itself."


class AnswerTooLarge(FetchProblem):
    """The body is larger than the caller's limit.

    ``max_bytes`` is that limit. ``seen_bytes`` is what Content-Length announces or, where it
    announces nothing, how much had come when reading stopped: at least one byte over the limit.
    """

    code = "answer-too-large"
    status = 413
    text = "The URL's content is larger than the limit."
    remedy = "Give a URL whose content is at most max_bytes long."
    exit_code = 3

    def __init__(self, *, max_bytes: int, seen_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.seen_bytes = seen_bytes
        super().__init__(max_bytes=max_bytes, seen_bytes=seen_bytes)


class NetworkFailed(FetchProblem):
    """No lookup, no connection, no valid certificate, or an answer that is not proper HTTP."""

    code = "network-failed"
    text = "The URL's server could not be reached or did not answer properly."
