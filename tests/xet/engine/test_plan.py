"""Plans: both versions tell the same, and what no store can mean is refused."""

from __future__ import annotations

import json
import random
import time
from typing import Any

import pytest

from offing.xet.engine.plan import BadPlan, read_plan
from tests.xet.engine.xorbs import plan_body, some_xorb

XORB = some_xorb(random.Random(5), 12)  # noqa: S311  the same in every run
OTHER = some_xorb(random.Random(6), 4)  # noqa: S311  the same in every run
TERMS = [(XORB, 2, 7), (OTHER, 0, 4), (XORB, 9, 12)]
LENGTHS = [sum(map(len, xorb.chunks[first:end])) for xorb, first, end in TERMS]


@pytest.mark.parametrize("version", [1, 2])
def test_terms_follow_each_other_from_where_the_window_begins(version: int) -> None:
    terms = read_plan(plan_body(version, TERMS, skip=5), version, 1000, 1000 + sum(LENGTHS) - 5)
    assert [(term.first_chunk, term.end_chunk) for term in terms] == [(2, 7), (0, 4), (9, 12)]
    assert [term.length for term in terms] == LENGTHS
    assert [term.offset for term in terms] == [995, 995 + LENGTHS[0], 995 + LENGTHS[0] + LENGTHS[1]]
    assert [(term.fetch.first_byte, term.fetch.last_byte) for term in terms] == [
        xorb.span(first, end) for xorb, first, end in TERMS
    ]


def test_a_term_is_read_by_the_fetch_of_its_own_chunks_or_else_by_one_that_has_them() -> None:
    told = json.loads(plan_body(2, [(XORB, 2, 7)]))
    ranges = told["xorbs"][XORB.hash][0]["ranges"]
    low, high = XORB.span(0, 12)
    ranges.insert(0, {"chunks": {"start": 0, "end": 12}, "bytes": {"start": low, "end": high}})
    (term,) = read_plan(json.dumps(told).encode(), 2, 0, None)
    assert (term.fetch.first_chunk, term.fetch.end_chunk) == (2, 7)
    del ranges[1]
    (term,) = read_plan(json.dumps(told).encode(), 2, 0, None)
    assert (term.fetch.first_chunk, term.fetch.end_chunk) == (0, 12)


def test_a_plan_of_very_many_terms_and_fetches_is_read_in_no_time() -> None:
    count = 30_000
    told = {
        "offset_into_first_range": 0,
        "terms": [
            {"hash": XORB.hash, "range": {"start": place, "end": place + 2}, "unpacked_length": 2}
            for place in range(count)
        ],
        "xorbs": {
            XORB.hash: [
                {
                    "url": "http://store.test/x",
                    "ranges": [
                        {
                            "chunks": {"start": place, "end": place + 3},
                            "bytes": {"start": 100 * place, "end": 100 * place + 99},
                        }
                        for place in range(count)
                    ],
                }
            ]
        },
    }
    begun = time.process_time()
    assert len(read_plan(json.dumps(told).encode(), 2, 0, None)) == count
    assert time.process_time() - begun < 3


def test_a_window_of_nothing_has_no_terms() -> None:
    assert read_plan(plan_body(2, []), 2, 0, None) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("offset_into_first_range",), -1),
        (("offset_into_first_range",), LENGTHS[0]),
        (("offset_into_first_range",), 1),
        (("offset_into_first_range",), "0"),
        (("terms", 0, "unpacked_length"), 4),
        (("terms", 0, "unpacked_length"), 5 * 131_072 + 1),
        (("terms", 0, "range", "end"), 2),
        (("terms", 0, "range", "start"), -1),
        (("terms", 0, "range", "end"), 70_000),
        (("terms", 0, "range", "end"), 8),
        (("terms", 0, "hash"), "0" * 64),
        (("terms", 0, "hash"), "../" + "0" * 61),
        (("xorbs", XORB.hash, 0, "ranges", 0, "bytes", "start"), -1),
        (("xorbs", XORB.hash, 0, "ranges", 0, "bytes", "end"), 2**60),
        (("xorbs", XORB.hash, 0, "ranges", 0, "bytes", "end"), 0),
        (("xorbs", XORB.hash, 0, "ranges", 0, "chunks", "start"), 3),
        (("xorbs", XORB.hash, 0, "url"), None),
        (("xorbs",), {}),
        (("terms",), None),
    ],
)
def test_a_plan_that_cannot_be_true_is_refused(path: tuple[Any, ...], value: object) -> None:
    told = json.loads(plan_body(2, TERMS))
    place = told
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(BadPlan):
        read_plan(json.dumps(told).encode(), 2, 0, sum(LENGTHS))


@pytest.mark.parametrize(
    "body",
    [
        b'{"offset_into_first_range": 0, "terms": [], "xorbs": {"\x99": []}}',
        b'{"offset_into_first_range": 0, "terms": [], "xorbs": {"\\ud800": []}, "\x99": 1}',
        b"",
        b"[]",
        b"{}",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"terms": [], "x": 1e999}',
    ],
)
def test_what_is_no_plan_is_refused(body: bytes) -> None:
    for version in (1, 2):
        with pytest.raises(BadPlan):
            read_plan(body, version, 0, 1)
