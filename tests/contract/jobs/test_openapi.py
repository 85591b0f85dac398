"""Whatever the OpenAPI document says of jobs can be sent gets an answer that the document describes."""

from __future__ import annotations

from collections import Counter

import httpx
import pytest

from tests.contract.jobs.asking import DOWNLOAD_JOBS, OCR_JOBS
from tests.contract.scenarios import EXAMPLES, scenarios

pytestmark = pytest.mark.server_only


def test_every_answer_about_jobs_is_one_that_the_document_describes(
    request: pytest.FixtureRequest, held: httpx.Client, client: httpx.Client
) -> None:
    del held
    if request.config.getoption("in_process", default=False):
        pytest.skip("needs a socket")
    sent: Counter[str] = Counter()
    for scenario in scenarios(str(client.base_url).rstrip("/"), "/jobs"):
        record = scenario.recorder
        sent[record.label] += len(record.cases)
        for check in (each for checks in record.checks.values() for each in checks):
            failed = check.failure_info
            assert not failed, f"{record.label}: {failed.failure.message}\n{failed.code_sample}"
    for path in (OCR_JOBS, DOWNLOAD_JOBS):
        assert sent[f"POST {path}"] >= EXAMPLES
        assert sent[f"GET {path}/{{id}}"] >= EXAMPLES
