"""What can go wrong, as one class with a code, a status, a public text and a remedy.

The text reaches clients: it never holds an exception's message, a path or an address.
HTTP form: RFC 9457 (``application/problem+json``). A service that promises another body
for compatibility overrides :meth:`Problem.body` and :attr:`Problem.media_type`.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Problem(Exception):  # noqa: N818  a problem is also what a client reads, not only an error
    """Base of every failure that a client or a user is told about.

    Subclasses set the four class attributes; an instance may say its own text, add ``headers``
    and further public ``members`` of the body (RFC 9457, section 3.2).
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    text: ClassVar[str] = "Something failed on our side."
    remedy: ClassVar[str] = "Try again; if it happens again, report the request id."
    exit_code: ClassVar[int] = 1
    """What a command ends with when this ends it."""
    media_type: ClassVar[str] = "application/problem+json"

    def __init__(
        self,
        text: str | None = None,
        *,
        remedy: str | None = None,
        headers: dict[str, str] | None = None,
        **members: Any,
    ) -> None:
        self.public_text = text or self.text
        self.public_remedy = remedy or self.remedy
        self.headers = headers or {}
        self.members = members
        super().__init__(self.public_text)

    def body(self, request_id: str = "") -> dict[str, Any]:
        """The JSON body that tells a client of this problem."""
        return {
            "type": f"urn:offing:problem:{self.code}",
            "title": self.code.replace("-", " ").capitalize(),
            "status": self.status,
            "detail": self.public_text,
            "code": self.code,
            "remedy": self.public_remedy,
            "request_id": request_id,
            **self.members,
        }


class NotFound(Problem):
    """No route has this path."""

    code = "not-found"
    status = 404
    text = "There is nothing at this path."
    remedy = "GET / lists what is served here."


class MethodNotAllowed(Problem):
    """The path exists, the method does not."""

    code = "method-not-allowed"
    status = 405
    text = "This path does not answer this method."
    remedy = "The Allow header names the methods that it answers."


class BadRequest(Problem):
    """The request cannot be read as HTTP, as a form or as JSON."""

    code = "bad-request"
    status = 400
    text = "The request could not be read."
    remedy = "See /docs for what this path takes."
    exit_code = 2


class Invalid(Problem):
    """A field is missing or of the wrong type."""

    code = "invalid"
    status = 422
    text = "A field is missing or of the wrong type."
    remedy = "See /docs for what this path takes."
    exit_code = 2


class TooLarge(Problem):
    """The body is larger than the limit."""

    code = "too-large"
    status = 413
    text = "The body is larger than this service takes."
    remedy = "Send less than the limit that this answer names."
    exit_code = 3


class HeadersTooLarge(Problem):
    """The request's path and headers are larger than the limit."""

    code = "headers-too-large"
    status = 431
    text = "The request's path and headers are too large, or too many."
    remedy = "Send a shorter path, and fewer or shorter headers."


class SlowRequest(Problem):
    """The request took too long to come."""

    code = "slow-request"
    status = 408
    text = "The request took too long to come."
    remedy = "Send it again, faster or smaller."


class Unauthorized(Problem):
    """An API key is asked for and none, or a wrong one, came."""

    code = "unauthorized"
    status = 401
    text = "Missing or invalid API key."
    remedy = "Send a valid key in the X-API-Key header."


class Overloaded(Problem):
    """Every place to work and to wait is taken."""

    code = "overloaded"
    status = 503
    text = "Every worker is busy and the queue is full."
    remedy = "Try again after the seconds that Retry-After names."


class NotReady(Problem):
    """The service is starting, draining or failed."""

    code = "not-ready"
    status = 503
    text = "The service does not take requests now."
    remedy = "Try again after the seconds that Retry-After names."


class TookTooLong(Problem):
    """The request passed its time limit."""

    code = "took-too-long"
    status = 504
    text = "The request took longer than its time limit."
    remedy = "Send less work in one request."
