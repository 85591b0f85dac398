"""How the tests make jobs and wait for them, and what holds for every job's body."""

from __future__ import annotations

import re
import time
from datetime import datetime
from typing import Any

import httpx

from tests.contract.asking import check

WAIT, PAUSE = 120.0, 0.1
"""Seconds: the longest that a job is waited for, and between two questions."""
MEMBERS = [
    "id", "service", "state", "attempts", "created_at", "started_at", "finished_at", "expires_at", "location",
    "result", "problem",
]  # fmt: skip
OCR_JOBS, DOWNLOAD_JOBS = "/ocr/jobs", "/download/jobs"


def made(response: httpx.Response, path: str) -> dict[str, Any]:
    """The body of the answer to a request for a job, which was taken."""
    assert response.status_code == 202, response.text
    job = told(response)
    assert re.fullmatch("[0-9a-f]{32}", job["id"])
    assert job["location"] == response.headers["location"] == f"{path}/{job['id']}"
    assert response.headers["retry-after"] == "1"
    assert (job["state"], job["attempts"]) == ("queued", 0)
    assert job["started_at"] is job["finished_at"] is job["result"] is job["problem"] is None
    return job


def told(response: httpx.Response) -> dict[str, Any]:
    """A job's body, which has the shape of all."""
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    job: dict[str, Any] = response.json()
    assert sorted(job) == sorted(MEMBERS)
    assert moment(job["created_at"]) < moment(job["expires_at"])
    return job


def state(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    """A job as it now is."""
    response = check(client.get(job["location"]))
    assert response.status_code == 200, response.text
    now = told(response)
    assert now["id"] == job["id"]
    assert (response.headers.get("retry-after") == "1") is (now["state"] in {"queued", "running"})
    return now


def ended(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    """A job once it has finished."""
    deadline = time.monotonic() + WAIT
    while (now := state(client, job))["state"] in {"queued", "running"}:
        assert now["result"] is now["problem"] is None
        assert time.monotonic() < deadline, now
        time.sleep(PAUSE)
    assert now["attempts"] >= 1
    assert moment(now["created_at"]) <= moment(now["started_at"]) <= moment(now["finished_at"])
    return now


def succeeded(client: httpx.Client, job: dict[str, Any]) -> dict[str, Any]:
    """A job once it has succeeded."""
    now = ended(client, job)
    assert now["state"] == "succeeded", now
    assert now["problem"] is None
    return now


def refusal(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The body of a refusal."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert (body["code"], body["status"]) == (code, status)
    assert body["detail"]
    assert body["remedy"]
    return body


def moment(text: str) -> datetime:
    """A time as jobs tell it."""
    assert text.endswith("Z")
    return datetime.fromisoformat(text)
