"""``cached``: an answer that was worked out before is given again, and says so."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.contract.asking import unique_image, upload, without_the_moment


def test_the_first_answer_is_fresh_and_the_second_is_cached(client: httpx.Client) -> None:
    image = unique_image()
    first, second = upload(client, image), upload(client, image)
    assert first.json()["cached"] is False
    assert second.json()["cached"] is True
    assert without_the_moment(first) == without_the_moment(second)
    assert list(first.json()) == list(second.json())


@pytest.mark.parametrize(
    ("once", "again"),
    [
        ({}, {"metrics": "brightness"}),
        ({"metrics": " Median "}, {"metrics": "median,,median"}),
        ({"edge_mode": "ALL"}, {"edge_mode": " all "}),
    ],
)
def test_the_same_question_in_other_words_is_cached(
    client: httpx.Client, once: dict[str, str], again: dict[str, str]
) -> None:
    image = unique_image()
    assert upload(client, image, params=once).json()["cached"] is False
    assert upload(client, image, params=again).json()["cached"] is True


def test_another_question_about_the_same_image_is_answered_by_itself(client: httpx.Client) -> None:
    image = unique_image()
    questions = [
        {},
        {"metrics": "median"},
        {"edge_mode": "all"},
        {"edge_mode": "top_bottom"},
        {"metrics": "histogram"},
    ]
    answers = [set(without_the_moment(upload(client, image, params=each))) for each in questions]
    assert answers[0] != answers[1] != answers[2]
    modes = [upload(client, image, params=each).json().get("edge_mode") for each in questions]
    assert modes == [None, None, "all", "top_bottom", None]


def test_images_that_differ_in_one_pixel_do_not_share_an_answer(client: httpx.Client) -> None:
    assert upload(client, unique_image()).json()["cached"] is False
    assert upload(client, unique_image()).json()["cached"] is False


def test_many_who_ask_the_same_at_once_get_the_same_numbers(client: httpx.Client) -> None:
    image = unique_image(600, 400)
    with ThreadPoolExecutor(8) as asking:
        answers = list(asking.map(lambda _: upload(client, image, params={"metrics": "median"}), range(8)))
    assert all(without_the_moment(each) == without_the_moment(answers[0]) for each in answers)
    assert upload(client, image, params={"metrics": "median"}).json()["cached"] is True
