"""Xet: verified, resumable downloads of models and datasets.

from offing.xet import Reader

async with Reader() as reader:
    file = await reader.resolve("owner/repo", "model.safetensors")
    await reader.download(file, Path("model.safetensors"))
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from offing.xet.problems import (
    BadName,
    BadRange,
    ContentNotFound,
    Corrupt,
    EntryNotFound,
    Gated,
    NoRight,
    NotCached,
    RateLimited,
    RepositoryNotFound,
    RevisionNotFound,
    UpstreamFailed,
    UpstreamTimedOut,
    XetProblem,
)

if TYPE_CHECKING:
    from offing.xet.engine.download import Unwritable, download
    from offing.xet.engine.limits import Limits
    from offing.xet.engine.reader import Reader
    from offing.xet.engine.repository import Repository
    from offing.xet.engine.resolved import Resolved

__all__ = [
    "BadName",
    "BadRange",
    "ContentNotFound",
    "Corrupt",
    "EntryNotFound",
    "Gated",
    "Limits",
    "NoRight",
    "NotCached",
    "RateLimited",
    "Reader",
    "Repository",
    "RepositoryNotFound",
    "Resolved",
    "RevisionNotFound",
    "Unwritable",
    "UpstreamFailed",
    "UpstreamTimedOut",
    "XetProblem",
    "download",
]

_ENGINE = "offing.xet.engine."
_LATE = {
    "Limits": _ENGINE + "limits",
    "Reader": _ENGINE + "reader",
    "Repository": _ENGINE + "repository",
    "Resolved": _ENGINE + "resolved",
    "Unwritable": _ENGINE + "download",
    "download": _ENGINE + "download",
}


def __getattr__(name: str) -> Any:
    """Load what needs numpy and LZ4 when it is first used: the server itself does without both."""
    if name not in _LATE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_LATE[name]), name)
