"""Problems in the words that the hub's own clients tell them apart by: headers beside the body."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from offing.xet.problems import (
    EntryNotFound,
    Gated,
    NoRight,
    RateLimited,
    RepositoryNotFound,
    RevisionNotFound,
    XetProblem,
)

Endpoint = Callable[[Request], Awaitable[Response]]

CODES = {
    RepositoryNotFound.code: "RepoNotFound",
    RevisionNotFound.code: "RevisionNotFound",
    EntryNotFound.code: "EntryNotFound",
    Gated.code: "GatedRepo",
}
"""Values of X-Error-Code, by the problem's own code."""
BAD_TOKEN = "Invalid credentials in Authorization header"  # noqa: S105  a sentence, not a secret
"""By this message, and by no code, clients know that their token is the mistake."""
RETRY_SECONDS = 10
"""What Retry-After says where the hub did not."""


def telling(endpoint: Endpoint) -> Endpoint:
    """The endpoint, its problems with those headers."""

    async def answer(request: Request) -> Response:
        with told_of(request.scope):
            return await endpoint(request)

    return answer


@contextmanager
def told_of(scope: Scope) -> Iterator[None]:
    """Give what is raised for a request those headers."""
    try:
        yield
    except XetProblem as problem:
        signed_in = "authorization" in Headers(scope=scope)
        problem.headers = {**_words(problem, signed_in=signed_in), **problem.headers}
        raise


def _words(problem: XetProblem, *, signed_in: bool) -> dict[str, str]:
    if problem.code == NoRight.code:
        # To strangers the hub denies that a private repository exists.
        said = {"X-Error-Message": BAD_TOKEN} if signed_in else {"X-Error-Code": "RepoNotFound"}
        return {"WWW-Authenticate": "Bearer", **said}
    if problem.code == RateLimited.code:
        return {"Retry-After": str(RETRY_SECONDS)}
    return {"X-Error-Code": CODES[problem.code]} if problem.code in CODES else {}
