"""The service before a hub: on a thread of this process, or in a process of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

import httpx
import uvloop

from offing.kernel.app import App
from offing.kernel.health import State
from offing.kernel.listener import address_of, listen
from offing.kernel.server_settings import PREFIX, ServerSettings
from offing.kernel.service import chosen
from offing.kernel.settings import load
from offing.kernel.standalone import front
from offing.xet.hub.serving import HubServer
from tests.xet.hub_fixture import RunningHub

T = TypeVar("T")

PATIENCE = 30.0
LISTENING = "offing: listening on "


@dataclass(frozen=True)
class RunningProxy:
    """The service while a test runs."""

    base: str

    def client(self, token: str | None = None) -> httpx.Client:
        """A client that follows no redirects, with the token of a caller."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=self.base, headers=headers, timeout=PATIENCE, trust_env=False)

    def metric(self, line: str) -> float:
        """The value of a line of /metrics; 0 where there is none."""
        text = httpx.get(f"{self.base}/metrics", trust_env=False).text
        found = [each.rpartition(" ")[2] for each in text.splitlines() if each.startswith(line + " ")]
        return float(found[0]) if found else 0.0


def variables(hub: RunningHub, cache: Path, **settings: str) -> dict[str, str]:
    """The environment of a service before a hub: of this machine's own settings nothing is left."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OFFING_", "HF_"))}
    kept.pop("PORT", None)
    return kept | {"HF_ENDPOINT": hub.base, "OFFING_XET_CACHE_DIR": str(cache), **settings}


@contextmanager
def running_proxy(hub: RunningHub, cache: Path, **settings: str) -> Iterator[RunningProxy]:
    """Serve Xet alone from a thread, as its container does; ``settings`` are variables of its environment."""
    with patch.dict(os.environ, variables(hub, cache, **settings), clear=True):
        app = App(chosen(["xet"]), load(ServerSettings, PREFIX), front)
    with listen("127.0.0.1", 0) as listener:
        server = HubServer(app)

        async def serve() -> None:
            await app.start()
            try:
                await server.serve(sockets=[listener])
            finally:
                await app.stop()

        with _thread(serve()):
            while not server.started:
                time.sleep(0.005)
            try:
                assert app.toolbox.health.state("xet") is State.READY
                yield RunningProxy(address_of(listener))
            finally:
                server.stop()
                server.force_exit = True


@contextmanager
def _thread(work: Coroutine[Any, Any, None]) -> Iterator[None]:
    thread = threading.Thread(target=lambda: uvloop.run(work), daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join(PATIENCE)


class ProxyProcess:
    """``offing serve --standalone xet`` in a process of its own; what it writes is kept in a file."""

    def __init__(self, hub: RunningHub, cache: Path, said: Path, **settings: str) -> None:
        self._environment = variables(hub, cache, **settings)
        self._said, self._port = said, "0"
        self._process: subprocess.Popen[bytes] | None = None
        self.base = ""

    def start(self) -> None:
        """Serve; after a kill, on the same port as before."""
        command = [sys.executable, "-m", "offing", "serve", "--standalone", "xet", "--port", self._port]
        begins = self._said.stat().st_size if self._said.exists() else 0
        with self._said.open("ab") as output:
            self._process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, env=self._environment
            )
        self.base = until(lambda: self._announced(begins))
        self._port = self.base.rpartition(":")[2]

    def kill(self) -> None:
        """End it at once, as a machine that fails does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(PATIENCE)
            self._process = None

    def stop(self) -> int:
        """End it as a platform does; its exit code."""
        assert self._process is not None
        self._process.terminate()
        code = self._process.wait(PATIENCE)
        self._process = None
        return code

    @property
    def said(self) -> str:
        """All that it wrote."""
        return self._said.read_text()

    def _announced(self, begins: int) -> str:
        assert self._process is not None
        assert self._process.poll() is None, self.said
        lines = self.said[begins:].splitlines()
        return next((line.removeprefix(LISTENING) for line in lines if line.startswith(LISTENING)), "")


def until(read: Callable[[], T], seconds: float = PATIENCE) -> T:
    """What ``read`` gives once that is true; fails where it never is."""
    deadline = time.monotonic() + seconds
    while not (found := read()):
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.02)
    return found


def together(*work: Callable[[], Any]) -> list[Any]:
    """Do all at once, each on a thread of its own; what they give, in their order."""

    async def gather() -> list[Any]:
        return await asyncio.gather(*(asyncio.to_thread(each) for each in work))

    return asyncio.run(gather())
