"""The console's files: how they are served, and what they keep to."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from offing.gateway import console_page
from offing.gateway.console_page import FILES, POLICY, text_of
from offing.gateway.front import front
from offing.kernel.app import App
from offing.kernel.server_settings import ServerSettings
from offing.kernel.service import chosen, installed

ROOT = Path(__file__).parents[2]
PAGE = text_of("index.html")
STYLE = text_of("console.css")
SCRIPTS = {name: text_of(name) for name, kind in FILES.values() if kind == "text/javascript"}
CODE = "\n".join(SCRIPTS.values())
LARGEST = 40_000
LONGEST = 300
MARKUP = (
    r"innerHTML|outerHTML|insertAdjacent|document\.write|createContextualFragment|DOMParser|setHTML|srcdoc"
)
EVALUATED = r"\beval\b|new Function|setTimeout\(\s*[\"'`]"
KEPT = r"localStorage|sessionStorage|indexedDB|cookie|caches\b"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def asking(settings: ServerSettings) -> httpx.AsyncClient:
    app = App(chosen([]), settings, front)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway")


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with asking(ServerSettings()) as each:
        yield each


@pytest.mark.anyio
@pytest.mark.parametrize("path", FILES)
async def test_each_file_is_served_with_its_type_and_the_policy(path: str, client: httpx.AsyncClient) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == f"{FILES[path][1]}; charset=utf-8"
    assert answer.headers["content-security-policy"] == POLICY
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.text == (ROOT / "console" / FILES[path][0]).read_text("utf-8")


@pytest.mark.anyio
@pytest.mark.parametrize("path", FILES)
async def test_head_tells_the_same_without_a_body(path: str, client: httpx.AsyncClient) -> None:
    whole, head = await client.get(path), await client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    same = ("content-type", "content-length", "content-security-policy")
    assert [head.headers[name] for name in same] == [whole.headers[name] for name in same]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "path", ["/console/index.html", "/console/", "/console/../pyproject.toml", "/console/x.js"]
)
async def test_nothing_else_is_served(path: str, client: httpx.AsyncClient) -> None:
    assert (await client.get(path)).status_code == 404


@pytest.mark.anyio
async def test_it_asks_for_no_key_where_the_services_do() -> None:
    async with asking(ServerSettings(api_keys=("sha256:" + "0" * 64,))) as client:
        for path in FILES:
            assert (await client.get(path)).status_code == 200
        assert (await client.get("/v1/image/analysis")).status_code == 401


@pytest.mark.anyio
async def test_a_gateway_without_the_files_has_no_console(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(console_page, "PLACES", (tmp_path,))
    async with asking(ServerSettings()) as client:
        assert (await client.get("/console")).status_code == 404
        assert "console" not in (await client.get("/")).json()


@pytest.mark.anyio
async def test_the_root_names_it(client: httpx.AsyncClient) -> None:
    assert (await client.get("/")).json()["console"] == "/console"


def test_a_wheel_brings_the_files(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as packed:
        for name, _ in FILES.values():
            assert packed.read(f"offing/gateway/console/{name}").decode() == text_of(name)
        assert "offing/__init__.py" in packed.namelist()


def test_the_worker_has_the_same_paths_and_the_same_policy() -> None:
    source = (ROOT / "worker" / "src" / "pages.ts").read_text()
    pages = dict(re.findall(r'"(/console\S*)": "(\S+)"', source))
    assert pages == {path: f"/console/{name}" for path, (name, _) in FILES.items()}
    (policy,) = re.findall(r"const CONSOLE =\s+(.+?);\n", source, re.DOTALL)
    assert "".join(re.findall(r'"([^"]*)"', policy)) == POLICY


def test_the_folder_has_these_files_alone_and_they_are_small() -> None:
    found = list((ROOT / "console").iterdir())
    assert {each.name for each in found} == {name for name, _ in FILES.values()}
    assert sum(each.stat().st_size for each in found) < LARGEST
    assert max(len(each.read_text().splitlines()) for each in found) <= LONGEST


def test_the_page_refers_to_what_is_served_and_to_no_other_host() -> None:
    referred = re.findall(r'(?:src|href)="([^"]*)"', PAGE)
    assert set(referred) <= {*FILES, "/docs", "/openapi.json", "data:,"}
    imported = {f"/console/{name}" for name in re.findall(r'from "\./([^"]+)"', CODE)}
    assert imported | set(referred) >= set(FILES) - {"/console"}
    hosts = re.findall(r"https?://[^\s\"'`]+", PAGE + STYLE + CODE)
    assert hosts == ["http://www.w3.org/2000/svg"]  # a name, not an address


def test_the_policy_finds_nothing_to_refuse() -> None:
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", PAGE)
    assert re.findall(r"<script[^>]*>(.*?)</script>", PAGE, re.DOTALL) == [""]
    assert 'setAttribute("style' not in CODE


@pytest.mark.parametrize("forbidden", [MARKUP, EVALUATED, KEPT])
def test_the_scripts_make_no_markup_and_keep_nothing(forbidden: str) -> None:
    assert re.findall(forbidden, CODE) == []


def test_every_element_that_a_script_looks_for_is_there() -> None:
    there = re.findall(r'\bid="([^"]+)"', PAGE)
    assert len(there) == len(set(there))
    asked = set(re.findall(r'\$\("([\w-]+)"\)', CODE))
    assert asked
    assert asked <= set(there)
    for name in ("for", "aria-controls", "aria-labelledby", "aria-describedby"):
        assert set(re.findall(rf'\b{name}="([^"]+)"', PAGE)) <= set(there)


def test_every_field_has_a_label_and_every_service_a_panel() -> None:
    fields = re.findall(r'<(?:input|select)(?: type="\w+")?[^>]*\bid="(\w+)"', PAGE)
    assert set(fields) == set(re.findall(r'<label for="(\w+)"', PAGE))
    assert PAGE.count('type="file"') == PAGE.count('<label class="drop"><input type="file"')
    assert set(re.findall(r'role="tabpanel" id="(\w+)"', PAGE)) == set(installed())
