"""The server that the tests of OCR ask: one that serves it, or they are skipped."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from tests.contract.conftest import address, asking_client


@pytest.fixture(scope="session")
def base_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a server with OCR."""
    with address(request.config, "ocr") as url:
        yield url


@pytest.fixture(scope="session")
def client(request: pytest.FixtureRequest) -> Iterator[httpx.Client]:
    """A client of OCR."""
    with asking_client(request, "ocr") as asking:
        yield asking
