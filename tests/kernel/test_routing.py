"""Routes: by exact path, by template, and by method."""

from __future__ import annotations

import asyncio

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message

from offing.kernel.exchange import KEY, Exchange, exchange_of
from offing.kernel.operation import Operation
from offing.kernel.routing import Routes
from tests.kernel.probe.running import Probe


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/probe/files/a", "a"),
        ("/probe/files/a/b/c.jpg", "a/b/c.jpg"),
        ("/probe/files/a%2Fb", "a/b"),
        ("/probe/files/%C3%BC", "ü"),
        ("/probe/files/%FF", "\ufffd"),
        ("/probe/files/", ""),
        ("/probe/files/../../etc/passwd", "../../etc/passwd"),
    ],
)
def test_a_template_gives_what_stands_in_its_place(probe: Probe, path: str, found: str) -> None:
    assert probe.ask("GET", path).json == {"path": found}


@pytest.mark.parametrize(
    "path",
    ["/probe", "/probe/", "/probe/slow/", "/PROBE/slow", "//probe/slow", "/probe/files", "/{path}", "*"],
)
def test_a_path_that_is_nearly_right_is_not_found(probe: Probe, path: str) -> None:
    assert probe.ask("GET", path).status == 404


@pytest.mark.parametrize("turned", [False, True])
def test_a_template_that_takes_slashes_gives_way(*, turned: bool) -> None:
    async def endpoint(_: Request) -> Response:
        raise NotImplementedError

    paths = ("/files/{path:path}", "/files/jobs/{id}")
    routes = Routes([Operation("GET", path, endpoint, "") for path in paths[:: -1 if turned else 1]])
    for asked, found in (("/files/jobs/x", 1), ("/files/jobs/x/y", 0), ("/files/jobs", 0)):
        scope = {"type": "http", "method": "OPTIONS", "path": asked, KEY: Exchange("id", "OPTIONS")}
        asyncio.run(routes(scope, _nothing, _nowhere))
        assert exchange_of(scope).route == paths[found]


async def _nothing() -> Message:
    raise NotImplementedError


async def _nowhere(_: Message) -> None:
    pass


def test_the_template_itself_is_no_path(probe: Probe) -> None:
    assert probe.ask("GET", "/probe/files/{path:path}").json == {"path": "{path:path}"}


def test_an_absolute_address_is_a_path(probe: Probe) -> None:
    assert probe.ask("GET", "http://elsewhere.example/livez").status == 200


def test_head_is_answered_as_get_without_a_body(probe: Probe) -> None:
    with probe.connect() as wire:
        head = wire.ask("HEAD", "/probe/large?bytes=1234")
        assert (head.status, head.headers["content-length"], head.body) == (200, "1234", b"")
        assert wire.ask("GET", "/livez").status == 200


def test_options_names_the_methods(probe: Probe) -> None:
    answer = probe.ask("OPTIONS", "/probe/files/a")
    assert (answer.status, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")
    assert probe.ask("OPTIONS", "/nowhere").status == 404


def test_a_connection_is_kept_over_many_requests(probe: Probe) -> None:
    with probe.connect() as wire:
        for number in range(50):
            path = ("/livez", "/nowhere", "/probe/slow", "/probe/fail")[number % 4]
            assert wire.ask("GET", path).status in {200, 404, 500}


def test_http_1_0_is_answered_and_closed(probe: Probe) -> None:
    with probe.connect() as wire:
        wire.send(b"GET /livez HTTP/1.0\r\n\r\n")
        assert wire.answer().status == 200
        assert wire.ends() < 2
