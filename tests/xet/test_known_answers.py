"""Answers of the hub's API on their way: without a word of Xet, so that clients ask here for the files."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Message

from offing.xet.engine.repository import Repository
from offing.xet.known_answers import MOST_BYTES, Rewritten, Room, repository_of
from tests.xet.hub_fixture import RunningHub, running_hub
from tests.xet.proxy_fixture import RunningProxy, running_proxy

HASH = "ab" * 32
ROWS: list[dict[str, str | None]] = [
    {"path": "a.bin", "xetHash": HASH},
    {"path": '"xetHash": "' + HASH, "xetHash": None},
]
PLAIN = [{"path": row["path"], "xetHash": None} for row in ROWS]
JSON = {"content-type": "application/json; charset=utf-8"}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        running.upload("acme/model", {"a.bin": bytes(range(256)) * 2000, "b.txt": b"b"})
        yield running


@pytest.fixture(scope="module")
def proxy(hub: RunningHub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningProxy]:
    with running_proxy(hub, tmp_path_factory.mktemp("cache")) as running:
        yield running


@pytest.mark.parametrize("encoding", ["identity", "gzip", "gzip, deflate, br, zstd"])
@pytest.mark.parametrize(
    "path", ["tree/main", "tree/main?expand=true&recursive=true", "revision/main", "revision/main?blobs=true"]
)
def test_no_listing_leads_to_the_content_store(
    proxy: RunningProxy, hub: RunningHub, path: str, encoding: str
) -> None:
    address = f"/api/models/acme/model/{path}"
    with proxy.client() as client, httpx.Client(trust_env=False) as direct:
        ours = client.get(address, headers={"Accept-Encoding": encoding})
        theirs = direct.get(hub.base + address)
        assert ours.json() == json.loads(
            theirs.text.replace(f'"{hub.xet_hash("acme/model", "a.bin")}"', "null")
        )
        assert ours.status_code == 200


def test_what_is_asked_of_paths_does_not_either(proxy: RunningProxy) -> None:
    with proxy.client() as client:
        answer = client.post("/api/models/acme/model/paths-info/main", json={"paths": ["a.bin", "b.txt"]})
    assert [row.get("xetHash") for row in answer.json()] == [None, None]
    assert [row["path"] for row in answer.json()] == ["a.bin", "b.txt"]


async def sent(answer: Response, room: Room, kept: list[bytes] | None = None) -> tuple[dict[str, str], bytes]:
    """The headers and the body that a client gets."""
    messages: list[Message] = []

    async def send(message: Message) -> None:
        messages.append(message)

    async def receive() -> Message:
        await asyncio.sleep(60)
        return {"type": "http.disconnect"}

    async def keep(headers: dict[str, str], body: bytes) -> None:
        del headers
        if kept is not None:
            kept.append(body)

    await Rewritten(answer, room, keep)({"type": "http"}, receive, send)
    headers = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    assert not messages[-1].get("more_body", False)
    return headers, b"".join(message.get("body", b"") for message in messages[1:])


def test_a_rewritten_body_has_its_own_length_and_is_kept_as_it_was_sent() -> None:
    kept: list[bytes] = []
    answer = Response(gzip.compress(json.dumps(ROWS).encode()), headers={**JSON, "content-encoding": "gzip"})
    headers, body = asyncio.run(sent(answer, Room(), kept))
    assert json.loads(body) == PLAIN
    assert headers["content-length"] == str(len(body))
    assert "content-encoding" not in headers
    assert kept == [body]


@pytest.mark.parametrize(
    "answer",
    [
        Response(json.dumps(ROWS), 404, JSON),
        Response(json.dumps(ROWS), 200, {"content-type": "text/html"}),
        Response(b"not gzip", 200, {**JSON, "content-encoding": "gzip"}),
        Response(gzip.compress(b"[]")[:-6], 200, {**JSON, "content-encoding": "gzip"}),
        Response(gzip.compress(bytes(MOST_BYTES + 1)), 200, {**JSON, "content-encoding": "gzip"}),
        Response(b"whatever", 200, {**JSON, "content-encoding": "br"}),
        Response(bytes(MOST_BYTES + 1), 200, JSON),
    ],
)
def test_what_cannot_be_rewritten_goes_on_as_it_is_and_is_not_kept(answer: Response) -> None:
    kept: list[bytes] = []
    room = Room()
    before = room.left
    headers, body = asyncio.run(sent(answer, room, kept))
    assert body == answer.body
    assert headers["content-length"] == str(len(answer.body))
    assert kept == []
    assert room.left == before


def test_more_than_there_is_room_for_goes_on_as_it_comes() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"[1]" * 100

    room = Room(1000)
    kept: list[bytes] = []
    _, body = asyncio.run(sent(StreamingResponse(pieces(), headers=JSON), room, kept))
    assert body == b"[1]" * 5000
    assert (kept, room.left) == ([], 1000)


def test_an_answer_that_breaks_off_gives_its_room_back_and_sends_nothing() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"[1"
        raise ConnectionError

    room = Room(1000)
    with pytest.raises(ConnectionError):
        asyncio.run(sent(StreamingResponse(pieces(), headers=JSON), room))
    assert room.left == 1000


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/models/acme/model", Repository("acme/model")),
        ("/api/models/gpt2", Repository("gpt2")),
        ("/api/models/gpt2/tree/main", Repository("gpt2")),
        ("/api/datasets/acme/data/tree/refs/pr/1/a/b", Repository("acme/data", "datasets")),
        ("/api/spaces/acme/app/paths-info/main", Repository("acme/app", "spaces")),
        ("/api/models/acme/model/xet-read-token/main", None),
        ("/api/models/acme/model/commits/main", None),
        ("/api/models", None),
        ("/api/whoami-v2", None),
        ("/api/models/acme/model..", None),
    ],
)
def test_what_tells_of_repositories_is_told_apart(path: str, name: Repository | None) -> None:
    scope = {"type": "http", "method": "GET", "path": path, "headers": [], "query_string": b""}
    scope |= {"server": ("h", 80), "scheme": "http"}
    assert repository_of(Request(scope)) == name


def test_tokens_for_uploads_go_through_untouched(proxy: RunningProxy, tmp_path: Path) -> None:
    del tmp_path
    with proxy.client() as client:
        answer = client.get("/api/models/acme/model/xet-read-token/main")
    assert answer.json().keys() >= {"accessToken", "casUrl", "exp"}
