"""Hostile files and forms: the right answer, soon, telling nothing; and the next client is served at once."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.contract.asking import assert_alive, error_of, send, upload
from tests.hostile import corpus, truncations
from tests.hostile.forms import Form, forms
from tests.hostile.upload import Upload

LONGEST = 5.0
"""Seconds that the answer to a hostile upload may take."""
REFUSALS = {
    "Unsupported image type",
    "Image exceeds maximum allowed size (5MB)",
    "Image exceeds maximum allowed pixels",
    "Empty image file",
    "Invalid or corrupted image file",
}


def _uploads() -> Iterator[object]:
    """All files; through the Worker only the representative ones, for it takes the same way each time."""
    for each in corpus.uploads():
        marks = () if each.representative else (pytest.mark.server_only,)
        yield pytest.param(each, id=each.name, marks=marks)


@pytest.mark.parametrize("hostile", list(_uploads()))
def test_a_hostile_file_gets_the_right_answer_soon(client: httpx.Client, hostile: Upload) -> None:
    data = hostile.make()
    started = time.perf_counter()
    response = upload(client, data, hostile.content_type)
    assert time.perf_counter() - started < LONGEST
    assert response.status_code in hostile.right, response.text
    if response.status_code >= 400:
        assert error_of(response, response.status_code)["error"] in REFUSALS
    assert_alive(client)


@pytest.mark.parametrize("hostile", list(forms()), ids=lambda form: form.name)
def test_a_hostile_form_gets_the_right_answer_soon(client: httpx.Client, hostile: Form) -> None:
    body = hostile.make()
    started = time.perf_counter()
    response = send(client, body, hostile.content_type)
    assert time.perf_counter() - started < LONGEST
    assert response.status_code in hostile.right, response.text
    assert_alive(client)


def test_a_png_cut_off_after_any_byte_is_refused_unless_its_rows_are_whole(client: httpx.Client) -> None:
    _check_each(client, truncations.of_png())


def test_a_jpeg_cut_off_after_any_byte_is_refused_unless_its_blocks_are_whole(client: httpx.Client) -> None:
    _check_each(client, truncations.of_jpeg())


def _check_each(client: httpx.Client, cuts: Iterator[Upload]) -> None:
    for cut in cuts:
        response = upload(client, cut.make(), cut.content_type)
        assert response.status_code in cut.right, (cut.name, response.text)
    assert_alive(client)
