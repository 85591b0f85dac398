"""How a job in a worker process can fail as a whole."""

from __future__ import annotations

from offing.kernel.problems import Problem


class WorkerEnded(Problem):
    """The worker ended before its job was done: a crash in native code, or out of memory."""

    code = "worker-ended"
    status = 500


class WorkerOutOfTime(WorkerEnded):
    """The job passed its limit of processor or wall time."""

    code = "worker-out-of-time"


class NurseryFailed(Problem):
    """No worker process can be started."""

    code = "workers-unavailable"
    status = 503
    text = "No worker process can be started."
    remedy = "Try again in a few seconds; if it stays so, the service has too little memory."


class ForkFailed(NurseryFailed):
    """The nursery lives, but the system gives it no process now."""


class WorkerBereft(WorkerEnded):
    """The worker ended because its nursery did."""
