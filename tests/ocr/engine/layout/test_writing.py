"""Pages that are not read from left to right, or not in rows."""

from __future__ import annotations

import pytest

from offing.ocr.engine.layout import arrange
from offing.ocr.engine.layout.letters import lean, needs_space, weight
from offing.ocr.engine.page import Line
from tests.ocr.engine.layout.pages import HEIGHT, PITCH, WIDTH, down, line, prose, read, turned

SKEWS = [-15.0, -4.0, 0.0, 4.0, 15.0]

ARABIC = "ميناء وراء البحر وفيه سفن كثيرة"
HEBREW = "נמל מעבר לים ובו אוניות רבות מאוד"
JAPANESE = "吾輩は猫である名前はまだ無いどこで生れたか"


def from_the_right(texts: list[str], right: float, y: float, script: str) -> list[Line]:
    return [
        line(text, right - 10 * len(text), y + PITCH * row, script=script) for row, text in enumerate(texts)
    ]


@pytest.mark.parametrize("degrees", SKEWS)
@pytest.mark.parametrize(("text", "script"), [(ARABIC, "Arab"), (HEBREW, "Hebr")])
def test_columns_of_a_script_read_from_the_right_begin_at_the_right(
    text: str, script: str, degrees: float
) -> None:
    first, second = ([f"{text} {letter}{row}" for row in range(12)] for letter in "אב")
    page = from_the_right(first, 1100, 100, script) + from_the_right(second, 580, 100, script)
    assert read(turned(page, degrees)) == first + second


def test_pieces_of_an_arabic_row_are_joined_from_the_right() -> None:
    page = [line("السعر", 500, 100, script="Arab"), line("12.50", 300, 100, script="Zyyy")]
    assert read(page) == ["السعر 12.50"]
    blocks, _ = arrange(page, WIDTH, HEIGHT)
    assert blocks[0].lines[0].bbox == ((300, 100), (550, 100), (550, 120), (300, 120))


def test_an_english_row_of_an_arabic_page_is_joined_from_the_left() -> None:
    page = from_the_right([ARABIC] * 4, 800, 100, "Arab")
    page += [line("Harbour", 400, 220), line("Stores", 490, 220)]
    assert read(page)[-1] == "Harbour Stores"


def test_an_arabic_row_of_an_english_page_is_joined_from_the_right() -> None:
    page = [line("وراء", 400, 220, script="Arab"), line("ميناء", 490, 220, script="Arab")]
    assert read(prose("A", 100, 100, 4) + page)[-1] == "ميناء وراء"


@pytest.mark.parametrize("degrees", SKEWS)
def test_japanese_columns_are_read_from_the_right(degrees: float) -> None:
    page = [down(f"{number}{JAPANESE}", 900 - 30 * number, 200) for number in range(10)]
    assert read(turned(page, degrees)) == [f"{number}{JAPANESE}" for number in range(10)]


@pytest.mark.parametrize("degrees", SKEWS)
def test_tiers_of_japanese_columns_are_read_from_the_top(degrees: float) -> None:
    upper = [down(f"上{number}{JAPANESE}", 900 - 30 * number, 100) for number in range(10)]
    lower = [down(f"下{number}{JAPANESE}", 900 - 30 * number, 640) for number in range(10)]
    expected = [f"{tier}{number}{JAPANESE}" for tier in "上下" for number in range(10)]
    assert read(turned(upper + lower, degrees)) == expected


def test_pieces_of_a_japanese_column_are_joined_without_a_space() -> None:
    page = [down("吾輩は", 500, 100), down("猫である", 500, 165), down("名前はまだ無い", 470, 100)]
    assert read(page) == ["吾輩は猫である", "名前はまだ無い"]
    blocks, _ = arrange(page, WIDTH, HEIGHT)
    first = blocks[0].lines[0]
    assert first.vertical
    assert first.bbox == ((500, 100), (520, 100), (520, 245), (500, 245))


def test_a_character_left_over_in_a_column_of_its_own_ends_the_text() -> None:
    page = [down(JAPANESE, 500 - 30 * number, 100) for number in range(4)]
    last = line("た", 380, 100, width=20, script="Jpan")
    assert read([last, *page])[-1] == "た"


def test_a_heading_across_comes_before_the_columns_below_it_and_a_caption_after_those_above() -> None:
    page = [down(f"{number}{JAPANESE}", 900 - 30 * number, 200) for number in range(10)]
    heading, caption = line("港の新聞", 640, 100, 40, script="Jpan"), line("図一", 640, 800, script="Jpan")
    texts = read([*page, heading, caption])
    assert (texts[0], texts[-1]) == ("港の新聞", "図一")


def test_a_few_columns_written_downwards_stay_together_on_a_page_of_rows() -> None:
    aside = [down("縦書きの文", 1000, 60), down("二行目です", 970, 60)]
    texts = read(prose("A", 100, 200, 20) + aside)
    assert texts[:2] == ["縦書きの文", "二行目です"]


def test_figures_detected_as_a_tall_box_stay_between_their_rows() -> None:
    page = prose("A", 200, 100, 10)
    tall = ((120.0, 140.0), (140.0, 140.0), (140.0, 240.0), (120.0, 240.0))
    texts = read([*page, Line("23456", 0.6, tall, script="Zyyy", vertical=True)])
    assert texts.index("23456") == 2


def test_text_turned_by_a_quarter_is_joined_with_nothing() -> None:
    page = prose("A", 200, 100, 10)
    turned_note = ((120.0, 300.0), (120.0, 100.0), (140.0, 100.0), (140.0, 300.0))
    texts = read([*page, Line("arXiv note", 0.9, turned_note)])
    assert "arXiv note" in texts
    assert len(texts) == 11


def test_chinese_is_joined_without_a_space_unless_far_apart() -> None:
    near = [
        line("港口的", 100, 100, width=60, script="Hani"),
        line("灯塔", 165, 100, width=40, script="Hani"),
    ]
    far = [line("商品", 100, 100, width=40, script="Hani"), line("价格", 400, 100, width=40, script="Hani")]
    assert read(near) == ["港口的灯塔"]
    assert read(far) == ["商品 价格"]


@pytest.mark.parametrize(
    ("before", "after", "spaced"),
    [
        ("harbour", "lantern", True),
        ("港口", "灯塔", False),
        ("港口", "12", True),
        ("항구", "등대", True),
        ("ท่าเรือ", "ประภาคาร", False),
        ("港口。", "灯塔", False),
    ],
)
def test_a_space_is_needed_where_one_side_writes_them(before: str, after: str, *, spaced: bool) -> None:
    assert needs_space(before, after) is spaced


def test_letters_are_counted_by_what_they_say() -> None:
    assert weight("ab 12.50") == 2
    assert weight("港口") == 4


def test_a_line_leans_as_most_of_its_letters_or_else_as_its_script() -> None:
    assert lean(line("abc م", 0, 0)) == 2
    assert lean(line("ميناء a", 0, 0)) == -4
    assert lean(line("12", 0, 0, script="Arab")) == -1
    assert lean(line("12", 0, 0, script="Zyyy")) == 0
