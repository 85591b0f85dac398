"""Structured logs: one JSON object a line on standard error, with no personal data.

What may be logged is a closed list: routes are logged as their template and never as the path
that came, so that no file name, query, address or credential can slip in.
"""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

import msgspec

LOGGER = logging.getLogger("offing")


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON; the fields of :func:`log` follow the fixed ones."""

    _encoder = msgspec.json.Encoder()

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        entry: dict[str, Any] = {
            "time": _utc(record.created),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0]:
            entry["error"] = record.exc_info[0].__name__
            entry["where"] = _innermost_frame(record)
        return self._encoder.encode(entry).decode()


def set_up(level: str) -> None:
    """Send everything that is logged to standard error, as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for chatty in ("httpcore", "asyncio"):
        logging.getLogger(chatty).setLevel("WARNING")


def log(
    event: str, /, *, level: int = logging.INFO, exception: BaseException | None = None, **fields: Any
) -> None:
    """Log an event with its fields.

    Of an exception only its type and the place in our code are written: its message may quote
    what a client sent.
    """
    LOGGER.log(level, event, extra={"fields": fields}, exc_info=exception)


def _utc(seconds: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"


def _innermost_frame(record: logging.LogRecord) -> str:
    trace = record.exc_info[2] if record.exc_info else None
    place = ""
    while trace is not None:
        code = trace.tb_frame.f_code
        module = trace.tb_frame.f_globals.get("__name__", "?")
        if module.startswith("offing"):
            place = f"{module}:{code.co_name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
