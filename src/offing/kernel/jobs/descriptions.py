"""What the OpenAPI document says of the routes of a kind of job."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from offing.kernel.jobs.job import PublicJob
from offing.kernel.openapi import problem
from offing.kernel.operation import Answer, Endpoint, Operation

REFUSED = 400
NO_JOB = problem("No such job; it may have expired.")
ANY: dict[str, Any] = {}


Webhook = Annotated[
    str | None,
    msgspec.Meta(description="An https URL that is sent the job, signed, once it has finished."),
]


def ask(path: str, endpoint: Endpoint, work: Operation) -> Operation:
    """``POST`` of the kind's path."""
    bases = () if work.query is None else (work.query,)
    query = msgspec.defstruct("JobQuery", [("webhook", Webhook, None)], bases=bases, kw_only=True)
    refused = {status: problem(each.meaning) for status, each in work.answers.items() if status >= REFUSED}
    return Operation(
        "POST",
        path,
        endpoint,
        f"{work.summary}, as a job",
        "Answers at once. Ask at `location` until the job has finished.",
        tag=work.tag,
        query=query,
        body=work.body,
        answers={
            400: problem("A body that cannot be read."),
            422: problem("An option that is not known; the answer says which."),
            **refused,
            202: Answer("The job.", PublicJob),
        },
    )


def tell(path: str, endpoint: Endpoint, work: Operation) -> Operation:
    """``GET`` of a job."""
    return Operation(
        "GET",
        f"{path}/{{id}}",
        endpoint,
        "How far a job is",
        "Ask again after the seconds that Retry-After names, until `state` is succeeded or failed.",
        tag=work.tag,
        answers={200: Answer("The job.", PublicJob), 404: NO_JOB},
    )


def result(path: str, endpoint: Endpoint, work: Operation) -> Operation:
    """``GET`` of a job's result."""
    answers = {**work.answers, 404: NO_JOB, 409: problem("The job has not finished."),
               502: problem("The job gave up after its last attempt.")}  # fmt: skip
    return Operation(
        "GET",
        f"{path}/{{id}}/result",
        endpoint,
        "What a job's work answered",
        "The very answer that the request would have had without a job.",
        tag=work.tag,
        answers=answers,
    )


def forget(path: str, endpoint: Endpoint, work: Operation) -> Operation:
    """``DELETE`` of a job."""
    return Operation(
        "DELETE",
        f"{path}/{{id}}",
        endpoint,
        "Forget a job",
        "With its body and its result; work on it ends.",
        tag=work.tag,
        answers={204: Answer("It is forgotten."), 404: NO_JOB},
    )
