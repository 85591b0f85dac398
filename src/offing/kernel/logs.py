"""Structured logs: one JSON object a line on standard error, with no personal data.

What may be logged is a closed list: routes are logged as their template and never as the path
that came, so that no file name, query, address or credential can slip in.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
from typing import Any

import msgspec

LOGGER = logging.getLogger("offing")
LIBRARIES = {"httpcore": "WARNING", "asyncio": "WARNING", "python_multipart": "CRITICAL"}
"""The least level of each chatty library; what it says of a client's mistakes is answered to the client."""


class JsonFormatter(logging.Formatter):
    """Formats a record as one line of JSON; the fields of :func:`log` follow the fixed ones."""

    _encoder = msgspec.json.Encoder()

    def format(self, record: logging.LogRecord) -> str:
        """Give the line."""
        entry: dict[str, Any] = {"time": _utc(record.created), "level": record.levelname.lower()}
        if record.name == LOGGER.name:
            entry |= {"event": record.getMessage(), **getattr(record, "fields", {})}
        else:
            # A library's words may quote anything: a header, a path, an exception.
            entry |= {"event": "library message", "library": record.name,
                      "at": f"{record.module}:{record.lineno}"}  # fmt: skip
        if record.exc_info and (error := record.exc_info[1]):
            entry |= {"error": type(error).__name__, "where": _where(error)}
        return self._encoder.encode(entry).decode()


def set_up(level: str) -> None:
    """Send everything that is logged, warned of or left unhandled to standard error, as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name, least in LIBRARIES.items():
        logging.getLogger(name).setLevel(least)
    logging.captureWarnings(capture=True)
    sys.unraisablehook = lambda unraisable: _unhandled(unraisable.exc_value)
    threading.excepthook = lambda thread: _unhandled(thread.exc_value)


def log(
    event: str, /, *, level: int = logging.INFO, exception: BaseException | None = None, **fields: Any
) -> None:
    """Log an event with its fields; those that are None are left out.

    Of an exception only its type and the place in our code are written: its message may quote
    what a client sent.
    """
    known = {name: value for name, value in fields.items() if value is not None}
    LOGGER.log(level, event, extra={"fields": known}, exc_info=exception)


def _unhandled(error: BaseException | None) -> None:
    log("unhandled failure", level=logging.ERROR, exception=error)


def _utc(seconds: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"


def _where(error: BaseException) -> str:
    """The innermost place in the kernel or a service of this package, then the innermost of all."""
    ours = innermost = ""
    trace = error.__traceback__
    while trace is not None:
        module = trace.tb_frame.f_globals.get("__name__", "?")
        innermost = f"{module}:{trace.tb_frame.f_code.co_name}:{trace.tb_lineno}"
        ours = innermost if module.startswith("offing.") else ours
        trace = trace.tb_next
    return ours if ours == innermost else f"{ours} > {innermost}"
