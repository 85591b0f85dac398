"""How readings are scored, and the images that are turned and skewed for it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bench.ocr import labelled
from bench.ocr.scoring import character_error_rate, character_f1, edit_distance, word_f1, words

RED, WHITE = (255, 0, 0), (255, 255, 255)


def slow_distance(one: str, other: str) -> int:
    """The textbook's table, a row at a time."""
    row = list(range(len(other) + 1))
    for place, wanted in enumerate(one, 1):
        above, row[0] = row[0], place
        for column, got in enumerate(other, 1):
            above, row[column] = (
                row[column],
                min(row[column] + 1, row[column - 1] + 1, above + (wanted != got)),
            )
    return row[-1]


SHORT = st.text("abcé\u0e01", max_size=90)


@given(SHORT, SHORT)
def test_the_edit_distance_is_that_of_the_textbook(one: str, other: str) -> None:
    assert edit_distance(one, other) == slow_distance(one, other)


def test_typographic_signs_capitals_and_widths_cost_nothing() -> None:
    typographic = "\u201cIt\u2019s \uff21\u2013\uff11\u201d"  # curly quotes, full-width A and 1, an en dash
    assert word_f1([typographic], ['"IT\'S a-1"']) == 1
    assert character_error_rate([typographic], ['"IT\'S a-1"']) == 0


def test_words_keep_the_vowel_signs_of_indian_and_thai_scripts() -> None:
    assert words("हिन्दी, தமிழ் (తెలుగు) ภาษาไทย") == ["हिन्दी", "தமிழ்", "తెలుగు", "ภาษาไทย"]


def test_word_f1_is_the_mean_of_what_was_found_and_what_was_right() -> None:
    assert word_f1(["one two three four"], ["two one"]) == pytest.approx(2 * 1 * 0.5 / 1.5)
    assert word_f1(["one two"], ["one two", "one two"]) == pytest.approx(2 / 3)
    assert word_f1(["one"], []) == 0
    assert word_f1([], []) == 1


def test_text_without_spaces_is_scored_by_character() -> None:
    assert word_f1(["日本語"], ["日木語"]) == 0
    assert word_f1(["日本語"], ["日木語"], "char") == pytest.approx(2 / 3)


def test_one_wrong_letter_costs_three_runs_of_characters() -> None:
    assert character_f1(["abcdefghij"], ["abcdeXghij"]) == pytest.approx(5 / 8)


def test_the_error_rate_counts_the_order_of_lines_and_not_their_breaks() -> None:
    assert character_error_rate(["ab cd", "ef"], ["abc", "d ef"]) == 0
    assert character_error_rate(["ab", "cd"], ["cd", "ab"]) == 1
    assert character_error_rate(["ab"], ["ab", "cdef"]) == 2


@pytest.mark.parametrize(("degrees", "corner"), [(90, (19, 0)), (180, (39, 19)), (270, (0, 39))])
def test_a_page_is_turned_clockwise(labelled_images: Path, degrees: int, corner: tuple[int, int]) -> None:
    (turned,) = labelled.turned(labelled.load(labelled_images)[:1], degrees)
    picture = opened(turned)
    assert picture.getpixel(corner) == RED
    assert picture.size == ((40, 20) if degrees == 180 else (20, 40))


def test_a_skewed_page_descends_to_the_right_and_its_corners_are_paper(labelled_images: Path) -> None:
    (skewed,) = labelled.skewed(labelled.load(labelled_images)[:1], 10)
    picture = opened(skewed)
    assert picture.width > 40
    assert picture.getpixel((0, 0)) == WHITE
    red = [
        (x, y)
        for y in range(picture.height)
        for x in range(picture.width)
        if isinstance(pixel := picture.getpixel((x, y)), tuple) and pixel[1] < 100
    ]
    first_of = {x: min(y for at, y in red if at == x) for x, _ in red}
    left, right = min(first_of), max(first_of)
    assert first_of[left + 3] <= first_of[right - 3]
    assert min(x for x, _ in red) > 0  # the top left corner moved away from the edge


def opened(image: labelled.Labelled) -> Image.Image:
    (path := image.path.with_name("made.png")).write_bytes(image.content)
    with Image.open(path) as picture:
        picture.load()
        return picture


def test_a_rendered_image_is_named_by_its_language(labelled_images: Path) -> None:
    assert [each.language for each in labelled.load(labelled_images)] == ["eng", "fra", "Arabic"]


def test_a_few_images_are_taken_from_the_whole_group(labelled_images: Path) -> None:
    images = labelled.load(labelled_images) * 4
    assert labelled.spread(images, None) == images
    assert labelled.spread(images, 2) == [images[0], images[6]]


@pytest.mark.skipif(not labelled.DATA.is_dir(), reason="the labelled images are not beside this checkout")
def test_the_groups_of_the_labelled_images_are_whole() -> None:
    images = labelled.load()
    assert len(labelled.simple(images)) == 13
    assert len(labelled.timed_complex(images)) == len(labelled.COMPLEX)
    assert len(labelled.latin_and_cjk(images)) == 9
    assert len(labelled.upright_complex(images)) == 27
    assert {f"syn_{code}" for code in labelled.SCRIPTS.values()} < {each.name for each in images}
    assert all(each.path.is_file() for each in images)
