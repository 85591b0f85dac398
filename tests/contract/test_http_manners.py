"""What holds for HTTP whatever is asked: ids, timings, problems, methods, CORS, documents."""

from __future__ import annotations

import re

import httpx
import pytest

from tests.contract.asking import ANALYSIS, BY_URL, check, unique_image, upload
from tests.hostile import png_writer as png

SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
TIMING = re.compile(r'[A-Za-z0-9_-]+(;desc=("[^"]*"|[\w-]+))?;dur=\d+(\.\d+)?')
ORIGIN = "https://page.example"
PROBLEM = ["type", "title", "status", "detail", "code", "remedy", "request_id"]


def test_a_sane_request_id_comes_back(client: httpx.Client) -> None:
    response = client.get("/insights/health", headers={"X-Request-ID": "order-66.a_B"})
    assert response.headers["x-request-id"] == "order-66.a_B"


def test_requests_without_an_id_get_one_each(client: httpx.Client) -> None:
    ids = {upload(client, png.gray()).headers["x-request-id"] for _ in range(5)}
    assert len(ids) == 5
    assert all(SANE_ID.fullmatch(each) for each in ids)


@pytest.mark.parametrize("offered", ["<script>", "a b", "x" * 65, '"', "{}", "", "a;b", "ünsane".encode()])
def test_an_id_that_is_not_sane_is_replaced(client: httpx.Client, offered: str | bytes) -> None:
    value = offered if isinstance(offered, bytes) else offered.encode()
    response = client.get("/insights/health", headers=[(b"X-Request-ID", value)])
    assert response.headers["x-request-id"].encode() != value
    assert SANE_ID.fullmatch(response.headers["x-request-id"])


def test_errors_carry_an_id_too(client: httpx.Client) -> None:
    assert SANE_ID.fullmatch(upload(client, b"garbage").headers["x-request-id"])


def test_an_answer_tells_where_its_time_went(client: httpx.Client) -> None:
    stages = upload(client, unique_image()).headers["server-timing"].split(",")
    assert all(TIMING.fullmatch(stage.strip()) for stage in stages)


@pytest.mark.server_only
@pytest.mark.parametrize(
    "path",
    ["/no/such/path", "/v1/image", "/v1/image/analysis/other", "/insights/other", "/%00", "/..%2f..%2fetc"],
)
def test_an_unknown_path_is_a_problem_of_one_shape(client: httpx.Client, path: str) -> None:
    response = check(client.get(path))
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    body = response.json()
    assert list(body)[: len(PROBLEM)] == PROBLEM
    assert body["status"] == 404
    assert body["code"] == "not-found"
    assert body["request_id"] == response.headers["x-request-id"]


@pytest.mark.parametrize("path", [ANALYSIS, BY_URL])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_another_method_is_405_and_names_the_right_one(client: httpx.Client, path: str, method: str) -> None:
    response = check(client.request(method, path))
    assert response.status_code == 405
    assert "POST" in response.headers["allow"]
    assert response.json()["code"] == "method-not-allowed"


def test_head_of_a_post_route_is_405_without_a_body(client: httpx.Client) -> None:
    response = check(client.head(ANALYSIS))
    assert response.status_code == 405
    assert "POST" in response.headers["allow"]
    assert response.content == b""


def test_a_plain_options_request_names_the_methods(client: httpx.Client) -> None:
    response = check(client.options(ANALYSIS))
    assert response.status_code in {200, 204, 405}
    assert "POST" in response.headers["allow"]


def test_post_to_health_is_405(client: httpx.Client) -> None:
    response = check(client.post("/insights/health"))
    assert response.status_code == 405
    assert "GET" in response.headers["allow"]


def test_a_page_of_any_origin_may_read_answers_but_not_with_credentials(client: httpx.Client) -> None:
    for response in (
        client.get("/insights/health", headers={"Origin": ORIGIN, "Cookie": "session=1"}),
        client.get(ANALYSIS, headers={"Origin": ORIGIN, "Cookie": "session=1"}),
    ):
        assert response.headers["access-control-allow-origin"] == "*"
        assert "access-control-allow-credentials" not in response.headers


def test_a_preflight_is_answered_for_any_origin_without_credentials(client: httpx.Client) -> None:
    asked = {
        "Origin": ORIGIN,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,x-api-key,x-request-id",
    }
    response = check(client.options(ANALYSIS, headers=asked))
    assert response.status_code in {200, 204}
    assert response.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in response.headers
    assert "POST" in response.headers["access-control-allow-methods"]
    allowed = response.headers["access-control-allow-headers"].lower()
    assert allowed == "*" or all(each in allowed for each in ("content-type", "x-api-key"))


def test_an_answer_does_not_tell_what_software_made_it(client: httpx.Client) -> None:
    headers = str(upload(client, png.gray()).headers).lower()
    for name in ("uvicorn", "starlette", "python/"):
        assert name not in headers


@pytest.mark.server_only
def test_the_openapi_document_names_both_routes(client: httpx.Client) -> None:
    response = check(client.get("/openapi.json"))
    assert response.status_code == 200
    document = response.json()
    assert document["openapi"].startswith("3.")
    for path in (ANALYSIS, BY_URL):
        answers = document["paths"][path]["post"]["responses"]
        assert {"200", "400", "413", "415", "422"} <= set(answers)


@pytest.mark.server_only
def test_the_docs_page_needs_no_other_host(client: httpx.Client) -> None:
    response = check(client.get("/docs"))
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/html")
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", response.text)
