"""Looking a name up, once, without letting slow lookups hold anything else up."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence

Resolver = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host and a port to addresses as text, best first. Fails with :class:`OSError`."""

Lookup = Callable[[str, int], Sequence[str]]


def ask_system(host: str, port: int) -> Sequence[str]:
    """All addresses that the operating system knows for a host, in its order (RFC 6724)."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(sockaddr[0]) for *_, sockaddr in found]


class ThreadedResolver:
    """Runs blocking lookups in threads of its own; one event loop may use it.

    A lookup cannot be interrupted, and whoever owns a domain can make it last tens of seconds.
    In the event loop's own threads (four under uvloop) a few of those stop every other lookup,
    and the process waits for them when it ends. Here a lookup that nobody waits for any longer
    holds one of many places, and a daemon thread never keeps the process from ending.
    """

    def __init__(self, lookup: Lookup = ask_system, places: int = 64) -> None:
        self._lookup = lookup
        self._places = asyncio.Semaphore(places)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Look up; waits for a free place. Raises :class:`OSError` where there is no answer."""
        await self._places.acquire()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Sequence[str]] = loop.create_future()

        def settle(found: Sequence[str] | None, failure: OSError | None) -> None:
            self._places.release()
            if answer.done():
                return
            if failure is not None:
                answer.set_exception(failure)
            else:
                answer.set_result(found or ())

        def look_up() -> None:
            found, failure = None, None
            try:
                found = self._lookup(host, port)
            except OSError as error:
                failure = error
            except Exception as error:  # noqa: BLE001  whatever it is, the waiting side must learn of it
                failure = OSError(repr(error))
            with contextlib.suppress(RuntimeError):  # the loop has closed, so nobody waits
                loop.call_soon_threadsafe(settle, found, failure)

        try:
            threading.Thread(target=look_up, name="resolver", daemon=True).start()
        except RuntimeError:
            self._places.release()
            raise
        return await answer
