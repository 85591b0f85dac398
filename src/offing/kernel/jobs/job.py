"""A job as it is kept, and as its client is told of it."""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal

import msgspec

State = Literal["queued", "running", "succeeded", "failed"]
UNFINISHED = ("queued", "running")
MOST_ATTEMPTS = 5


class Job(msgspec.Struct, kw_only=True):
    """One row of the store; times are seconds since 1970."""

    id: str
    """32 hexadecimal digits, 128 random bits."""
    path: str
    """That of its kind."""
    service: str
    key: str
    """Hash of the API key that it belongs to; empty where none are set."""
    request_id: str
    """Of the request that made it."""
    query: str
    """Of the request that it stands for, as it came."""
    headers: dict[str, str]
    """Of that request, in lower case; none once the job has finished."""
    body: str
    """Name of the file with the request's body; empty once the job has finished."""
    body_bytes: int
    state: State = "queued"
    attempts: int = 0
    due: float = 0.0
    """When it may next be run."""
    server: str = ""
    """The server that runs it."""
    created: float
    started: float | None = None
    finished: float | None = None
    expires: float
    status: int = 0
    """Of the answer, once there is one."""
    content_type: str = ""
    answer: str = ""
    """Name of the file with the answer's content, where it is kept."""
    answer_bytes: int = 0
    told: dict[str, Any] | None = None
    """What describes the finished job: a problem, or members of the result."""
    webhook: str = ""
    webhook_attempts: int = 0
    webhook_due: float | None = None
    """When the webhook is next called; None when it need not be."""

    @property
    def location(self) -> str:
        """Its path."""
        return f"{self.path}/{self.id}"

    def is_over(self) -> bool:
        """Whether it has finished, one way or the other."""
        return self.state not in UNFINISHED

    def public(self) -> PublicJob:
        """What its client is told."""
        return PublicJob(
            id=self.id,
            service=self.service,
            state=self.state,
            attempts=self.attempts,
            created_at=_moment(self.created),
            started_at=None if self.started is None else _moment(self.started),
            finished_at=None if self.finished is None else _moment(self.finished),
            expires_at=_moment(self.expires),
            location=self.location,
            result=self._result() if self.state == "succeeded" else None,
            problem=self.told if self.state == "failed" else None,
        )

    def _result(self) -> dict[str, Any]:
        if self.told is not None:
            return {"status": self.status, **self.told}
        return {
            "status": self.status,
            "content_type": self.content_type,
            "bytes": self.answer_bytes,
            "location": f"{self.location}/result",
        }


Moment = Annotated[str, msgspec.Meta(description="UTC (RFC 3339).", examples=["2026-01-31T12:00:00.000Z"])]


class PublicJob(msgspec.Struct, kw_only=True):
    """A job."""

    id: Annotated[str, msgspec.Meta(description="128 random bits.", pattern="^[0-9a-f]{32}$")]
    service: str
    state: State
    attempts: Annotated[int, msgspec.Meta(description="How often it has been run.", ge=0)]
    created_at: Moment
    started_at: Moment | None
    finished_at: Moment | None
    expires_at: Annotated[str, msgspec.Meta(description="When it is forgotten, with all that is kept of it.")]
    location: Annotated[str, msgspec.Meta(description="Where this is told.")]
    result: Annotated[dict[str, Any] | None, msgspec.Meta(description="Where it succeeded.")]
    problem: Annotated[
        dict[str, Any] | None,
        msgspec.Meta(description="Where it failed: what the request would have been told."),
    ]


def _moment(seconds: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"
