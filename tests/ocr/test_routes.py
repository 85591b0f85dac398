"""The routes: what is taken, what is answered in which form, and what is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import msgspec
import pytest
from PIL import Image

from offing.ocr.answer import Recognition
from tests.ocr.samples import encoding, sample
from tests.ocr.serving import BASE64, BATCH, LANGUAGES, OCR, file_of, serving, upload

pytestmark = pytest.mark.anyio

LABEL = file_of("label")
TWO_PAGES = file_of("mixed.pdf")
SEED = ["success", "processing_time_ms", "image_size", "results"]


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with serving() as client:
        yield client


def answered(response: httpx.Response) -> dict[str, Any]:
    """The JSON of a good answer, which has the shape that the document describes."""
    assert response.status_code == 200, response.text
    msgspec.json.decode(response.content, type=Recognition, strict=True)
    body: dict[str, Any] = response.json()
    return body


def refused(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The body of a refusal, which has the seed's members, and RFC 9457's."""
    body: dict[str, Any] = response.json()
    assert (response.status_code, body["code"]) == (status, code)
    assert body["success"] is False
    assert body["error"] == body["detail"]
    assert body["remedy"]
    assert body["request_id"] == response.headers["x-request-id"]
    return body


def lines_of(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


async def test_an_image_is_answered_in_the_seeds_shape(client: httpx.AsyncClient) -> None:
    body = answered(await upload(client, LABEL))
    assert list(body)[: len(SEED)] == SEED
    assert body["success"] is True
    assert body["image_size"] == {"width": 640, "height": 360}
    assert [list(each) for each in body["results"]] == [["text", "confidence", "bbox"]] * 6
    assert body["results"][2]["text"] == "17 Ropewalk Lane"
    for each in body["results"]:
        assert 0.5 <= each["confidence"] <= 1
        assert all(0 <= x <= 640 and 0 <= y <= 360 for x, y in each["bbox"])


async def test_the_answer_tells_of_pages_blocks_engine_and_time(client: httpx.AsyncClient) -> None:
    body = answered(await upload(client, LABEL))
    (page,) = body["pages"]
    assert (page["number"], page["width"], page["height"]) == (1, 640, 360)
    assert (page["orientation"], page["source"], page["scripts"]) == (0, "image", ["Latn"])
    assert [line["text"] for block in page["blocks"] for line in block["lines"]] == [
        each["text"] for each in body["results"]
    ]
    assert body["text"] == "\n\n".join(block["text"] for block in page["blocks"])
    assert body["engine"]["quality"] == "fast"
    assert body["engine"]["read_by"] == ["pp-ocrv6-tiny"]
    assert body["timings"]["engine"] > 0
    assert body["timings"]["decode"] > 0


async def test_words_are_told_where_they_are_asked_for(client: httpx.AsyncClient) -> None:
    plain = answered(await upload(client, LABEL))
    worded = answered(await upload(client, LABEL, return_words="true"))
    assert "words" not in plain["pages"][0]["blocks"][0]["lines"][0]
    line = worded["pages"][0]["blocks"][0]["lines"][0]
    assert "".join(word["text"] for word in line["words"]) == line["text"].replace(" ", "")


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream", "", "image/x-whatever; a=b"])
async def test_the_body_may_be_the_file_itself(client: httpx.AsyncClient, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    body = answered(await client.post(OCR, content=LABEL, headers=headers))
    assert len(body["results"]) == 6


@pytest.mark.parametrize("head", ["", "data:image/png;base64,", "DATA:;base64,"])
async def test_base64_may_come_as_a_data_url(client: httpx.AsyncClient, head: str) -> None:
    encoded = base64.encodebytes(LABEL).decode()  # with line feeds, as mail has them
    body = answered(await client.post(BASE64, json={"image": head + encoded, "return_words": True}))
    assert len(body["results"]) == 6
    assert body["pages"][0]["blocks"][0]["lines"][0]["words"]


async def test_large_base64_is_decoded_whole(client: httpx.AsyncClient) -> None:
    padded = LABEL + bytes(4 * 1024 * 1024)
    body = answered(await client.post(BASE64, json={"image": base64.b64encode(padded).decode()}))
    assert len(body["results"]) == 6


async def test_options_in_the_form_and_in_json_come_before_the_query(client: httpx.AsyncClient) -> None:
    in_form = await upload(client, LABEL, "?format=tsv&quality=accurate", format="text")
    assert in_form.headers["content-type"] == "text/plain; charset=utf-8"
    fields = {"image": base64.b64encode(LABEL).decode(), "format": "text"}
    in_json = await client.post(BASE64 + "?format=tsv", json=fields)
    assert in_json.headers["content-type"] == "text/plain; charset=utf-8"
    assert in_form.text.splitlines()[0].startswith("FRAGILE")


async def test_a_line_below_the_least_confidence_is_left_out(client: httpx.AsyncClient) -> None:
    every = answered(await upload(client, LABEL, "?drop_score=0"))
    kept = answered(await upload(client, LABEL, "?min_confidence=0.99"))
    assert min(each["confidence"] for each in every["results"]) < 0.99
    assert min(each["confidence"] for each in kept["results"]) >= 0.99
    assert 0 < len(kept["text"]) < len(every["text"])


async def test_a_page_on_its_side_says_so(client: httpx.AsyncClient) -> None:
    (page,) = answered(await upload(client, file_of("turned_90")))["pages"]
    assert page["orientation"] == 90


async def test_a_page_without_text_is_an_answer_too(client: httpx.AsyncClient) -> None:
    body = answered(await upload(client, encoding.png(Image.new("L", (40, 30), 255))))
    assert (body["results"], body["text"]) == ([], "")
    assert body["image_size"] == {"width": 40, "height": 30}


async def test_every_page_of_a_document_is_read_in_order(client: httpx.AsyncClient) -> None:
    body = answered(await upload(client, TWO_PAGES))
    assert [page["number"] for page in body["pages"]] == [1, 2]
    assert [page["source"] for page in body["pages"]] == ["pdf-text", "pdf-scan"]
    assert [each["page"] for each in body["results"]] == sorted(each["page"] for each in body["results"])
    assert {each["page"] for each in body["results"]} == {1, 2}


async def test_only_the_pages_that_are_chosen_are_read(client: httpx.AsyncClient) -> None:
    body = answered(await upload(client, TWO_PAGES, "?pages=2"))
    assert [page["number"] for page in body["pages"]] == [2]
    told = refused(await upload(client, TWO_PAGES, "?pages=1,3"), 422, "no-such-page")
    assert (told["page"], told["pages"]) == (3, 2)


@pytest.mark.parametrize(
    ("format_", "kind", "begins"),
    [
        ("text", "text/plain; charset=utf-8", b"FRAGILE"),
        ("hocr", "text/vnd.hocr+html; charset=utf-8", b"<?xml"),
        ("alto", "application/xml", b"<?xml"),
        ("tsv", "text/tab-separated-values; charset=utf-8", b"level\t"),
        ("markdown", "text/markdown; charset=utf-8", b""),
        ("pdf", "application/pdf", b"%PDF-"),
        ("png", "image/png", b"\x89PNG"),
    ],
)
async def test_each_format_is_answered_as_its_own_type(
    client: httpx.AsyncClient, format_: str, kind: str, begins: bytes
) -> None:
    by_name = await upload(client, LABEL, f"?format={format_}")
    accept = {"Accept": kind.partition(";")[0]}
    by_header = await client.post(OCR, content=LABEL, headers={"Content-Type": "image/png", **accept})
    assert by_name.status_code == by_header.status_code == 200
    assert by_name.headers["content-type"] == by_header.headers["content-type"] == kind
    assert by_name.content.startswith(begins)
    assert int(by_name.headers["content-length"]) == len(by_name.content)
    assert len(by_header.content) == len(by_name.content)


@pytest.mark.parametrize("format_", ["text", "hocr", "pdf"])
async def test_a_document_of_pages_is_one_file_sent_page_by_page(
    client: httpx.AsyncClient, format_: str
) -> None:
    response = await upload(client, TWO_PAGES, f"?format={format_}")
    assert response.status_code == 200
    assert "content-length" not in response.headers
    ends = {"text": b"\n", "hocr": b"</html>\n", "pdf": b"%%EOF\n"}
    assert response.content.endswith(ends[format_])
    if format_ == "text":
        assert response.text.count("\f") == 1


async def test_a_png_shows_one_page(client: httpx.AsyncClient) -> None:
    told = refused(await upload(client, TWO_PAGES, "?format=png"), 422, "one-page-only")
    assert told["pages"] == 2
    assert (await upload(client, TWO_PAGES, "?format=png&pages=2")).content.startswith(b"\x89PNG")


async def test_pages_may_come_a_line_each(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/pdf", "Accept": "application/x-ndjson"}
    first, second = lines_of(await client.post(OCR, content=TWO_PAGES, headers=headers))
    whole = answered(await upload(client, TWO_PAGES))
    for line, page in zip((first, second), whole["pages"], strict=True):
        assert (line.pop("success"), line.pop("pages")) == (True, 2)
        assert line.pop("text") == "\n\n".join(block["text"] for block in page["blocks"])
        assert line == page


async def test_a_page_that_fails_has_a_line_that_says_so() -> None:
    sizes = ((400, 300), (2000, 2000), (300, 400))
    document = encoding.fax([Image.new("L", size, 255) for size in sizes])
    async with serving(OFFING_OCR_MAX_PIXELS="2000000") as small:
        first, second, third = lines_of(await upload(small, document, "?format=ndjson"))
        assert [each["success"] for each in (first, second, third)] == [True, False, True]
        assert (second["code"], second["number"]) == ("too-many-pixels", 2)
        assert third["number"] == 3
        assert refused(await upload(small, document), 413, "too-many-pixels")["page"] == 2
        assert len(answered(await upload(small, document, "?pages=1,3"))["pages"]) == 2


async def test_a_batch_answers_each_file_in_its_order(client: httpx.AsyncClient) -> None:
    files = [
        ("file", ("a.png", LABEL)),
        ("file", ("b.txt", b"no image at all")),
        ("file", ("empty", b"")),
        ("file", ("c.pdf", TWO_PAGES)),
    ]
    body = (await client.post(BATCH, files=files)).json()
    assert body["success"] is False
    assert [each["name"] for each in body["results"]] == ["a.png", "b.txt", "empty", "c.pdf"]
    assert [each["success"] for each in body["results"]] == [True, False, False, True]
    assert [each.get("status") for each in body["results"]] == [None, 415, 422, None]
    alone = answered(await upload(client, LABEL))
    assert body["results"][0]["results"] == alone["results"]
    streamed = lines_of(await client.post(BATCH + "?format=ndjson", files=files))
    assert [each["name"] for each in streamed] == ["a.png", "b.txt", "empty", "c.pdf"]


async def test_a_batch_of_sound_files_is_a_success(client: httpx.AsyncClient) -> None:
    files = [("file", (name, LABEL)) for name in ("a", "b")]
    body = (await client.post(BATCH, files=files)).json()
    assert body["success"] is True


async def test_a_batch_is_told_in_json_only(client: httpx.AsyncClient) -> None:
    files = {"file": ("a", LABEL)}
    told = refused(await client.post(BATCH + "?format=pdf", files=files), 422, "invalid-option")
    assert told["valid_values"] == ["json", "ndjson"]
    wanted = await client.post(BATCH, files=files, headers={"Accept": "application/pdf"})
    assert wanted.headers["content-type"] == "application/json"


async def test_of_several_files_where_one_is_asked_for_the_last_counts(client: httpx.AsyncClient) -> None:
    files = [("file", ("a", b"no image")), ("file", ("b", LABEL))]
    assert len(answered(await client.post(OCR, files=files))["results"]) == 6


async def test_what_is_no_file_is_refused_by_kind(client: httpx.AsyncClient) -> None:
    refused(await client.post(OCR, files={"image": ("x", LABEL)}), 422, "missing-field")
    refused(await client.post(OCR, data={"file": "x"}, files={"other": b"x"}), 422, "missing-field")
    refused(await client.post(OCR), 422, "missing-field")
    refused(await client.post(OCR, data={"file": "x"}), 415, "unsupported-body")
    refused(await client.post(OCR, json={"image": "x"}), 415, "unsupported-body")
    refused(
        await client.post(BATCH, content=LABEL, headers={"Content-Type": "image/png"}),
        415,
        "unsupported-body",
    )
    refused(await upload(client, b""), 422, "empty-document")
    refused(await upload(client, b"no image"), 415, "unsupported-document")
    refused(await upload(client, LABEL[:2000]), 422, "broken-document")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "bad-request"),
        (b"{", 400, "bad-request"),
        (b"[]", 400, "bad-request"),
        (b'"\xff"', 400, "bad-request"),
        (b"{}", 422, "missing-field"),
        (b'{"image": null}', 422, "missing-field"),
        (b'{"image": 5}', 422, "missing-field"),
        (b'{"image": "***"}', 422, "invalid-base64"),
        (b'{"image": "abc"}', 422, "invalid-base64"),
        ('{"image": "é"}'.encode(), 422, "invalid-base64"),
        (b'{"image": "data:image/png,abcd"}', 422, "invalid-base64"),
        (b'{"image": ""}', 422, "empty-document"),
        (b'{"image": "YWJj"}', 415, "unsupported-document"),
        (b'{"image": "YWJj", "quality": ["fast"]}', 422, "invalid-option"),
        (b'{"image": "YWJj", "quality": "best"}', 422, "invalid-option"),
    ],
)
async def test_json_without_a_file_is_refused(
    client: httpx.AsyncClient, body: bytes, status: int, code: str
) -> None:
    refused(await client.post(BASE64, content=body), status, code)


async def test_a_wrong_query_is_refused_before_the_file_is_looked_at(client: httpx.AsyncClient) -> None:
    for path in (OCR, BASE64, BATCH):
        refused(await client.post(f"{path}?quality=best"), 422, "invalid-option")


async def test_a_file_over_the_limit_is_refused_however_it_comes() -> None:
    limit = len(LABEL) - 1
    async with serving(MAX_IMAGE_SIZE=str(limit)) as client:
        responses = [
            await upload(client, LABEL),
            await client.post(OCR, content=LABEL, headers={"Content-Type": "image/png"}),
            await client.post(BASE64, json={"image": base64.b64encode(LABEL).decode()}),
        ]
        for response in responses:
            assert refused(response, 413, "document-too-large")["max_size_bytes"] == limit
        refused(await upload(client, bytes(2 * limit + 100_000)), 413, "too-large")


async def test_languages_are_listed_with_what_reads_them(client: httpx.AsyncClient) -> None:
    body = (await client.get(LANGUAGES)).json()
    found = {each["code"]: each for each in body["languages"]}
    assert len(found) == len(body["languages"]) > 109
    assert found["eng"]["engine"] == "pp-ocr"
    assert found["eng"]["installed"] is True
    assert found["rus"]["engine"] == "tesseract"
    assert "de" in found["deu"]["names"]
    assert body["default"] == "auto"


async def test_health_tells_what_reads_here(client: httpx.AsyncClient) -> None:
    body = (await client.get("/health")).json()
    assert body["status"] == "healthy"
    assert body["runtime"] in {"openvino", "onnxruntime"}
    assert body["precision"] in {"bf16", "f32", "int8"}
    assert body["threads"] == 1
    assert body["models"]["fast"] == "pp-ocrv6-tiny"
    assert "tesseract" in body


async def test_server_timing_tells_where_the_time_went(client: httpx.AsyncClient) -> None:
    stages = (await upload(client, LABEL)).headers["server-timing"]
    assert [each.partition(";")[0].strip() for each in stages.split(",")] == [
        "read", "decode", "engine", "total",
    ]  # fmt: skip


async def test_a_document_is_read_like_its_pages_alone(client: httpx.AsyncClient) -> None:
    whole = answered(await upload(client, TWO_PAGES))["pages"]
    alone = [answered(await upload(client, TWO_PAGES, f"?pages={n}"))["pages"][0] for n in (1, 2)]
    assert whole == alone
    assert sample("mixed.pdf").pages
