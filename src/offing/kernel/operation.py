"""An operation: one method on one path, with what it takes and what it answers.

Routes and the OpenAPI document are both made from these records, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

Endpoint = Callable[[Request], Awaitable[Response]]


class Body(msgspec.Struct, frozen=True):
    """A request body: its media type and its schema.

    ``schema`` is a type that msgspec can describe, or a ready JSON Schema.
    """

    media_type: str
    schema: Any
    also: tuple[str, ...] = ()
    """Other media types that are taken: bytes, as they are."""


class Answer(msgspec.Struct, frozen=True):
    """One answer: what it means, its media type, its schema and an example; without those, no content."""

    meaning: str
    schema: Any = None
    media_type: str = "application/json"
    example: Any = None
    also: tuple[str, ...] = ()
    """Other media types in which it may be, by the request's choice."""


class Operation(msgspec.Struct, frozen=True):
    """One method on one path."""

    method: str
    path: str
    endpoint: Endpoint
    summary: str
    description: str = ""
    tag: str = ""
    query: Any = None
    """A msgspec Struct type whose fields are the query parameters, or None."""
    body: Body | None = None
    answers: Mapping[int, Answer] = msgspec.field(default_factory=dict)
    check: Endpoint | None = None
    """Raises what the endpoint would refuse before it begins to work, given the same request; it may leave
    the body unread. A job is refused by it at once. What it answers counts for nothing."""
