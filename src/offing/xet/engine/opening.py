"""Asking for a run of chunks by its signed URL, and seeing that the answer is what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from offing.xet.engine.failures import of_store, of_wire
from offing.xet.engine.plan import Fetch
from offing.xet.engine.retries import Retryable
from offing.xet.engine.run import Run
from offing.xet.problems import UpstreamFailed
from offing.xet.wire import Http, WireError

EXPIRED = (401, 403, 410)
"""How a store refuses a signed URL whose time is over."""
WHOLE, PARTIAL, TOO_MANY = 200, 206, 429


class Expired(Retryable):
    """A signed URL is not taken any more; a new plan has a new one."""


async def open_run(
    http: Http, fetch: Fetch, run: Run, stall_seconds: float, pressed: Callable[[], None]
) -> Run:
    """Ask for a run of chunks, and give it once its bytes begin to come.

    :param pressed: called when the store asks for fewer requests.

    No token goes with it: the URL is the right. Raises :class:`Retryable`, or the problem where another
    request does not help.
    """
    taken = False

    def sink(status: int, headers: Mapping[str, str]) -> Run | None:
        nonlocal taken
        taken = _is_answer(fetch, status, headers)
        return run if taken else None

    headers = {"range": f"bytes={fetch.first_byte}-{fetch.last_byte}"}
    try:
        incoming = await http.open(fetch.url, headers=headers, sink=sink, stall_seconds=stall_seconds)
    except WireError as error:
        raise of_wire(error) from error
    if not taken:
        incoming.abort()
        if incoming.status == TOO_MANY:
            pressed()
        raise _refusal(incoming.status, incoming.headers)
    run.attach(incoming)
    return run


def _is_answer(fetch: Fetch, status: int, headers: Mapping[str, str]) -> bool:
    """Whether an answer has exactly the bytes that were asked for."""
    if headers.get("content-length") != str(fetch.length):
        return False
    if headers.get("content-encoding", "identity") != "identity":
        return False
    if status == WHOLE:
        return fetch.first_byte == 0
    told = headers.get("content-range", "")
    return status == PARTIAL and told.startswith(f"bytes {fetch.first_byte}-{fetch.last_byte}/")


def _refusal(status: int, headers: Mapping[str, str]) -> Exception:
    if status in EXPIRED:
        return Expired(UpstreamFailed("The content store does not take its own signed URLs."), 0)
    if status in (WHOLE, PARTIAL):
        return Retryable(UpstreamFailed("The content store answered with other bytes than it was asked for."))
    return of_store(status, headers)
