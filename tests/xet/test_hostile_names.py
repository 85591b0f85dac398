"""Names that lead elsewhere, are too long or are none: refused before anybody is asked."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from offing.kernel.service import installed, owner_of
from tests.contract.xet.content import FILES, PUBLIC
from tests.xet.hub_fixture import RunningHub
from tests.xet.proxy_fixture import RunningProxy

NONE = "0" * 64
BAD = [
    f"/download/{PUBLIC}",
    f"/download/{PUBLIC}/",
    "/download/acme",
    "/download/datasets/acme/contract",
    f"/download/{PUBLIC}//model.bin",
    f"/download//{PUBLIC}/model.bin",
    f"/download/{PUBLIC}/..%2f..%2fetc/passwd",
    f"/download/{PUBLIC}/%2e%2e/%2e%2e/etc/passwd",
    f"/download/{PUBLIC}/a/%2E%2E/model.bin",
    f"/download/{PUBLIC}/..%5c..%5cetc",
    f"/download/{PUBLIC}/./model.bin".replace("/./", "/%2e/"),
    f"/download/{PUBLIC}/.git/config",
    f"/download/{PUBLIC}/model.bin%00.txt",
    f"/download/{PUBLIC}/model%0d%0aX-Evil:%201.bin",
    f"/download/{PUBLIC}/%ff%fe",
    f"/download/{PUBLIC}/%c0%ae%c0%ae/x",
    f"/download/{PUBLIC}/{'a' * 300}",
    f"/download/{PUBLIC}/{'a/' * 1500}x",
    "/download/acme/..%2fother/x/y",
    "/download/acme%2Fcontract/model.bin",
    "/download/%2e%2e/contract/model.bin",
    "/download/api/models/x",
    f"/download/{'a' * 200}/contract/model.bin",
    "/download/ac%6De/con tract/model.bin".replace(" ", "%20"),
    f"/download/{PUBLIC}/model.bin?revision=..%2F..",
    f"/download/{PUBLIC}/model.bin?revision=a%00b",
    f"/download/{PUBLIC}/model.bin?revision={'a' * 300}",
    f"/download/{PUBLIC}/model.bin?revision=-x",
    f"/{PUBLIC}/resolve/..%2Fx/model.bin",
    f"/{PUBLIC}/resolve/main/..%2f..%2fmodel.bin",
    f"/{PUBLIC}/resolve/main/",
    f"/{PUBLIC}%2Fresolve%2Fmain%2Fmodel.bin",
    "/a/b/c/d/resolve/main/model.bin",
    "/%2e%2e/%2e%2e/resolve/main/model.bin",
    f"/download-hash/{NONE}",
    f"/download-hash/{NONE}?repo=",
    f"/download-hash/{NONE}?repo=acme",
    f"/download-hash/{NONE}?repo={PUBLIC}/more",
    f"/download-hash/{NONE}?repo=../{PUBLIC}",
    f"/download-hash/{NONE[1:]}?repo={PUBLIC}",
    f"/download-hash/{NONE}0?repo={PUBLIC}",
    f"/download-hash/{'g' * 64}?repo={PUBLIC}",
    f"/download-hash/{'%D9%A0' * 64}?repo={PUBLIC}",
    f"/download-hash/..%2f{NONE}?repo={PUBLIC}",
    "/repos/acme",
    "/repos/",
    f"/repos/{PUBLIC}/..%2f..",
    f"/api/models/{PUBLIC}/tree/main/%2e%2e/%2e%2e/x",
    "/api/%2e%2e/settings",
    "/api/..%2fsettings",
    "/api/%252e%252e/settings",
    "/api/..%5Csettings",
    f"/api/models?x={'a' * 5000}",
]


@pytest.mark.parametrize("path", BAD)
def test_a_name_that_no_hub_has_is_refused_and_nobody_is_asked(
    client: httpx.Client, calm_hub: RunningHub, path: str
) -> None:
    response = client.get(path)
    assert response.status_code in {404, 422}, response.text
    assert response.json()["code"] in {"bad-name", "not-found"}
    assert not calm_hub.log.entries


def test_dots_as_they_are_lead_nowhere(proxy: RunningProxy, calm_hub: RunningHub) -> None:
    for path in (
        f"/download/{PUBLIC}/../../etc/passwd",
        f"/{PUBLIC}/resolve/main/../../x",
        "/api/../settings",
        "/api/models/./x",
        f"/repos/{PUBLIC}/../x",
    ):
        assert _status(proxy, path.encode()) in {404, 422}, path
    assert not calm_hub.log.entries


@pytest.mark.parametrize(
    "path",
    [b"/download/acme/contract/\xff\xfe", b"/download/acme/contract/\x00", b"/api/\x80", b"/api/models?\xff",
     b"/api/models/a\x01b", b"/api/models?a\tb"],
)  # fmt: skip
def test_raw_bytes_in_a_path_are_refused(proxy: RunningProxy, calm_hub: RunningHub, path: bytes) -> None:
    assert _status(proxy, path) in {400, 404, 422}
    assert not calm_hub.log.entries


def test_control_characters_in_a_header_that_is_passed_on_are_refused(
    proxy: RunningProxy, calm_hub: RunningHub
) -> None:
    for header in (b"Accept: a\x01b", b"User-Agent: \x7f"):
        assert _status(proxy, b"/api/models", header) in {400, 422}
    assert not calm_hub.log.entries


@settings(max_examples=25)
@given(st.text(max_size=40))
def test_whatever_stands_in_a_path_is_a_file_or_a_refusal(shared_proxy: RunningProxy, name: str) -> None:
    quoted = "".join(f"%{byte:02X}" for byte in name.encode(errors="surrogatepass"))
    for path in (
        f"/download/{PUBLIC}/{quoted}",
        f"/{PUBLIC}/resolve/main/{quoted}",
        f"/{quoted}/resolve/a/b",
    ):
        response = httpx.get(shared_proxy.base + path, trust_env=False)
        assert response.status_code in {401, 404, 422} or name in FILES


def _status(proxy: RunningProxy, path: bytes, *headers: bytes) -> int:
    """Of a request whose path is sent as it is."""
    url = urlsplit(proxy.base)
    with socket.create_connection((url.hostname or "", url.port or 0), 10) as connection:
        lines = [b"GET " + path + b" HTTP/1.1", b"Host: x", b"Connection: close", *headers, b"", b""]
        connection.sendall(b"\r\n".join(lines))
        with connection.makefile("rb") as answer:
            return int(answer.readline().split()[1])


@pytest.mark.parametrize("path", ["/gpt2/resolve/main/a", "/a/m/resolve/main/a", "/a/b/c/resolve/main/a"])
def test_whatever_its_routes_answer_is_behind_its_keys(path: str) -> None:
    assert owner_of(path, installed()) == "xet"
