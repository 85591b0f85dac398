"""What is refused about jobs; the Worker says the same in the same words."""

from __future__ import annotations

from offing.kernel.problems import Problem

FULL_SECONDS = 10
"""What Retry-After says where the store is full: jobs take seconds, and results wait for their expiry."""
UNUSABLE_SECONDS = 30


class JobNotFound(Problem):
    """No job of this id, or one of another API key."""

    code = "job-not-found"
    status = 404
    text = "There is no such job."
    remedy = "It may have expired or been deleted; ask with the API key that made it."


class JobNotFinished(Problem):
    """The result is asked for before there is one."""

    code = "job-not-finished"
    status = 409
    text = "The job has not finished."
    remedy = "Ask again after the seconds that Retry-After names."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": "1"})


class JobFailed(Problem):
    """The work failed as often as it may, by no fault of the request."""

    code = "job-failed"
    status = 502
    remedy = "Make a new job later; if it happens again, report the request id."

    def __init__(self, attempts: int) -> None:
        super().__init__(f"The job gave up after {attempts} attempts.")


class JobsFull(Problem):
    """As many jobs, or as many bytes of them, as are kept."""

    code = "jobs-full"
    status = 503
    text = "No more jobs are taken for now."
    remedy = "Try again after the seconds that Retry-After names."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": str(FULL_SECONDS)})


class JobsUnusable(Problem):
    """The folder of jobs cannot be used."""

    code = "jobs-unusable"
    status = 503
    text = "This server cannot keep jobs."
    remedy = "Set OFFING_JOBS_DIR to a folder of the server's user, on a disk that can be written."

    def __init__(self) -> None:
        super().__init__(headers={"Retry-After": str(UNUSABLE_SECONDS)})


class BadWebhook(Problem):
    """The webhook's URL is none that is called."""

    code = "invalid-option"
    status = 422
    text = "The option webhook has a value that it does not take."
    remedy = "Give an https URL at a public host name."
    exit_code = 2

    def __init__(self) -> None:
        super().__init__(option="webhook")


class NoWebhooks(Problem):
    """A webhook is asked for where there is no key to sign it with."""

    code = "invalid-option"
    status = 422
    text = "Webhooks are not set up here."
    remedy = "Set OFFING_JOBS_WEBHOOK_KEY, or ask for the job's state instead."
    exit_code = 2

    def __init__(self) -> None:
        super().__init__(option="webhook")


class Refused(Problem):
    """The service refused the work in words that are no problem's."""

    code = "refused"
    status = 400
    text = "The service refused the request."
    remedy = "See /docs for what this path takes."
