"""The hub's own API through this service: as it is, and leading back here."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.contract.xet.content import FILES, PRIVATE, PUBLIC
from tests.xet.hub_fixture import OWNER_TOKEN, RunningHub
from tests.xet.proxy_fixture import running_proxy

TREE = f"/api/models/{PUBLIC}/tree/main"


class Scripted(BaseHTTPRequestHandler):
    """Answers as the test says, by path; notes what it was asked."""

    protocol_version = "HTTP/1.1"
    answers: dict[str, tuple[int, dict[str, str], bytes]]
    asked: list[tuple[str, str, dict[str, str], bytes]]

    def do_GET(self) -> None:
        """Answer, whatever the method."""
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        self.asked.append((self.command, self.path, headers, body))
        status, told, content = self.answers.get(self.path.partition("?")[0], (404, {}, b""))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **told}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_HEAD = do_POST = do_GET  # noqa: N815  as the server looks for them

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name is the parent's
        """Say nothing."""


@contextmanager
def scripted(
    answers: dict[str, tuple[int, dict[str, str], bytes]],
) -> Iterator[tuple[str, list[tuple[str, str, dict[str, str], bytes]]]]:
    """The address of a server, and what it is asked."""
    asked: list[tuple[str, str, dict[str, str], bytes]] = []
    handler = type("Handler", (Scripted,), {"answers": answers, "asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()


@contextmanager
def before(hub: RunningHub, cache: Path, endpoint: str) -> Iterator[httpx.Client]:
    """A client of the service before another hub."""
    with running_proxy(hub, cache, HF_ENDPOINT=endpoint) as proxy, proxy.client("hf_mine") as client:
        yield client


def test_a_page_leads_to_the_next_page_here(client: httpx.Client, calm_hub: RunningHub) -> None:
    found: list[str] = []
    page = f"{TREE}?recursive=true&limit=3"
    while page:
        response = client.get(page)
        found += [row["path"] for row in response.json() if row["type"] == "file"]
        page = response.links.get("next", {}).get("url", "")
        assert page.startswith(str(client.base_url)) or not page
    assert set(found) == {*FILES, ".gitattributes"}
    assert len(calm_hub.log.of("tree")) > 2


def test_behind_a_front_with_tls_the_next_page_is_asked_for_with_tls(client: httpx.Client) -> None:
    told = client.get(f"{TREE}?limit=1", headers={"X-Forwarded-Proto": "https", "Host": "models.example"})
    assert told.links["next"]["url"].startswith(f"https://models.example{TREE}?")
    plain = client.get(f"{TREE}?limit=1", headers={"X-Forwarded-Proto": "gopher", "Host": "models.example"})
    assert plain.links["next"]["url"].startswith("http://models.example/")


@pytest.mark.parametrize("host", ['a"b', "a>b", "a,b", "a b", ""])
def test_a_host_that_is_none_is_not_repeated(client: httpx.Client, host: str) -> None:
    response = client.get(f"{TREE}?limit=1", headers={"Host": host})
    assert response.status_code == 400 or response.links["next"]["url"].startswith("/api/")


@pytest.mark.parametrize(
    "link", ["<https://elsewhere.example/api/x?cursor=2>", "</api/x?cursor=2>", "<{hub}/api/models?cursor=2>"]
)
def test_no_link_leads_the_client_with_its_token_to_the_hub(
    calm_hub: RunningHub, tmp_path: Path, link: str
) -> None:
    answers: dict[str, Any] = {"/mirror/api/models": (200, {}, b"[]")}
    with scripted(answers) as (base, _):
        told = link.replace("{hub}", f"{base}/mirror")
        answers["/mirror/api/models"] = (200, {"Link": f'<{base}/x>; rel="prev", {told}; rel="next"'}, b"[]")
        with before(calm_hub, tmp_path / "cache", f"{base}/mirror") as client:
            response = client.get("/api/models?limit=1")
            ours = f"{client.base_url}/api/models?cursor=2"
            assert response.links == {"next": {"url": ours, "rel": "next"}}


def test_a_renamed_repository_is_looked_for_here(calm_hub: RunningHub, tmp_path: Path) -> None:
    answers: dict[str, Any] = {"/api/models/acme/new": (200, {}, b"{}")}
    with scripted(answers) as (base, _):
        answers["/api/models/acme/old"] = (307, {"Location": f"{base}/api/models/acme/new"}, b"")
        answers["/api/models/acme/relative"] = (307, {"Location": "/api/models/acme/new"}, b"")
        with before(calm_hub, tmp_path / "cache", base) as client:
            moved = client.get("/api/models/acme/old")
            assert moved.status_code == 307
            assert moved.headers["location"] == f"{client.base_url}/api/models/acme/new"
            assert client.get(moved.headers["location"]).content == b"{}"
            assert client.get("/api/models/acme/relative", follow_redirects=True).content == b"{}"


def test_what_is_compressed_stays_so_and_only_for_who_asked(calm_hub: RunningHub, tmp_path: Path) -> None:
    packed = gzip.compress(b'{"a": 1}')
    answers: dict[str, Any] = {
        "/api/x": (200, {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}, packed)
    }
    with scripted(answers) as (base, asked), before(calm_hub, tmp_path / "cache", base) as client:
        response = client.get("/api/x", headers={"Accept-Encoding": "gzip"})
        assert (response.json(), response.headers["content-encoding"]) == ({"a": 1}, "gzip")
        assert int(response.headers["content-length"]) == len(packed)
        assert response.headers["vary"] == "Accept-Encoding"
        del client.headers["accept-encoding"]
        client.get("/api/x")
    assert [headers["accept-encoding"] for _, _, headers, _ in asked] == ["gzip", "identity"]


def test_only_what_the_hub_needs_goes_on_and_only_what_clients_need_comes_back(
    calm_hub: RunningHub, tmp_path: Path
) -> None:
    told = {"Set-Cookie": "a=b", "Server": "x", "ETag": '"e"', "X-Total-Count": "3", "Connection": "close"}
    with (
        scripted({"/api/x": (200, told, b"ok")}) as (base, asked),
        before(calm_hub, tmp_path / "cache", base) as client,
    ):
        response = client.get(
            "/api/x?a=b&c=%2F", headers={"Cookie": "s=1", "X-API-Key": "k", "User-Agent": "u/1"}
        )
    assert response.headers["etag"] == '"e"'
    assert response.headers["x-total-count"] == "3"
    assert not {"set-cookie", "server"} & response.headers.keys()
    ((method, path, headers, _),) = asked
    assert (method, path) == ("GET", "/api/x?a=b&c=%2F")
    assert headers["authorization"] == "Bearer hf_mine"
    assert headers["user-agent"] == "u/1"
    assert not {"cookie", "x-api-key", "x-request-id"} & headers.keys()


def test_a_refusal_of_the_hub_keeps_its_words(client: httpx.Client) -> None:
    response = client.get("/api/models/acme/none", headers={"Authorization": f"Bearer {OWNER_TOKEN}"})
    assert response.status_code == 404
    assert response.headers["x-error-code"] == "RepoNotFound"
    missing = client.get(f"/api/models/{PUBLIC}/tree/none")
    assert (missing.status_code, missing.headers["x-error-code"]) == (404, "RevisionNotFound")
    assert client.get(f"/api/models/{PRIVATE}").status_code == 401


def test_paths_are_asked_about_by_post(client: httpx.Client) -> None:
    url = f"/api/models/{PUBLIC}/paths-info/main"
    for response in (
        client.post(url, json={"paths": ["config.json", "none"], "expand": False}),
        client.post(url, data={"paths": ["config.json", "none"], "expand": "False"}),
    ):
        assert response.status_code == 200
        assert [row["path"] for row in response.json()] == ["config.json"]


def test_folders_may_be_called_as_routes_are(client: httpx.Client) -> None:
    for path in (f"{TREE}/lists/resolve", f"{TREE}/lists/resolve/paths-info"):
        (row,) = client.get(path).json()
        assert row["path"].startswith("lists/resolve/paths-info")
    url = f"/{PUBLIC}/resolve/main/lists/resolve/paths-info/a.txt"
    assert client.get(url).content == FILES["lists/resolve/paths-info/a.txt"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/repos/create"),
        ("POST", f"/api/models/{PUBLIC}/commit/main"),
        ("POST", f"/api/models/{PUBLIC}/preupload/main"),
        ("DELETE", "/api/repos/delete"),
        ("PUT", f"/api/models/{PUBLIC}/settings"),
        ("POST", f"/{PUBLIC}/resolve/main/config.json"),
        ("PUT", f"/download/{PUBLIC}/config.json"),
    ],
)
def test_nothing_can_be_changed_through_it(
    client: httpx.Client, calm_hub: RunningHub, method: str, path: str
) -> None:
    response = client.request(method, path, headers={"Authorization": f"Bearer {OWNER_TOKEN}"}, content=b"{}")
    assert response.status_code == 405
    assert response.json()["code"] == "method-not-allowed"
    assert "GET" in response.headers["allow"]
    assert not calm_hub.log.entries


def test_a_list_of_paths_that_is_too_long_is_413(client: httpx.Client, calm_hub: RunningHub) -> None:
    body = json.dumps({"paths": ["x" * 1000] * 2000})
    response = client.post(f"/api/models/{PUBLIC}/paths-info/main", content=body)
    assert response.status_code == 413
    assert not calm_hub.log.entries


def test_an_answer_that_breaks_off_breaks_off_here_too(calm_hub: RunningHub, tmp_path: Path) -> None:
    answers: dict[str, Any] = {"/api/x": (200, {"Content-Length": "100", "Connection": "close"}, b"short")}
    with scripted(answers) as (base, _), before(calm_hub, tmp_path / "cache", base) as client:
        with pytest.raises(httpx.RemoteProtocolError):
            client.get("/api/x")
        assert client.head("/api/x").headers["content-length"] == "100"
