"""Whatever the OpenAPI document says can be sent gets an answer that the document describes."""

from __future__ import annotations

from collections import Counter

import httpx
import pytest

from tests.contract.scenarios import EXAMPLES, scenarios

pytestmark = pytest.mark.server_only


def test_every_answer_is_one_that_the_document_describes(held: httpx.Client, base_url: str) -> None:
    del held
    sent: Counter[str] = Counter()
    for scenario in scenarios(base_url):
        record = scenario.recorder
        sent[record.label] += len(record.cases)
        for check in (each for checks in record.checks.values() for each in checks):
            failed = check.failure_info
            assert not failed, f"{record.label}: {failed.failure.message}\n{failed.code_sample}"
    assert sent["GET /download/{file}"] >= EXAMPLES
