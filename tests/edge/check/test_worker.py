"""Mistakes in what only the Worker reads are found: its variables, queues, buckets, limits and files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.edge.check.conftest import Check

GREETING = '"GREETING": "hello"'
PLACE = '"secrets":'
QUEUES = """"queues": {
    "producers": [{ "binding": "JOBS", "queue": "jobs" }],
    "consumers": [{ "queue": "jobs", "dead_letter_queue": "dead", "max_batch_size": 1, "max_retries": 5 },
                  { "queue": "dead" }]
  }"""
RATES = '"ratelimits": [{ "name": "RATE", "namespace_id": "1001", "simple": { "limit": 60, "period": 60 } }]'
BUCKETS = '"r2_buckets": [{ "binding": "STORE", "bucket_name": "a-store" }]'
DATA_SETS = '"analytics_engine_datasets": [{ "binding": "REQUESTS", "dataset": "offing_requests" }]'
FILES = '"assets": { "directory": ".", "binding": "ASSETS", "run_worker_first": true }'
CRON = '"triggers": { "crons": ["* * * * *"] }'
SOUND = f"{QUEUES}, {RATES}, {BUCKETS}, {DATA_SETS}, {FILES}, {CRON}"


@pytest.mark.parametrize(
    "variable",
    [
        '"OCR_ROUTING": "fill-first"', '"XET_ROUTING": "random"', '"OCR_ROUTING": ""',
        '"OCR_CONCURRENCY": "4"',
        '"OCR_UPSTREAM": "https://gpu.example:8443/ocr"', '"OCR_UPSTREAM_SHARE": "0.25"',
        '"OCR_UPSTREAM_SHARE": "1"', '"OCR_UPSTREAM_OVERFLOW": "true"', '"OCR_UPSTREAM_SECONDS": "900"',
        '"XET_MAX_BODY_BYTES": "1000"', '"XET_REQUEST_SECONDS": "60"', '"LOG_SAMPLE": "0.1"',
        '"ANSWER_CACHE_SECONDS": "0"', '"SERVICES": "ocr, xet"', '"SERVICES": ""', '"KEEP_WARM": ""',
        '"OFFING_JOBS_KEEP_SECONDS": "86400"', '"OCR_LANG": "de"', '"OWN": "anything"',
    ],
)  # fmt: skip
def test_what_the_worker_understands_is_not_found(spoiled: Check, variable: str) -> None:
    assert [each.wrong for each in spoiled(GREETING, variable)] == []


@pytest.mark.parametrize(
    ("variable", "wrong"),
    [
        ('"OCR_ROUTING": "round-robin"', "must be one of fill-first, random, single"),
        ('"OCR_CONCURRENCY": "0"', "must be a whole number above 0"),
        ('"OCR_CONCURRENCY": 4', "is no text"),
        ('"OCR_UPSTREAM": "gpu.example"', "must be an address"),
        ('"OCR_UPSTREAM": "https://"', "must be an address"),
        ('"OCR_UPSTREAM": "https://me:word@gpu.example"', "without a user's name"),
        ('"OCR_UPSTREAM": "https://gpu.example:port"', "must be an address"),
        ('"OCR_UPSTREAM_SHARE": "1.5"', "must be a number from 0 to 1"),
        ('"OCR_UPSTREAM_SHARE": "-1"', "must be a number from 0 to 1"),
        ('"OCR_UPSTREAM_SHARE": "nan"', "must be a number from 0 to 1"),
        ('"OCR_UPSTREAM_OVERFLOW": "yes"', 'must be "true" or "false"'),
        ('"OCR_UPSTREAM_SECONDS": "901"', "at most 900"),
        ('"XET_MAX_BODY_BYTES": "5 MB"', "must be a whole number above 0"),
        ('"XET_REQUEST_SECONDS": "0"', "must be a number of seconds above 0"),
        ('"LOG_SAMPLE": "10%"', "must be a number from 0 to 1"),
        ('"ANSWER_CACHE_SECONDS": "1h"', "must be a number of seconds; 0 for none"),
        ('"SERVICES": "ocr fourth"', "SERVICES names fourth, which has no container"),
        ('"KEEP_WARM": "ocr"', "needs a cron trigger"),
        ('"OCR_ROUTNG": "single"', "nothing reads OCR_ROUTNG"),
        ('"KEEP_WARN": ""', "nothing reads KEEP_WARN"),
        ('"OCR_UPSTREAM_KEY": "k"', "OCR_UPSTREAM_KEY is a secret"),
        ('"OFFING_JOBS_WEBHOOK_KEY": "k"', "OFFING_JOBS_WEBHOOK_KEY is a secret"),
    ],
)
def test_what_it_does_not_is_found(spoiled: Check, variable: str, wrong: str) -> None:
    found = spoiled(GREETING, variable)
    assert any(wrong in each.wrong for each in found), [each.wrong for each in found]
    name = variable.split('"')[1]
    assert {each.path for each in found} == {f"vars.{name}"}


def test_what_is_kept_warm_has_to_be_deployed(spoiled: Check) -> None:
    document = f'"SERVICES": "xet", "KEEP_WARM": "ocr" }}, {CRON}, "unused": {{ "a": "b"'
    (found,) = spoiled(GREETING, document)
    assert found.wrong == "KEEP_WARM names ocr, which SERVICES leaves out"


def test_a_sound_worker_is_not_found(spoiled: Check) -> None:
    assert [each.wrong for each in spoiled(PLACE, f"{SOUND}, {PLACE}")] == []


@pytest.mark.parametrize(
    ("text", "instead", "path", "wrong"),
    [
        (', "dead_letter_queue": "dead"', "", "queues.consumers[0]", "the queue jobs has no dead letters"),
        ('"dead_letter_queue": "dead"', '"dead_letter_queue": "jobs"', "queues.consumers[0]", "go to itself"),
        ('{ "queue": "dead" }', '{ "queue": "jobs", "dead_letter_queue": "dead" }',
         "queues.consumers[1]", "the queue jobs is consumed twice"),
        ('"queue": "jobs" }', '"queue": "other" }', "queues.producers[0]", "nobody consumes the queue other"),
        ('"queue": "jobs" }', '"queue": "Jobs!" }', "queues.producers[0]", "no name of a queue"),
        ('"max_batch_size": 1', '"max_batch_size": 101', "queues.consumers[0].max_batch_size",
         "from 1 to 100"),
        ('"max_retries": 5', '"max_retries": "5"', "queues.consumers[0].max_retries", "from 0 to 100"),
        ('"period": 60', '"period": 30', "ratelimits[0].simple.period", "neither 10 nor 60"),
        ('"limit": 60', '"limit": 0', "ratelimits[0].simple.limit", "no whole number above 0"),
        ('"1001"', '"mine"', "ratelimits[0]", "namespace_id is no number"),
        ('"a-store"', '"A store"', "r2_buckets[0]", "no name of a bucket"),
        ('"binding": "STORE"', '"binding": "JOBS"', "r2_buckets[0]", "JOBS is bound more than once"),
        ('"binding": "STORE"', '"binding": "XET"', "r2_buckets[0]", "XET is bound more than once"),
        ('"binding": "STORE", ', "", "r2_buckets[0]", "the binding has no name"),
        ('"offing_requests"', '"offing-requests"', "analytics_engine_datasets[0]", "no name of one"),
        ('"directory": "."', '"directory": "pages"', "assets", "no folder pages"),
        ('"run_worker_first": true', '"run_worker_first": false', "assets.run_worker_first",
         "before the Worker"),
    ],
)  # fmt: skip
def test_each_mistake_in_a_binding_is_found(
    spoiled: Check, text: str, instead: str, path: str, wrong: str
) -> None:
    assert text in SOUND
    found = spoiled(PLACE, f"{SOUND.replace(text, instead, 1)}, {PLACE}")
    assert any(each.path == path and wrong in each.wrong for each in found), [
        (each.path, each.wrong) for each in found
    ]
