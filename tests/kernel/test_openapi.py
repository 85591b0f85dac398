"""The OpenAPI document is valid, complete and true, and so is the page that is made of it."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any

import msgspec
import pytest
from openapi_spec_validator import validate

from offing.kernel.app import App
from offing.kernel.server_settings import ServerSettings
from offing.kernel.service import Service, installed
from offing.kernel.standalone import front
from tests.kernel.probe.running import Probe
from tests.kernel.probe.service import service as probe_service

SERVICES = [probe_service, *installed().values()]


@pytest.fixture(scope="module")
def document(probe: Probe) -> dict[str, Any]:
    """The document as it is served."""
    answer = probe.ask("GET", "/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    served: dict[str, Any] = answer.json
    return served


def describe(service: Service) -> dict[str, Any]:
    """The document of a service that is not run."""
    from offing.kernel.openapi import document

    app = App([service], ServerSettings(), front)
    described = document(app.operations, "Offing", "Described")
    return msgspec.json.decode(msgspec.json.encode(described), type=dict[str, Any])


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_the_document_is_valid_openapi(service: Service) -> None:
    validate(describe(service))


def test_every_route_is_in_it(document: dict[str, Any]) -> None:
    assert set(document["paths"]) == {
        "/", "/health", "/livez", "/readyz", "/metrics", "/docs", "/openapi.json",
        "/probe/health", "/probe/livez", "/probe/readyz",
        "/probe/echo", "/probe/form", "/probe/headers", "/probe/ignore", "/probe/slow",
        "/probe/stream", "/probe/large",
        "/probe/fail", "/probe/refuse", "/probe/cached", "/probe/files/{path}", "/probe/job/{lane}",
    }  # fmt: skip


def test_every_path_without_parameters_answers_its_method(probe: Probe, document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        assert "{" in path or probe.ask("OPTIONS", path).headers["allow"].split(", ") == sorted(
            {*(method.upper() for method in methods), *({"HEAD"} if "get" in methods else ()), "OPTIONS"}
        )


def test_parameters_of_the_path_and_of_the_query_are_named(document: dict[str, Any]) -> None:
    (path,) = document["paths"]["/probe/files/{path}"]["get"]["parameters"]
    assert (path["name"], path["in"], path["required"]) == ("path", "path", True)
    (query,) = document["paths"]["/probe/slow"]["get"]["parameters"]
    assert (query["name"], query["in"], query["required"]) == ("seconds", "query", False)
    assert query["description"] == "How long to wait."
    assert query["schema"]["type"] == "number"


def test_a_service_may_answer_what_the_kernel_answers_for_it(document: dict[str, Any]) -> None:
    for path in ("/probe/echo", "/probe/slow"):
        (operation,) = document["paths"][path].values()
        assert set(operation["responses"]) == {"200", "401", "408", "413", "503", "504"}
    assert set(document["paths"]["/readyz"]["get"]["responses"]) == {"200", "503"}


def test_what_a_service_says_of_an_answer_comes_before_what_the_kernel_says() -> None:
    (insights,) = (service for service in SERVICES if service.name == "insights")
    answers = describe(insights)["paths"]["/v1/image/analysis"]["post"]["responses"]
    assert "pixels" in answers["413"]["description"]


def test_shapes_are_described_by_their_types(document: dict[str, Any]) -> None:
    schema = document["paths"]["/probe/slow"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    assert schema == {"$ref": "#/components/schemas/Waited"}
    assert document["components"]["schemas"]["Waited"]["properties"] == {"seconds": {"type": "number"}}


def test_the_problem_in_the_document_is_the_problem_that_is_sent(
    probe: Probe, document: dict[str, Any]
) -> None:
    described = document["components"]["schemas"]["Problem"]
    assert set(described["required"]) == set(probe.ask("GET", "/nowhere").json)


class Texts(HTMLParser):
    """The tags and the texts of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.sources: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag and what it refers to."""
        self.tags.append(tag)
        self.sources += [value or "" for name, value in attrs if name in {"src", "href"}]

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data


def test_the_page_shows_every_route_and_loads_nothing(probe: Probe, document: dict[str, Any]) -> None:
    answer = probe.ask("GET", "/docs")
    page = Texts()
    page.feed(answer.body.decode())
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert all(path in page.text for path in document["paths"])
    assert not {"script", "img", "link", "iframe"} & set(page.tags)
    assert [source for source in page.sources if not source.startswith(("/", "#"))] == []
    assert "curl http://probe/probe/slow" in page.text


@pytest.mark.parametrize(
    "host", ["<script>alert(1)</script>", '"><b>', "a{b}c", "[::", "a:99999999", "{0.__class__}", "", "ü"]
)
def test_no_host_header_can_write_into_the_page_or_break_it(probe: Probe, host: str) -> None:
    with probe.connect() as wire:
        wire.send(b"GET /docs HTTP/1.1\r\nHost: " + host.encode() + b"\r\n\r\n")
        answer = wire.answer()
    assert answer.status == 200
    page = Texts()
    page.feed(answer.body.decode())
    assert "script" not in page.tags
    assert b'"><b>' not in answer.body


def test_an_option_is_described_as_it_is_where_it_is_given(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        for parameter in (each for told in methods.values() for each in told.get("parameters", ())):
            assert parameter["description"]
            assert "anyOf" not in parameter["schema"]
