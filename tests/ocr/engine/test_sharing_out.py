"""Sharing a page's lines out among two threads: where a line is cut, and how its parts are joined."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ocr.engine.crops import Crop
from offing.ocr.engine.recognised import Recognised, Span
from offing.ocr.engine.sharing_out import CALL, WORTH, best_cut, gaps, joined
from tests.ocr.engine.drawn import line, page, reader

HEIGHT = 48
LONG = "Harbour lights of the northern coast and the old pilot"


def columns(crop: Crop) -> int:
    return int(crop.shape[1] * HEIGHT / len(crop))


def slower(widths: Sequence[int]) -> int:
    """Columns of the slower of two threads, by trying every way to share them out."""
    loads = [width + CALL for width in widths]
    ways = (
        sum(load for place, load in enumerate(loads) if chosen >> place & 1)
        for chosen in range(1 << len(loads))
    )
    return min(max(way, sum(loads) - way) for way in ways)


@pytest.mark.parametrize("text", ["Harbour lights of the coast", "Keel 12 Mast", "a b"])
def test_the_gaps_of_a_line_are_those_between_its_words(text: str) -> None:
    found = gaps(line(text))
    assert len(found) == text.count(" ")


def test_a_line_on_a_dark_and_uneven_ground_has_the_same_gaps() -> None:
    crop = line("Harbour lights of the coast")
    shade = np.linspace(0, 60, crop.shape[1])[None, :, None]
    dark = (255 - crop) * 0.7 + shade
    assert gaps(dark.astype(np.uint8)) == pytest.approx(gaps(crop), abs=2)


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (40, 900), (900, 40)])
def test_an_empty_line_has_no_gaps(shape: tuple[int, int], value: int) -> None:
    assert gaps(np.full((*shape, 3), value, np.uint8)) == []


def test_a_line_within_a_frame_has_no_gaps() -> None:
    crop = line(LONG)
    crop[len(crop) // 2] = 0
    assert gaps(crop) == []


def test_a_line_alone_is_cut_near_its_middle() -> None:
    crop = line(LONG)
    cut = best_cut([crop], columns)
    assert cut is not None
    assert cut.place == 0
    assert cut.column / crop.shape[1] == pytest.approx(0.5, abs=0.1)
    assert cut.column in gaps(crop)


@given(st.lists(st.integers(1, len(LONG)), min_size=1, max_size=7))
def test_a_cut_spares_the_slower_thread_what_it_is_worth(ends: list[int]) -> None:
    crops = [line(LONG[:end]) for end in ends]
    cut = best_cut(crops, columns)
    widths = [columns(crop) for crop in crops]
    if cut is None:
        return
    parts = crops[cut.place][:, : cut.column], crops[cut.place][:, cut.column :]
    others = widths[: cut.place] + widths[cut.place + 1 :]
    # Sharing out by the widest first is at most a sixth worse than the best way.
    assert slower([*others, *map(columns, parts)]) <= slower(widths) * 7 / 6 - WORTH


@pytest.mark.parametrize("count", [2, 4])
def test_lines_that_share_out_evenly_are_not_cut(count: int) -> None:
    assert best_cut([line(LONG)] * count, columns) is None


def test_a_short_line_and_a_line_of_one_word_are_not_cut() -> None:
    assert best_cut([line("Harbour at")], columns) is None
    assert best_cut([line("Harbourlightsofthenortherncoast")], columns) is None
    assert best_cut([], columns) is None


def test_parts_are_joined_with_a_space_and_their_words_lie_on_the_whole_line() -> None:
    first = Recognised("of the", 0.9, (Span("of", 0.8, 0.0, 0.5), Span("the", 1.0, 0.5, 1.0)), "small")
    second = Recognised("old", 0.6, (Span("old", 0.6, 0.0, 1.0),), "small")
    whole = joined(first, second, 0.75)
    assert whole.text == "of the old"
    assert whole.engine == "small"
    assert whole.confidence == pytest.approx((6 * 0.9 + 3 * 0.6) / 9)
    assert [span.text for span in whole.spans] == whole.text.split()
    assert [(span.start, span.end) for span in whole.spans] == [(0.0, 0.375), (0.375, 0.75), (0.75, 1.0)]


@pytest.mark.parametrize(
    ("before", "after"), [("夕方、", "北の空に"), ("電話", "12345"), ("Tel", "番号"), ("「海", "港」")]
)
def test_chinese_and_japanese_signs_are_joined_without_a_space(before: str, after: str) -> None:
    first, second = (Recognised(text, 0.5, (Span(text, 0.5, 0.0, 1.0),)) for text in (before, after))
    whole = joined(first, second, 0.4)
    assert whole.text == before + after
    assert whole.spans == (Span(before + after, 0.5, 0.0, 1.0),)


def test_a_part_that_holds_nothing_adds_nothing() -> None:
    blank = Recognised("", 0.0)
    word = Recognised("old", 0.6, (Span("old", 0.6, 0.0, 1.0),))
    assert joined(blank, word, 0.25) == Recognised("old", 0.6, (Span("old", 0.6, 0.25, 1.0),))
    assert joined(word, blank, 0.25) == Recognised("old", 0.6, (Span("old", 0.6, 0.0, 0.25),))
    assert joined(blank, blank, 0.5) == blank


def test_a_page_of_one_long_line_reads_as_before() -> None:
    opened = reader()
    try:
        pixels = page(LONG, width=900)
        found = opened.read(pixels)
        assert found.text == LONG
        words = next(found.lines).words
        assert [word.text for word in words] == LONG.split()
        lefts = [word.bbox[0][0] for word in words]
        assert lefts == sorted(lefts)
    finally:
        opened.close()
