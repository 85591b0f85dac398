"""A configuration that is right, to be spoiled; and what is found wrong in it then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from offing.edge.check import Finding, check
from offing.edge.jsonc import read
from offing.kernel.settings import meaning

SOUND = """\
{
  "name": "sound",
  "containers": [
    {
      "name": "sound-ocr",
      "class_name": "Ocr",
      "image": "Dockerfile",
      "image_build_context": ".",
      "image_vars": { "SERVICE": "ocr" },
      "instance_type": "standard-2",
      "max_instances": 3,
      "rollout_step_percentage": [10, 100],
      "rollout_active_grace_period": 60
    },
    {
      "name": "sound-xet",
      "class_name": "Xet",
      "image": "registry.cloudflare.com/account/xet:1",
      "image_vars": { "SERVICE": "xet" },
      "instance_type": { "vcpu": 1, "memory_mib": 4096, "disk_mb": 8000 }
    }
  ],
  "durable_objects": {
    "bindings": [
      { "name": "OCR", "class_name": "Ocr" },
      { "name": "XET", "class_name": "Xet" },
      { "name": "DISPATCHER", "class_name": "Dispatcher" }
    ]
  },
  "migrations": [
    { "tag": "v1", "new_sqlite_classes": ["Ocr", "Dispatcher"] },
    { "tag": "v2", "new_sqlite_classes": ["Xet"] }
  ],
  "vars": {
    "OCR_INSTANCES": "3",
    "OCR_SLEEP_AFTER": "30s",
    "XET_SLEEP_AFTER": "5m",
    "OFFING_OCR_QUALITY": "fast",
    "OFFING_XET_SHARE_TOKEN": "true",
    "OFFING_XET_CACHE_BYTES": "6000000000",
    "GREETING": "hello"
  },
  "secrets": { "required": ["HF_TOKEN"] }
}
"""
DOCKERFILE = """\
ARG SERVICE=ocr
FROM python AS build
FROM python AS runtime
FROM runtime AS ocr
from --platform=linux/amd64 runtime as xet
FROM ${SERVICE}
"""

Check = Callable[[str, str], list[Finding]]


class Ocr(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of a service."""

    quality: Annotated[str, meaning("Quality.", pattern="^(fast|good)$")] = "good"
    threads: Annotated[int, meaning("Threads.", aliases=("CPU_THREADS",), ge=0)] = 0


class Xet(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of a service that has secrets and keeps files."""

    token: Annotated[str, meaning("A token.", aliases=("HF_TOKEN",), secret=True)] = ""
    share_token: Annotated[bool, meaning("Whether it is shared.")] = False
    bucket: Annotated[str, meaning("A bucket.")] = ""
    cache_bytes: Annotated[int, meaning("Bytes kept.", ge=0)] = 10_000_000_000


@pytest.fixture
def spoiled(tmp_path: Path) -> Check:
    """What is found wrong once a text of the sound configuration is replaced by another."""
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)

    def spoiled(text: str, instead: str) -> list[Finding]:
        assert text in SOUND
        document = read(SOUND.replace(text, instead, 1))
        return check(document, tmp_path, ["ocr", "xet"], [(Ocr, "OFFING_OCR_"), (Xet, "OFFING_XET_")])

    return spoiled
