"""One hub for these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.xet.hub_files import fill
from tests.xet.hub_fixture import RunningHub, running_hub


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    """A hub with a model, a data set and a private model."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        fill(running)
        yield running


@pytest.fixture
def hub(served: RunningHub) -> Iterator[RunningHub]:
    """The hub without troubles and with an empty log."""
    served.log.clear()
    yield served
    served.set_faults()
