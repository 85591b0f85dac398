"""What a worker process loads: each module more is time of every start."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOADED = """
import sys
from offing.kernel.workers import nursery
from offing.insights.engine import job
job.warm()
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def loaded() -> set[str]:
    told = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True)
    return set(told.stdout.split())


@pytest.mark.parametrize(
    "module", ["numpy.ma", "dataclasses", "logging.config", "asyncio", "starlette", "offing.kernel.app"]
)
def test_what_no_image_needs_is_not_loaded(loaded: set[str], module: str) -> None:
    assert module not in loaded


def test_the_first_image_finds_everything_loaded(loaded: set[str]) -> None:
    assert {"PIL.JpegImagePlugin", "PIL.PngImagePlugin", "offing.insights.engine.analyze"} <= loaded
