"""A hub that is filled once, for all tests of the reader that stand on real uploads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.xet.engine.stocked import FILES, REPOSITORY, Stocked
from tests.xet.hub_fixture import RunningHub, running_hub


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """The hub, filled by the real client: a commit for each file, so that each has xorbs of its own."""
    with running_hub(tmp_path_factory.mktemp("stocked")) as hub:
        for path, content in FILES.items():
            hub.upload(REPOSITORY, {path: content})
        yield hub


@pytest.fixture
def stocked(filled: RunningHub) -> Iterator[Stocked]:
    """The filled hub without faults."""
    stocked = Stocked(filled)
    stocked.reset()
    yield stocked
    stocked.reset()


@pytest.fixture(scope="module")
def filled_anew(filled: RunningHub) -> Stocked:
    """The filled hub, for a test that runs many times and resets it each time."""
    return Stocked(filled)
