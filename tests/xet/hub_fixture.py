"""A hub of our own on a free port, filled by the real clients: what the tests of this room stand on."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from offing.kernel.listener import listen
from offing.xet.hub.app import HubApp
from offing.xet.hub.faults import Faults, Rule
from offing.xet.hub.request_log import RequestLog
from offing.xet.hub.serving import HubServer, base_of
from offing.xet.hub.settings import HubSettings

OWNER_TOKEN = "hf_owner"  # noqa: S105  of a hub that lives as long as a test
READER_TOKEN = "hf_reader"  # noqa: S105
STRANGER_TOKEN = "hf_stranger"  # noqa: S105
TOKENS = f"""
[users.owner]
token = "{OWNER_TOKEN}"
owners = ["*"]

[users.reader]
token = "{READER_TOKEN}"
owners = ["acme"]
accepted = ["gate/model"]
writes = false

[users.stranger]
token = "{STRANGER_TOKEN}"
owners = ["stranger"]
"""
"""owner may do everything; reader reads what is acme's, and has accepted gate/model; stranger nothing."""

# The clients read these when they are first imported: nothing of this machine's own configuration, and
# no memory of what another hub has.
_home = tempfile.TemporaryDirectory(prefix="hf-home-", ignore_cleanup_errors=True)
os.environ |= {
    "HF_HOME": _home.name,
    "HF_XET_CACHE": f"{_home.name}/xet",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_UPDATE_CHECK": "1",
}


@dataclass(frozen=True)
class RunningHub:
    """A hub that serves while a test runs."""

    base: str
    folder: Path
    app: HubApp

    @property
    def log(self) -> RequestLog:
        """What was asked of it."""
        return self.app.log

    @property
    def settings(self) -> HubSettings:
        """Its settings; what is changed holds from the next request on."""
        return self.app.hub.settings

    def set_faults(self, *rules: Rule, **faults: Any) -> None:
        """Have other troubles from now on."""
        self.app.plan.set(Faults(rules=list(rules), **faults))

    def api(self, token: str = OWNER_TOKEN) -> Any:
        """The real HfApi of this hub."""
        from huggingface_hub import HfApi

        return HfApi(endpoint=self.base, token=token)

    def upload(
        self,
        repository: str,
        files: Mapping[str, bytes],
        kind: str = "models",
        *,
        private: bool = False,
        revision: str = "main",
    ) -> str:
        """Commit files to ``owner/name``, made where it is missing, by the real clients; the commit's id.

        Content that is no text goes through Xet, text stays in the commit.
        """
        from huggingface_hub import CommitOperationAdd

        api, type_ = self.api(), kind.removesuffix("s")
        sdk = "static" if kind == "spaces" else None
        api.create_repo(repository, repo_type=type_, private=private, exist_ok=True, space_sdk=sdk)
        if revision != "main":
            api.create_branch(repository, branch=revision, repo_type=type_, exist_ok=True)
        operations = [
            CommitOperationAdd(path_in_repo=path, path_or_fileobj=content) for path, content in files.items()
        ]
        info = api.create_commit(
            repository, operations, commit_message="upload", repo_type=type_, revision=revision
        )
        return str(info.oid)

    def xet_hash(self, repository: str, path: str, kind: str = "models") -> str:
        """The file hash of an uploaded file."""
        (found,) = self.api().get_paths_info(repository, [path], repo_type=kind.removesuffix("s"))
        return str(found.xet_hash)

    def xorbs(self) -> list[Path]:
        """The files of all xorbs."""
        return sorted(
            place for place in (self.folder / "store" / "xorbs").glob("*/*") if place.suffix != ".index"
        )


@contextmanager
def running_hub(
    folder: Path,
    *rules: Rule,
    certificate: Path | None = None,
    key: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    faulty: bool = True,
    **faults: Any,
) -> Iterator[RunningHub]:
    """Serve a hub from ``folder``/hub, on a thread of its own.

    ``rules`` and ``faults`` (latency_ms, megabytes_per_second, seed) are its troubles, ``settings`` those of
    :class:`HubSettings`; without ``faulty`` there is neither
    trouble nor log. The same folder again serves what was uploaded before.
    """
    place = folder / "hub"
    place.mkdir(exist_ok=True)
    (place / "tokens.toml").write_text(TOKENS)
    hub_settings = HubSettings(folder=place, **(settings or {}))
    app = HubApp(hub_settings, Faults(rules=list(rules), **faults) if faulty else None, admin=faulty)
    with _listen_anew() as listener:
        server = HubServer(app, certificate, key)
        thread = threading.Thread(target=lambda: uvloop.run(server.serve(sockets=[listener])), daemon=True)
        thread.start()
        try:
            while not server.started:
                time.sleep(0.005)
            yield RunningHub(base_of(listener, secure=certificate is not None), place, app)
        finally:
            server.stop()
            server.force_exit = True
            thread.join(10)
            app.close()


_ports: set[int] = set()


def _listen_anew() -> socket.socket:
    """A socket on a port that no hub of this process had: hf_xet remembers by address what is uploaded."""
    while True:
        listener = listen("127.0.0.1", 0)
        port = listener.getsockname()[1]
        if port not in _ports:
            _ports.add(port)
            return listener
        listener.close()
