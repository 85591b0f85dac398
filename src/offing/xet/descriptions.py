"""What the OpenAPI document says of the routes."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from offing.kernel.operation import Answer, Body, Endpoint, Operation

TAG = "xet"
BINARY = "application/octet-stream"
PROBLEM = "application/problem+json"
ANY = {"type": "object"}
FILE_SCHEMA = {"type": "string", "format": "binary"}


class AtRevision(msgspec.Struct, kw_only=True):
    """What a file or a listing takes."""

    revision: Annotated[str, msgspec.Meta(description="A branch, a tag or a commit.")] = "main"


class OfRepository(AtRevision, kw_only=True):
    """What a file by its hash takes."""

    repo: Annotated[
        str,
        msgspec.Meta(description="The repository that has the file, as owner/repo or datasets/owner/repo."),
    ]


MEANINGS = {
    401: "The hub wants a valid token, as `Authorization: Bearer hf_...`.",
    403: "The repository is gated; `page` names where to ask for access.",
    404: "No such repository, revision or file; `code` tells them apart.",
    412: "The file is not the one that If-Match names.",
    416: "The file has no such bytes.",
    422: "No possible name.",
    429: "The hub asks for fewer requests; Retry-After says when.",
    502: "The hub or its content store failed, or sent another file.",
    503: "As many downloads as allowed are under way.",
    504: "The hub or its content store did not answer in time.",
}


def _refused(*statuses: int) -> dict[int, Answer]:
    return {status: Answer(MEANINGS[status], ANY, PROBLEM) for status in statuses}


ALWAYS = (401, 403, 404, 422, 429, 502, 504)
FILE: dict[int, Answer] = {
    200: Answer("The file. X-Offing-Verified says what was compared.", FILE_SCHEMA, BINARY),
    206: Answer("The ranges that were asked for.", FILE_SCHEMA, BINARY),
    304: Answer("The client has the file as it is."),
    **_refused(*ALWAYS, 412, 416, 503),
}


PASSED: dict[int, Answer] = {
    200: Answer("What the hub answers.", ANY),
    304: Answer("The client has it as it is."),
    307: Answer("It has another address; Location leads there, through here."),
    **{
        status: Answer("The hub's refusal, in its own words.", ANY, also=(PROBLEM,))
        for status in (400, 401, 403, 404, 405, 429)
    },
    **_refused(422, 502, 503, 504),
}


def download(endpoint: Endpoint) -> Operation:
    """``GET /download/{path}``."""
    return Operation(
        "GET",
        "/download/{file:path}",
        endpoint,
        "A file of a model, data set or space",
        "`file` is owner/repo/path, after `datasets/` or `spaces/` where it is of one. The last bytes come "
        "only once the whole file has the right hash; else the connection breaks before its announced end.",
        tag=TAG,
        query=AtRevision,
        answers=FILE,
    )


def download_hash(endpoint: Endpoint) -> Operation:
    """``GET /download-hash/{hash}``."""
    return Operation(
        "GET",
        "/download-hash/{hash}",
        endpoint,
        "A file by its Xet hash",
        "`hash` is 64 hexadecimal digits. The caller must be able to read `repo`.",
        tag=TAG,
        query=OfRepository,
        answers=FILE,
    )


def listing(endpoint: Endpoint) -> Operation:
    """``GET /repos/{path}``."""
    return Operation(
        "GET",
        "/repos/{repository:path}",
        endpoint,
        "The files of a repository",
        "With sizes, hashes, and how much of it is cached here.",
        tag=TAG,
        query=AtRevision,
        answers={200: Answer("The files.", ANY), **_refused(*ALWAYS)},
    )


def resolve(endpoint: Endpoint) -> Operation:
    """``GET /{repository}/resolve/{path}``."""
    return Operation(
        "GET",
        "/{repository:path}/resolve/{file:path}",
        endpoint,
        "A file as the hub's own clients ask for it",
        "With HF_ENDPOINT set to this service.",
        tag=TAG,
        answers=FILE,
    )


def hub_api(endpoint: Endpoint) -> Operation:
    """``GET /api/{path}``."""
    return Operation(
        "GET",
        "/api/{path:path}",
        endpoint,
        "The hub's own API",
        "Passed on as it is.",
        tag=TAG,
        answers=PASSED,
    )


def paths_info(endpoint: Endpoint) -> Operation:
    """``POST /api/{repository}/paths-info/{revision}``."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {"paths": {"type": "array"}, "expand": {"type": "boolean"}},
    }
    return Operation(
        "POST",
        "/api/{repository:path}/paths-info/{revision:path}",
        endpoint,
        "What the hub says of some paths",
        "Passed on as it is.",
        tag=TAG,
        body=Body("application/json", schema, also=("application/x-www-form-urlencoded",)),
        answers=PASSED,
    )


class Ahead(msgspec.Struct, kw_only=True):
    """Which file is fetched ahead."""

    repo: Annotated[str, msgspec.Meta(description="Its repository.", examples=["owner/name"])]
    path: Annotated[str, msgspec.Meta(description="Its path in there.", examples=["model.safetensors"])]
    revision: Annotated[str, msgspec.Meta(description="A branch, a tag or a commit.")] = "main"
    type: Literal["model", "dataset", "space"] = "model"


def fetching(endpoint: Endpoint, check: Endpoint) -> Operation:
    """The work of ``POST /download/jobs``: no route, but what such a job runs."""
    return Operation(
        "POST",
        "/download/jobs",
        endpoint,
        "Fetch a file ahead",
        "So that it is served from what is kept here.",
        tag=TAG,
        body=Body("application/json", Ahead),
        answers={200: Answer("What is kept.", ANY), **_refused(*ALWAYS)},
        check=check,
    )
