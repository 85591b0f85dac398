"""What OCR does not take, and how it says so."""

from __future__ import annotations

import httpx
import pytest

from tests.contract.asking import check
from tests.contract.ocr.asking import BASE64, BATCH, LANGUAGES, OCR, label, pdf, refusal, send, upload

TOO_MANY = 80 * 1024 * 1024


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("lang", "klingonese"),
        ("quality", "best"),
        ("format", "docx"),
        ("min_confidence", "2"),
        ("drop_score", "x"),
        ("orientation", "45"),
        ("det_limit_side_len", "1"),
        ("pages", "0"),
        ("return_words", "perhaps"),
    ],
)
@pytest.mark.parametrize("place", ["query", "form"])
def test_an_option_with_an_unknown_value_is_422_and_named(
    client: httpx.Client, option: str, value: str, place: str
) -> None:
    in_query, in_form = ({option: value}, {}) if place == "query" else ({}, {option: value})
    body = refusal(upload(client, label(), in_query, **in_form), 422)
    assert (body["code"], body["option"], body["received"]) == ("invalid-option", option, value)


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 422, "empty-document"),
        (b"garbage", 415, "unsupported-document"),
        (b"\x89PNG\r\n\x1a\n", 422, "broken-document"),
        (b"\xff\xd8\xff", 422, "broken-document"),
        (b"%PDF-1.7\n%%EOF", 422, "broken-document"),
    ],
)
def test_what_cannot_be_read_is_refused_by_kind(
    client: httpx.Client, data: bytes, status: int, code: str
) -> None:
    assert refusal(upload(client, data), status)["code"] == code


def test_a_page_that_is_not_there_is_422_with_how_many_there_are(client: httpx.Client) -> None:
    body = refusal(upload(client, pdf(), {"pages": "1-9"}), 422)
    assert (body["code"], body["page"], body["pages"]) == ("no-such-page", 3, 2)


def test_a_request_without_a_file_is_422(client: httpx.Client) -> None:
    assert refusal(check(client.post(OCR)), 422)["code"] == "missing-field"
    assert refusal(check(client.post(BASE64, json={})), 422)["code"] == "missing-field"
    assert refusal(check(client.post(OCR, files={"other": b"x"})), 422)["field"] == "file"
    assert refusal(check(client.post(BATCH, files={"other": b"x"})), 422)["field"] == "file"


def test_a_body_of_another_type_is_415(client: httpx.Client) -> None:
    assert refusal(send(client, b"x", "text/plain"), 415)["code"] == "unsupported-body"
    assert refusal(check(client.post(OCR, json={"image": ""})), 415)["code"] == "unsupported-body"


def test_json_that_is_none_is_400(client: httpx.Client) -> None:
    for body in (b"", b"{", b"[]", b"null", b"\xff"):
        assert refusal(check(client.post(BASE64, content=body)), 400)["code"] == "bad-request"


@pytest.mark.parametrize("path", [OCR, BASE64, BATCH])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_is_405(client: httpx.Client, path: str, method: str) -> None:
    response = check(client.request(method, path))
    assert response.status_code == 405
    assert "POST" in response.headers["allow"]


def test_languages_are_only_listed(client: httpx.Client) -> None:
    assert check(client.post(LANGUAGES)).status_code == 405


@pytest.mark.server_only
def test_a_file_over_the_limit_is_413(client: httpx.Client) -> None:
    try:
        response = send(client, bytes(TOO_MANY), "image/png")
    except (httpx.WriteError, httpx.RemoteProtocolError):
        return  # the server has hung up on the rest, as it may
    assert refusal(response, 413)["max_size_bytes"] < TOO_MANY


@pytest.mark.server_only
def test_an_unknown_path_below_it_is_404(client: httpx.Client) -> None:
    assert check(client.get(f"{OCR}/other")).status_code == 404
