"""The content store (CAS): asks it for reconstructions.

Source: draft-denis-xet, section "Reconstruction API".
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from offing.xet.engine.failures import of_store, of_wire
from offing.xet.engine.plan import BadPlan, Term, read_plan
from offing.xet.engine.retries import Retries, Retryable
from offing.xet.engine.tokens import Access
from offing.xet.problems import BadRange, ContentNotFound, NoRight, UpstreamFailed, XetProblem
from offing.xet.wire import Answer, Http, WireError

NOT_THERE = (404, 501)
"""How a store answers that has no version 2, or no such file."""
SECONDS = 60.0
MOST_BYTES = 64 * 1024 * 1024
"""Of the reconstruction of a whole file; some 160,000 terms."""
LEAST_BYTES = 1024 * 1024
"""That any reconstruction may have, and one more for every two of the window: a chunk has 8 KiB or more,
and a term with a signed URL of its own takes 2 KiB or less."""

AccessSource = Callable[[Access | None], Awaitable[Access]]
"""Gives access that is not about to expire, and not the one that the store has just refused."""


class Cas:
    """One store, as one caller may read it."""

    def __init__(self, http: Http, access: AccessSource, retries: Retries) -> None:
        self._http, self._access, self._retries = http, access, retries
        self._version = 2

    async def plan(
        self, file_hash: str, start: int, end: int | None, *, pressed: Callable[[], None] = lambda: None
    ) -> list[Term]:
        """The terms of a window [start, end) of a file; without an end, to the file's.

        :param pressed: called when the store asks for fewer requests.

        Raises ContentNotFound, BadRange, NoRight, RateLimited, UpstreamFailed or UpstreamTimedOut.
        """
        refused: Access | None = None

        async def attempt() -> list[Term]:
            nonlocal refused
            access = await self._access(refused)
            answer, version = await self._ask(access, file_hash, start, end)
            if answer.status in (401, 403) and refused is None:
                refused = access
                raise Retryable(NoRight(), 0)
            if answer.status == 429:  # noqa: PLR2004  RFC 6585
                pressed()
            _check(answer)
            try:
                return read_plan(answer.body, version, start, end)
            except BadPlan as error:
                raise Retryable(UpstreamFailed()) from error

        return await self._retries.run(attempt)

    async def _ask(self, access: Access, file_hash: str, start: int, end: int | None) -> tuple[Answer, int]:
        """The answer, and the version of the protocol that it is in."""
        headers = {"authorization": f"Bearer {access.token}"}
        if start or end is not None:
            headers["range"] = f"bytes={start}-{'' if end is None else end - 1}"
        most = MOST_BYTES if end is None else min(MOST_BYTES, LEAST_BYTES + (end - start) // 2)
        version = self._version
        while True:
            url = f"{access.url}/v{version}/reconstructions/{file_hash}"
            try:
                answer = await self._http.ask(url, headers=headers, max_bytes=most, seconds=SECONDS)
            except WireError as error:
                raise of_wire(error) from error
            if version == 1 or answer.status not in NOT_THERE:
                if answer.status == 200:  # noqa: PLR2004
                    self._version = version
                return answer, version
            version = 1


def _check(answer: Answer) -> None:
    """Raise what an answer that is no reconstruction means."""
    meanings: dict[int, type[XetProblem]] = {
        400: ContentNotFound,
        401: NoRight,
        403: NoRight,
        404: ContentNotFound,
        416: BadRange,
    }
    if answer.status in meanings:
        raise meanings[answer.status]
    if answer.status != 200:  # noqa: PLR2004
        raise of_store(answer.status, answer.headers)
