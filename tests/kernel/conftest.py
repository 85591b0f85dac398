"""The probe service for the tests of the kernel."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.probe.running import WORK, Probe, running

Serve = Callable[..., Probe]


@pytest.fixture(scope="session")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    """A probe that many tests share; each leaves it as it was."""
    with running(tmp_path_factory.mktemp("probe") / "log") as probe:
        yield probe


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Probe]:
    """A probe with three workers, shared: three places for small jobs, two for large ones."""
    with running(
        tmp_path_factory.mktemp("workshop") / "log",
        probe_target=WORK,
        probe_small_slots=3,
        probe_large_slots=2,
        # Far apart, so that a busy machine, too, ends a job for the one that the job is about.
        probe_processor_seconds=0.5,
        probe_wall_seconds=4,
    ) as probe:
        yield probe


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts a probe of the test's own, with settings by name; see ``running``."""
    numbers = itertools.count()
    with ExitStack() as stack:

        def start(**settings: Any) -> Probe:
            return stack.enter_context(running(tmp_path / f"log-{next(numbers)}", **settings))

        yield start
