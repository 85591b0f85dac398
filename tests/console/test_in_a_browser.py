"""The console in a browser, with a server whose every answer tries to become markup.

Left out where there is no Chromium. The page is told what to do by drive.js, under its own policy.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from offing.gateway.console_page import FILES, HEADERS, text_of

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
PATIENCE = 120
EVIL = "<img src=x onerror=alert(1)><script>alert(2)</script><b>bold</b>"
HASH = "ab" * 32
ANSWERS: dict[str, tuple[int, dict[str, Any]]] = {
    "/health": (200, {"services": {name: {"state": EVIL} for name in ("ocr", "insights", EVIL)}}),
    "/ocr": (
        200,
        {
            "text": EVIL,
            "image_size": {"width": 20, "height": 10},
            "results": [{"text": EVIL, "confidence": 0.5, "bbox": [[0, 0], [9, 0], [9, 9], [0, 9]]}],
        },
    ),
    "/v1/image/analysis": (415, {"detail": EVIL, "remedy": f"Do {EVIL}."}),
    "/repos/acme/model": (
        200,
        {
            "repository": EVIL, "commit": EVIL, "truncated": False,
            "bytes": 300_000_000, "cached_bytes": 75_000_000, "cached_share": 0.25,
            "files": [{"path": "model.safetensors", "bytes": 300_000_000, "sha256": HASH,
                       "xet_hash": EVIL, "cached": True}],
        },
    ),
}  # fmt: skip

pytestmark = pytest.mark.skipif(BROWSER is None, reason="there is no Chromium on this machine")


class Server(ThreadingHTTPServer):
    """Serves the console with hostile answers, and notes what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[tuple[str, str, str | None, str | None]] = []
        self.told: queue.Queue[dict[str, Any]] = queue.Queue()

    @property
    def base(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server

    def do_GET(self) -> None:
        """Answer."""
        self._answer()

    def do_POST(self) -> None:
        """Answer."""
        self._answer()

    def log_message(self, *_: object) -> None:
        """Nothing is logged."""

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.partition("?")[0]
        if path == "/told":
            self.server.told.put(json.loads(body))
            self._send(200, "{}", "application/json")
        elif path == "/asked":
            self._send(200, json.dumps([each[1] for each in self.server.asked]), "application/json")
        elif path == "/console/drive.js":
            self._send(200, (Path(__file__).parent / "drive.js").read_text(), "text/javascript")
        elif path in FILES:
            name, kind = FILES[path]
            driven = '<script type="module" src="/console/drive.js"></script></body>'
            self._send(200, text_of(name).replace("</body>", driven), kind)
        else:
            secrets = (self.headers.get("X-API-Key"), self.headers.get("Authorization"))
            self.server.asked.append((self.command, self.path, *secrets))
            status, answer = ANSWERS.get(path, (404, {}))
            self._send(status, json.dumps(answer), "application/json")

    def _send(self, status: int, text: str, kind: str) -> None:
        self.send_response(status)
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(text.encode())))
        self.send_header("X-Request-ID", EVIL)
        self.end_headers()
        self.wfile.write(text.encode())


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        serving = threading.Thread(target=running.serve_forever)
        serving.start()
        yield running
        running.shutdown()
        serving.join()


@pytest.fixture(scope="module")
def told(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is to be seen after the console was used."""
    home = tmp_path_factory.mktemp("browser")
    command = [
        str(BROWSER), "--headless", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", f"--user-data-dir={home}",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        "--remote-debugging-port=0", f"{server.base}/console",
    ]  # fmt: skip
    environment = os.environ | {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_CACHE_HOME": str(home)}
    browser = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        seen = server.told.get(timeout=PATIENCE)
    finally:
        os.killpg(browser.pid, signal.SIGKILL)
        browser.wait(PATIENCE)
    assert "failed" not in seen, seen["failed"]
    return seen


def test_no_text_of_an_answer_becomes_markup(told: dict[str, Any]) -> None:
    assert told["made"] == 0
    assert told["text"] == EVIL
    assert told["box"] == f"{EVIL} (50 %)"
    assert told["points"] == "0,0 9,0 9,9 0,9"
    assert told["state"].count(EVIL) == 4
    assert EVIL in told["facts"]


def test_a_request_is_told_with_its_id_its_time_and_its_command_line(
    told: dict[str, Any], server: Server
) -> None:
    assert told["status"].startswith("200 in ")
    assert told["status"].endswith(f"s · request {EVIL}")
    name = "<img src=x onerror=alert(1)>'\\''.png"
    key = '-H "X-API-Key: $OFFING_API_KEY"'
    assert told["line"] == f"curl {key} -F 'file=@{name}' '{server.base}/ocr?quality=accurate'"


def test_a_refusal_is_told_with_its_detail_and_remedy(told: dict[str, Any]) -> None:
    assert told["problem"] == f"{EVIL}\nDo {EVIL}."


def test_a_file_is_told_with_its_hashes_and_its_command_line(told: dict[str, Any], server: Server) -> None:
    assert "300.0 MB (300,000,000 bytes)" in told["facts"]
    assert HASH in told["facts"]
    secrets = '-H "X-API-Key: $OFFING_API_KEY" -H "Authorization: Bearer $HF_TOKEN"'
    path = "/download/acme/model/model.safetensors"
    assert told["download"] == f"curl {secrets} '{server.base}{path}' -o 'model.safetensors'"
    assert told["link"] is True  # a link would send neither


def test_only_health_is_asked_before_there_is_something_to_do(told: dict[str, Any]) -> None:
    assert told["before"] == ["/health"]


def test_key_and_token_go_where_they_belong_and_stay_nowhere(told: dict[str, Any], server: Server) -> None:
    sent = {path.partition("?")[0]: secrets for _, path, *secrets in server.asked}
    assert sent["/health"] == [None, None]
    assert sent["/ocr"] == sent["/v1/image/analysis"] == ["the-key", None]
    assert sent["/repos/acme/model"] == ["the-key", "Bearer the-token"]
    assert "the-key" not in told["page"]
    assert "the-token" not in told["page"]
    assert told["address"] == f"{server.base}/console#xet"
    assert told["kept"] == 0


def test_arrows_go_through_the_tabs(told: dict[str, Any]) -> None:
    assert told["focused"] == "tab-insights"
