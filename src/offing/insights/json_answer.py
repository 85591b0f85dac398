"""The JSON of an answer: a report with how it came about."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from offing.insights.engine.results import Report


class Analysis(Report, frozen=True, kw_only=True):
    """A report as HTTP answers it."""

    cached: Annotated[bool, Meta(description="Whether the numbers were known already.")]
    processing_time_ms: Annotated[float, Meta(ge=0, description="Time in the server, in milliseconds.")]


def complete(report: bytes, *, cached: bool, milliseconds: float) -> bytes:
    """A report's JSON object with the two fields that differ from answer to answer."""
    flag = b"true" if cached else b"false"
    return b'%s,"cached":%s,"processing_time_ms":%.2f}' % (report[:-1], flag, milliseconds)
