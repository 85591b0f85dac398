"""Whatever the OpenAPI document says can be sent gets an answer that the document describes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
import schemathesis
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

from tests.contract.asking import ANALYSIS, BY_URL

pytestmark = pytest.mark.server_only

EXAMPLES = 80
BEYOND_A_SCHEMA = ["positive_data_acceptance"]
"""No schema can say that some bytes are an image, or that something answers at a URL."""


def scenarios(base_url: str) -> Iterator[ScenarioFinished]:
    """What was sent, phase by phase and route by route: examples, edge cases, then random ones."""
    schema = schemathesis.openapi.from_url(f"{base_url}/openapi.json")
    schema.config.generation.update(max_examples=EXAMPLES, deterministic=True, database="none")
    schema.config.checks.update(excluded_check_names=BEYOND_A_SCHEMA)
    for event in from_schema(schema).execute():
        assert not isinstance(event, FatalError | NonFatalError), event
        if isinstance(event, ScenarioFinished):
            yield event


def test_every_answer_is_one_that_the_document_describes(base_url: str) -> None:
    sent: Counter[str] = Counter()
    for scenario in scenarios(base_url):
        record = scenario.recorder
        sent[record.label] += len(record.cases)
        for check in (each for checks in record.checks.values() for each in checks):
            failed = check.failure_info
            assert not failed, f"{record.label}: {failed.failure.message}\n{failed.code_sample}"
    assert sent[f"POST {ANALYSIS}"] >= EXAMPLES
    assert sent[f"POST {BY_URL}"] >= EXAMPLES
