"""The record by which Xet downloads are known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from offing.kernel.jobs.kind import JobKind
from offing.kernel.service import Engine, Service
from offing.xet.settings import XetSettings

if TYPE_CHECKING:
    from offing.kernel.toolbox import Toolbox

LARGEST_QUESTION = 1024 * 1024
"""Bytes of a list of paths, the only body that this service takes."""


def build(settings: XetSettings, toolbox: Toolbox) -> Engine:
    """The engine, not started. What it needs is loaded here, so that the record is cheap to look at."""
    from offing.xet.served import ServedXet

    return ServedXet(settings, toolbox)


service = Service(
    name="xet",
    title="Xet downloads",
    summary="Models and datasets of a Hugging Face hub, verified and cached",
    prefixes=("/download", "/download-hash", "/repos", "/api"),
    patterns=(r"/.+/resolve/.+",),
    settings=XetSettings,
    build=build,
    public_name="xet",
    max_body=lambda _: LARGEST_QUESTION,
    jobs=(
        JobKind(
            "/download/jobs", lambda engine: engine.fetching, keeps_answer=False, secrets=("authorization",)
        ),
    ),
    tells_usage=True,
    try_it=(
        "curl -LO '{base}/download/owner/repo/model.safetensors'",
        "HF_ENDPOINT={base} hf download owner/repo",
    ),
)
