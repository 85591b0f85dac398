"""Hostile files and forms: an answer soon, telling nothing; and the next client is served at once."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.contract.asking import AT_ONCE
from tests.contract.ocr.asking import LIVE, label, pdf, refusal, send, upload
from tests.hostile import corpus
from tests.hostile.forms import Form, forms
from tests.hostile.upload import Upload

LONGEST = 10.0
"""Seconds that a hostile upload may take: a picture of many pixels is read, not only decoded."""
RIGHT = frozenset({200, 400, 413, 415, 422, 431})
CUTS = 24


def assert_alive(client: httpx.Client) -> None:
    """The server answers at once."""
    started = time.perf_counter()
    assert client.get(LIVE).status_code == 200
    assert time.perf_counter() - started < AT_ONCE


def assert_right(response: httpx.Response, started: float) -> None:
    """A picture is read, anything else is refused in the usual shape, and both soon."""
    assert time.perf_counter() - started < LONGEST
    assert response.status_code in RIGHT, response.text
    if response.status_code >= 400:
        refusal(response, response.status_code)


def _uploads() -> Iterator[object]:
    """All files; through the Worker only the representative ones, for it takes the same way each time."""
    for each in corpus.uploads():
        marks = () if each.representative else (pytest.mark.server_only,)
        yield pytest.param(each, id=each.name, marks=marks)


@pytest.mark.parametrize("hostile", list(_uploads()))
def test_a_hostile_file_gets_an_answer_soon(client: httpx.Client, hostile: Upload) -> None:
    data = hostile.make()
    started = time.perf_counter()
    assert_right(upload(client, data), started)
    assert_alive(client)


@pytest.mark.parametrize("hostile", list(forms()), ids=lambda form: form.name)
def test_a_hostile_form_gets_an_answer_soon(client: httpx.Client, hostile: Form) -> None:
    body = hostile.make().replace(b'"image"', b'"file"')
    started = time.perf_counter()
    assert_right(send(client, body, hostile.content_type), started)
    assert_alive(client)


@pytest.mark.parametrize("whole", [label(), pdf()], ids=["png", "pdf"])
def test_a_file_cut_off_anywhere_is_refused_or_read(client: httpx.Client, whole: bytes) -> None:
    for cut in range(0, len(whole), len(whole) // CUTS):
        assert_right(upload(client, whole[:cut], {"quality": "fast"}), time.perf_counter())
    assert_alive(client)


@pytest.mark.parametrize("format_", ["ndjson", "pdf", "png", "hocr"])
def test_a_hostile_file_is_refused_in_every_format(client: httpx.Client, format_: str) -> None:
    for data in (b"", b"garbage", label()[:500], pdf()[:500]):
        refusal(upload(client, data, {"format": format_}), 422 if data != b"garbage" else 415)
