"""What a service's record says of work that may be asked for as a job."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from offing.kernel.operation import Operation


class JobKind(msgspec.Struct, frozen=True):
    """One kind of job: where it is asked for, and what does the work."""

    path: str
    """``POST`` here makes a job, which is then to be found below: ``/ocr/jobs``."""
    work: Callable[[Any], Operation]
    """The operation of the service's engine that does the work; it need not be one of its routes. It gets
    the request as it came, and its ``check``, where it has one, refuses at once what can be refused."""
    keeps_answer: bool = True
    """Whether the operation's answer is kept for the client. Else it is a JSON object of at most 64 KiB,
    and its members describe the finished job."""
    secrets: tuple[str, ...] = ()
    """Request headers, in lower case, that the work needs and that are kept no longer than that."""
