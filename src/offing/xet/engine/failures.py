"""What a hub's refusal or a broken connection means to the caller, and whether it may pass.

Only the status and known codes are read: nothing that the other side wrote reaches a message.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping

from offing.xet.engine.repository import Repository
from offing.xet.engine.retries import Retryable
from offing.xet.engine.retry_after import wait_asked
from offing.xet.problems import (
    EntryNotFound,
    Forbidden,
    Gated,
    NoRight,
    RateLimited,
    RepositoryNotFound,
    RevisionNotFound,
    UpstreamFailed,
    UpstreamTimedOut,
    XetProblem,
)
from offing.xet.wire import AddressRefused, BadAnswer, Stalled, WireError

NOT_FOUND: Mapping[str, type[XetProblem]] = {
    "RepoNotFound": RepositoryNotFound,
    "RevisionNotFound": RevisionNotFound,
    "EntryNotFound": EntryNotFound,
}
"""The hub's words, in X-Error-Code."""
COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}", re.ASCII)


def of_wire(error: WireError) -> Exception:
    """What to raise for a failed exchange: a :class:`Retryable` where another try may succeed."""
    if isinstance(error, AddressRefused):
        return UpstreamFailed("The hub leads to an address that is not a public one.")
    if isinstance(error, BadAnswer):
        return UpstreamFailed("The hub or its content store sent an answer that cannot be read.")
    return Retryable(UpstreamTimedOut() if isinstance(error, Stalled) else UpstreamFailed())


def of_store(status: int, headers: Mapping[str, str]) -> Exception:
    """What to raise for a status of a server that is not the hub: a :class:`Retryable` for 429 and 5xx."""
    after = wait_asked(headers, time.time())
    if status == 429:  # noqa: PLR2004  too many requests
        told = {} if after is None else {"Retry-After": str(math.ceil(after))}
        return Retryable(RateLimited(headers=told), after)
    if status in (408, 504):
        return Retryable(UpstreamTimedOut(upstream_status=status), after)
    problem = UpstreamFailed(f"The hub or its content store answered {status}.", upstream_status=status)
    return Retryable(problem, after) if status >= 500 else problem  # noqa: PLR2004  server errors


def of_hub(
    status: int,
    headers: Mapping[str, str],
    *,
    page: str,
    signed_in: bool,
    missing: type[XetProblem] = RepositoryNotFound,
) -> Exception:
    """What to raise for a status of the hub that is neither 2xx nor a redirect.

    :param headers: names in lower case.
    :param page: the address of the repository's page, where gated ones are asked for.
    :param signed_in: whether a token was sent.
    :param missing: what a 404 without a code means.
    """
    if not 400 <= status < 500 or status in (408, 429):  # noqa: PLR2004  the client's errors
        return of_store(status, headers)
    code = headers.get("x-error-code", "")
    if code == "GatedRepo":
        return Gated(page=page)
    if status == 401 and not signed_in:  # noqa: PLR2004  to strangers the hub denies that private ones exist
        return NoRight()
    if kind := NOT_FOUND.get(code):
        # At which commit there is no such file: clients remember that.
        commit = headers.get("x-repo-commit", "")
        return kind(headers={"X-Repo-Commit": commit} if COMMIT.fullmatch(commit) else None)
    return _without_code(status, headers, missing)


def _without_code(status: int, headers: Mapping[str, str], missing: type[XetProblem]) -> Exception:
    by_status: dict[int, type[XetProblem]] = {401: NoRight, 403: Forbidden, 404: missing}
    kind = by_status.get(status)
    return kind() if kind else of_store(status, headers)


def page_of(endpoint: str, repository: Repository) -> str:
    """The address of a repository's page at a hub."""
    return f"{endpoint}/{repository.full_name}"
