"""What OCR answers to sound files, in every form."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import httpx
import pytest

from tests.contract.asking import check
from tests.contract.ocr.asking import BASE64, BATCH, LABEL_LINES, LANGUAGES, OCR, label, pdf, upload

SEED = ["success", "processing_time_ms", "image_size", "results"]


def texts(body: dict[str, Any]) -> list[str]:
    assert body["success"] is True
    return [each["text"] for each in body["results"]]


def test_a_form_with_a_file_is_answered_in_the_seeds_shape(client: httpx.Client) -> None:
    response = upload(client, label())
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert list(body)[: len(SEED)] == SEED
    assert texts(body) == LABEL_LINES
    assert body["image_size"] == {"width": 640, "height": 360}
    for each in body["results"]:
        assert 0 <= each["confidence"] <= 1
        assert [len(point) for point in each["bbox"]] == [2, 2, 2, 2]


def test_the_file_itself_base64_and_a_data_url_give_the_same(client: httpx.Client) -> None:
    encoded = base64.b64encode(label()).decode()
    for response in (
        client.post(OCR, content=label(), headers={"Content-Type": "image/png"}),
        client.post(BASE64, json={"image": encoded}),
        client.post(BASE64, json={"image": f"data:image/png;base64,{encoded}"}),
    ):
        assert texts(check(response).json()) == LABEL_LINES


@pytest.mark.parametrize("quality", ["accurate", "balanced", "fast"])
def test_every_quality_reads_large_print(client: httpx.Client, quality: str) -> None:
    body = upload(client, label(), {"quality": quality}).json()
    assert texts(body) == LABEL_LINES
    assert body["engine"]["quality"] == quality


def test_an_option_without_a_value_is_one_that_is_not_given(client: httpx.Client) -> None:
    document = check(client.get("/openapi.json")).json()
    options = [each for each in document["paths"][OCR]["post"]["parameters"] if each["in"] == "query"]
    assert len(options) > 5
    assert all(each["allowEmptyValue"] for each in options)
    body = upload(client, label(), dict.fromkeys((each["name"] for each in options), "")).json()
    assert texts(body) == LABEL_LINES
    assert body["engine"] == upload(client, label()).json()["engine"]


def test_words_have_places_where_they_are_asked_for(client: httpx.Client) -> None:
    (page,) = upload(client, label(), return_words="true").json()["pages"]
    words = [word for block in page["blocks"] for line in block["lines"] for word in line["words"]]
    assert "Ropewalk" in [word["text"] for word in words]


@pytest.mark.parametrize(
    ("kind", "begins"),
    [
        ("text/plain", "FRAGILE"),
        ("text/markdown", ""),
        ("text/vnd.hocr+html", "<?xml"),
        ("application/xml", "<?xml"),
        ("text/tab-separated-values", "level\t"),
        ("application/pdf", "%PDF"),
        ("image/png", "\x89PNG"),
    ],
)
def test_the_accept_header_chooses_the_format(client: httpx.Client, kind: str, begins: str) -> None:
    response = upload(client, label(), headers={"Accept": kind})
    assert response.status_code == 200
    assert response.headers["content-type"].partition(";")[0] == kind
    assert response.content.decode("latin-1").startswith(begins)


def test_plain_text_is_the_lines_in_order(client: httpx.Client) -> None:
    response = upload(client, label(), {"format": "text"})
    assert [line for line in response.text.splitlines() if line] == LABEL_LINES


def test_a_document_is_read_page_by_page(client: httpx.Client) -> None:
    body = upload(client, pdf()).json()
    assert [page["source"] for page in body["pages"]] == ["pdf-text", "pdf-scan"]
    assert {each["page"] for each in body["results"]} == {1, 2}
    assert upload(client, pdf(), {"pages": "2"}).json()["pages"] == body["pages"][1:]


def test_pages_come_as_lines_of_json(client: httpx.Client) -> None:
    response = upload(client, pdf(), headers={"Accept": "application/x-ndjson"})
    assert response.headers["content-type"] == "application/x-ndjson"
    lines = [json.loads(line) for line in response.text.splitlines()]
    assert [line["number"] for line in lines] == [1, 2]
    assert all(line["success"] and line["pages"] == 2 for line in lines)


def test_a_document_becomes_a_searchable_pdf(client: httpx.Client) -> None:
    response = upload(client, pdf(), {"format": "pdf"})
    assert response.content.startswith(b"%PDF-")
    assert response.content.endswith(b"%%EOF\n")
    assert re.search(rb"/Type /Pages /Count 2 ", response.content)


def test_a_batch_answers_each_file(client: httpx.Client) -> None:
    files = [("file", ("a.png", label())), ("file", ("b.png", b"garbage")), ("file", ("c.png", label()))]
    body = check(client.post(BATCH, files=files)).json()
    assert body["success"] is False
    assert [each["name"] for each in body["results"]] == ["a.png", "b.png", "c.png"]
    assert [each["success"] for each in body["results"]] == [True, False, True]
    assert texts(body["results"][2]) == LABEL_LINES


def test_the_languages_are_listed(client: httpx.Client) -> None:
    body = check(client.get(LANGUAGES)).json()
    assert len(body["languages"]) > 109
    assert {each["engine"] for each in body["languages"]} == {"pp-ocr", "tesseract"}
    assert all(isinstance(each["installed"], bool) for each in body["languages"])


def test_what_this_server_cannot_read_is_refused_with_what_to_install(client: httpx.Client) -> None:
    listed = check(client.get(LANGUAGES)).json()["languages"]
    missing = next((each for each in listed if not each["installed"]), None)
    if missing is None:
        pytest.skip("every language is installed there")
    response = upload(client, label(), {"lang": missing["code"]})
    assert response.status_code == 422
    assert response.json()["code"] == "language-not-installed"
    assert missing["package"] in response.json()["remedy"]


def test_the_time_spent_is_told_in_the_answer_and_in_a_header(client: httpx.Client) -> None:
    response = upload(client, label())
    assert response.json()["timings"].keys() == {"read", "decode", "engine"}
    assert "engine;dur=" in response.headers["server-timing"]
