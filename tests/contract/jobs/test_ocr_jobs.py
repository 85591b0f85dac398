"""Jobs of OCR: made, waited for, fetched, refused and forgotten."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.contract.asking import check
from tests.contract.jobs.asking import OCR_JOBS, ended, made, refusal, state, succeeded
from tests.contract.ocr.asking import LABEL_LINES, OCR, label, pdf
from tests.hostile import forms

BROKEN = label()[:2000]
WITH_AN_OPTION = forms.whole(
    forms.part(label(), (b'Content-Disposition: form-data; name="file"; filename="a"',)),
    forms.field("quality", b"best"),
)
TRIES = 20


def ask(client: httpx.Client, data: bytes, params: Any = None, **fields: str) -> dict[str, Any]:
    """Make a job of a file in a form."""
    files = {"file": ("page", data, "application/octet-stream")}
    return made(check(client.post(OCR_JOBS, files=files, data=fields, params=params)), OCR_JOBS)


def test_a_jobs_result_is_what_the_request_would_have_been_answered(client: httpx.Client) -> None:
    done = succeeded(client, ask(client, label()))
    assert done["service"] == "ocr"
    result = done["result"]
    assert sorted(result) == ["bytes", "content_type", "location", "status"]
    assert (result["status"], result["content_type"]) == (200, "application/json")
    assert result["location"] == f"{done['location']}/result"
    response = check(client.get(result["location"]))
    assert (response.status_code, len(response.content)) == (200, result["bytes"])
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert body["success"] is True
    assert [each["text"] for each in body["results"]] == LABEL_LINES


@pytest.mark.parametrize("place", ["query", "form"])
def test_options_are_taken_from_the_query_and_from_the_form(client: httpx.Client, place: str) -> None:
    options = {"format": "text", "quality": "fast"}
    job = ask(client, label(), options) if place == "query" else ask(client, label(), **options)
    result = succeeded(client, job)["result"]
    response = client.get(result["location"])
    assert response.headers["content-type"] == result["content_type"]
    assert result["content_type"].partition(";")[0] == "text/plain"
    assert [line for line in response.text.splitlines() if line] == LABEL_LINES


def test_the_file_itself_and_the_accept_header_make_a_job_too(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/pdf", "Accept": "application/pdf"}
    job = made(check(client.post(OCR_JOBS, content=pdf(), headers=headers)), OCR_JOBS)
    result = succeeded(client, job)["result"]
    assert result["content_type"] == "application/pdf"
    content = client.get(result["location"]).content
    assert content.startswith(b"%PDF-")
    assert content.endswith(b"%%EOF\n")
    assert len(content) == result["bytes"]


def test_head_tells_of_a_job_and_of_its_result_without_their_content(client: httpx.Client) -> None:
    done = succeeded(client, ask(client, label(), {"quality": "fast"}))
    for path in (done["location"], done["result"]["location"]):
        head, whole = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == whole.headers["content-type"]


def test_before_it_has_finished_there_is_no_result(client: httpx.Client) -> None:
    for _ in range(TRIES):  # one may be done before it is asked for
        job = ask(client, pdf())
        response = client.get(f"{job['location']}/result")
        client.delete(job["location"])
        if response.status_code != 200:
            break
    refusal(response, 409, "job-not-finished")
    assert response.headers["retry-after"] == "1"


def test_a_file_that_cannot_be_read_fails_as_the_request_would_have(client: httpx.Client) -> None:
    direct = client.post(OCR, content=BROKEN, headers={"Content-Type": "image/png"})
    job = made(client.post(OCR_JOBS, content=BROKEN, headers={"Content-Type": "image/png"}), OCR_JOBS)
    done = ended(client, job)
    assert (done["state"], done["attempts"], done["result"]) == ("failed", 1, None)
    expected = refusal(direct, 422, "broken-document")
    for each in (expected, done["problem"]):
        each.pop("request_id")
    assert done["problem"] == expected
    result = refusal(check(client.get(f"{done['location']}/result")), 422, "broken-document")
    assert result["detail"] == expected["detail"]


@pytest.mark.parametrize(
    ("body", "content_type", "params"),
    [
        (b"garbage", "image/png", {}),
        (b"", "image/png", {}),
        (label(), "image/png", {"lang": "klingon"}),
        (label(), "image/png", {"format": "docx"}),
        (forms.whole(forms.field("lang", b"en")), forms.KIND, {}),
        (WITH_AN_OPTION, forms.KIND, {}),
    ],
    ids=["garbage", "empty", "language", "format", "no-file", "option-in-the-form"],
)
def test_what_the_request_refuses_is_refused_at_once_or_fails_the_job(
    client: httpx.Client, body: bytes, content_type: str, params: dict[str, str]
) -> None:
    headers = {"Content-Type": content_type}
    expected = check(client.post(OCR, content=body, headers=headers, params=params)).json()
    response = check(client.post(OCR_JOBS, content=body, headers=headers, params=params))
    if response.status_code == 202:
        done = ended(client, made(response, OCR_JOBS))
        assert done["state"] == "failed"
        problem = done["problem"]
    else:
        problem = refusal(response, expected["status"], expected["code"])
    for member in ("code", "status", "detail", "remedy"):
        assert problem[member] == expected[member]


def test_a_body_of_a_foreign_type_makes_no_job(client: httpx.Client) -> None:
    response = check(client.post(OCR_JOBS, content=b"text", headers={"Content-Type": "text/plain"}))
    refusal(response, 415, "unsupported-body")


def test_a_deleted_job_is_gone_with_its_result(client: httpx.Client) -> None:
    done = succeeded(client, ask(client, label(), {"quality": "fast"}))
    response = client.delete(done["location"])
    assert (response.status_code, response.content) == (204, b"")
    for again in (
        client.delete(done["location"]),
        client.get(done["location"]),
        client.get(done["result"]["location"]),
    ):
        refusal(again, 404, "job-not-found")


def test_a_job_can_be_deleted_before_it_has_finished(client: httpx.Client) -> None:
    job = ask(client, pdf())
    assert client.delete(job["location"]).status_code == 204
    refusal(client.get(job["location"]), 404, "job-not-found")


@pytest.mark.parametrize("name", ["0" * 32, "A" * 32, "0" * 31, "0" * 33, "x", "%00", "é"])
def test_what_is_no_job_is_not_found(client: httpx.Client, name: str) -> None:
    for method in ("GET", "DELETE"):
        refusal(check(client.request(method, f"{OCR_JOBS}/{name}")), 404, "job-not-found")
    refusal(check(client.get(f"{OCR_JOBS}/{name}/result")), 404, "job-not-found")


@pytest.mark.parametrize(
    "url",
    ["http://example.com/hook", "ftp://example.com/", "https://127.0.0.1/hook", "https://localhost/", "hook"],
)
def test_a_webhook_that_is_no_public_https_url_makes_no_job(client: httpx.Client, url: str) -> None:
    response = check(
        client.post(OCR_JOBS, content=label(), headers={"Content-Type": "image/png"}, params={"webhook": url})
    )
    assert refusal(response, 422, "invalid-option")["option"] == "webhook"


def test_many_jobs_at_once_all_end_each_with_its_own_result(client: httpx.Client) -> None:
    names = [("text", "text/plain"), ("json", "application/json"), ("tsv", "text/tab-separated-values")] * 4

    def one(name: str) -> dict[str, Any]:
        return succeeded(client, ask(client, label(), {"quality": "fast", "format": name}))

    with ThreadPoolExecutor(len(names)) as threads:
        done = list(threads.map(one, [name for name, _ in names]))
    assert len({job["id"] for job in done}) == len(names)
    kinds = [job["result"]["content_type"].partition(";")[0] for job in done]
    assert kinds == [kind for _, kind in names]
    for job in done:
        assert client.delete(job["location"]).status_code == 204


def test_a_job_goes_on_when_nobody_asks_for_it(client: httpx.Client) -> None:
    first, second = ask(client, label(), {"quality": "fast"}), ask(client, label(), {"quality": "fast"})
    succeeded(client, second)
    assert succeeded(client, first)["id"] != second["id"]
    assert state(client, first)["state"] == "succeeded"
