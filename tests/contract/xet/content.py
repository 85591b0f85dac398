"""What the hub behind the server that is asked has to hold, and who may read it: the same in every run.

``fill`` uploads it with the real clients; ``python -m tests.contract.xet.prepare FOLDER`` makes such a hub's
folder, to be served by ``offing xet hub FOLDER``.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.xet.hub_fixture import OWNER_TOKEN, TOKENS


def _bytes(seed: int, count: int) -> bytes:
    return random.Random(seed).randbytes(count)  # noqa: S311  the same bytes in every run


MODEL = _bytes(1, 3_000_000) + bytes(500_000) + _bytes(2, 700_000)
CONFIG = b'{"architecture": "none"}\n'
NAME = "weights/\u00e9t\u00e9 \u2013 \u6743\u91cd 100%.bin"
"""Accents, a dash, Chinese, a space and a percent sign."""
NAMED = _bytes(3, 150_000)
SHORT = _bytes(4, 90_000)
FILES: Mapping[str, bytes] = {
    "model.bin": MODEL,
    "other/model.bin.index": _bytes(5, 70_000),
    "other/model.bin": _bytes(6, 80_000),
    "config.json": CONFIG,
    "empty.txt": b"",
    NAME: NAMED,
    "lists/resolve/paths-info/a.txt": b"folders may be called so\n",
}
DATA: Mapping[str, bytes] = {"train/part-0.parquet": _bytes(7, 300_000), "README.md": b"# Data\n"}
APP: Mapping[str, bytes] = {"app.py": b"print()\n"}
SECRET: Mapping[str, bytes] = {"secret.bin": _bytes(8, 120_000)}
GATED: Mapping[str, bytes] = {"gated.bin": _bytes(9, 120_000)}

PUBLIC, PRIVATE, BEHIND_A_GATE = "acme/contract", "acme/contract-private", "gate/model"
BRANCH, REFERENCE = "dev/short", "refs/pr/1"


@dataclass(frozen=True)
class Held:
    """A hub with all of it."""

    endpoint: str
    commit: str
    """Of the model's main branch."""


def sha256(content: bytes) -> str:
    """In hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def admit(folder: Path) -> None:
    """Write the users of a hub's folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokens.toml").write_text(TOKENS)


def fill(endpoint: str) -> Held:
    """Upload all of it to a hub that has none of it."""
    from huggingface_hub import HfApi

    api = HfApi(endpoint=endpoint, token=OWNER_TOKEN)
    _upload(api, PUBLIC, FILES)
    _upload(api, PUBLIC, {"model.bin": SHORT}, revision=BRANCH)
    _upload(api, PUBLIC, {"config.json": b"{}\n"}, revision=REFERENCE)
    _upload(api, PUBLIC, DATA, "dataset")
    _upload(api, PUBLIC, APP, "space")
    _upload(api, PRIVATE, SECRET, private=True)
    _upload(api, BEHIND_A_GATE, GATED)
    api.update_repo_settings(BEHIND_A_GATE, gated="manual")
    return Held(endpoint, str(api.model_info(PUBLIC).sha))


def _upload(
    api: Any, name: str, files: Mapping[str, bytes], type_: str = "model", revision: str = "main",
    *, private: bool = False,
) -> None:  # fmt: skip
    from huggingface_hub import CommitOperationAdd

    sdk = "static" if type_ == "space" else None
    api.create_repo(name, repo_type=type_, private=private, exist_ok=True, space_sdk=sdk)
    if revision != "main":
        api.create_branch(name, branch=revision, exist_ok=True)
    added = [CommitOperationAdd(path, content) for path, content in files.items()]
    api.create_commit(name, added, commit_message="all", repo_type=type_, revision=revision)
