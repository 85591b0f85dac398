"""A long document through the Worker: it is streamed in, and its pages are streamed out."""

from __future__ import annotations

import json
import time

import httpx

from tests.contract.ocr.asking import LABEL_LINES, OCR
from tests.e2e.conftest import Measured
from tests.e2e.edge import Edge
from tests.e2e.services import MB, PAGES, READING, document
from tests.e2e.traffic import ask, is_right

KEPT = 6 * MB
"""A larger upload is not kept by the Worker but passed on while it comes."""


def test_a_document_is_answered_page_by_page(edge: Edge, measured: Measured) -> None:
    small = READING.small()
    assert is_right(ask(edge.url, small), small)  # it is awake
    upload = document(compression="raw")
    assert len(upload) > KEPT
    headers = {"Content-Type": "image/tiff", "Accept": "application/x-ndjson"}
    pages, seconds = [], []
    begun = time.monotonic()
    with httpx.stream(
        "POST", edge.url + OCR, content=upload, headers=headers, timeout=60, trust_env=False
    ) as answer:
        assert answer.headers["content-type"] == "application/x-ndjson"
        for line in answer.iter_lines():
            pages.append(json.loads(line))
            seconds.append(time.monotonic() - begun)
    measured(f"ocr: {PAGES} pages through the Worker", f"first {seconds[0]:.2f} s, last {seconds[-1]:.2f} s")
    assert [page["number"] for page in pages] == list(range(1, PAGES + 1))
    for page in pages:
        assert [line["text"] for block in page["blocks"] for line in block["lines"]] == LABEL_LINES
    # No two pages are done at the same moment, so at worst a few come together.
    assert seconds[0] < seconds[-1] / 2
    assert len({round(each, 2) for each in seconds}) > PAGES / 2
