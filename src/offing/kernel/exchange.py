"""The record of one request and its answer, carried in the ASGI scope through every layer."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import msgspec
from starlette.datastructures import Headers
from starlette.types import Scope

KEY = "offing.exchange"
SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Exchange(msgspec.Struct):
    """What the layers tell each other about one request."""

    id: str
    method: str
    """One of METHODS, or "other": like the route a label of few values."""
    started: float = msgspec.field(default_factory=time.perf_counter)
    route: str = "unmatched"
    """The path template, "preflight" or "unmatched": a label of few values, and none of the client's."""
    service: str = "-"
    status: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    cache: str = ""
    """"hit" or "miss" where a cache was asked."""
    answered: bool = False
    """Whether the answer's head has been sent."""
    body_ended: bool = False
    """Whether the request body has been read to its end."""
    awaits_body: bool = False
    """Whether more of the request body is being waited for."""
    stages: dict[str, float] = msgspec.field(default_factory=dict)
    """Milliseconds by stage, for Server-Timing."""

    ended: float | None = None
    """When the answer was complete, where that is before its layers are done."""

    @property
    def milliseconds(self) -> float:
        """Time from the request's head to the answer's end, or to now."""
        return ((self.ended or time.perf_counter()) - self.started) * 1000

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage of the answer."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.stages[name] = self.stages.get(name, 0.0) + (time.perf_counter() - start) * 1000


def exchange_of(scope: MutableMapping[str, Any]) -> Exchange:
    """The exchange that the outermost layer put into the scope."""
    found: Exchange = scope[KEY]
    return found


def request_id(offered: str | None) -> str:
    """The client's request id if it is sane, else a new one."""
    return offered if offered and SANE_ID.fullmatch(offered) else uuid.uuid4().hex


def known(method: str) -> str:
    """The method as logs and metrics may name it: a client can make up any other."""
    return method if method in METHODS else "other"


def has_body(scope: Scope) -> bool:
    """Whether the request's head announces a body (RFC 9112, section 6)."""
    headers = Headers(scope=scope)
    return "transfer-encoding" in headers or headers.get("content-length", "0").strip("0") != ""
