"""The reader: whatever array it is given, a page or a clear error."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from offing.ocr import Reader, ReadOptions
from offing.ocr.engine import models
from offing.ocr.engine.crew import Left
from offing.ocr.engine.crops import Pixels
from offing.ocr.engine.loaded import SETS
from offing.ocr.engine.options import Quality
from offing.ocr.engine.orientation import Orienter
from tests.ocr.engine.drawn import page, reader

FAST = ReadOptions(quality="fast")
PAGE = page("Harbour lights", "of the coast")
TEXT = "Harbour lights\nof the coast"


@pytest.fixture(scope="module")
def fast() -> Iterator[Reader]:
    opened = reader()
    yield opened
    opened.close()


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_places_are_those_of_the_page_as_it_is_given(fast: Reader, degrees: int) -> None:
    turned = np.ascontiguousarray(np.rot90(PAGE, -degrees // 90))
    found = fast.read(turned, ReadOptions(quality="fast", orientation=str(degrees)))  # type: ignore[arg-type]
    assert found.text == TEXT
    assert (found.height, found.width) == turned.shape[:2]
    for line in found.lines:
        xs, ys = zip(*line.bbox, strict=True)
        part = turned[int(min(ys)) : int(max(ys)) + 1, int(min(xs)) : int(max(xs)) + 1]
        assert part.min() < 100
    everywhere = turned.copy()
    for line in found.lines:
        xs, ys = zip(*line.bbox, strict=True)
        everywhere[int(min(ys)) : int(max(ys)) + 1, int(min(xs)) : int(max(xs)) + 1] = 255
    assert everywhere.min() == 255


@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
@pytest.mark.parametrize("margin", [0, 700], ids=["small", "large"])
def test_a_page_is_read_whichever_way_up_it_lies(fast: Reader, degrees: int, margin: int) -> None:
    large = np.pad(PAGE, ((margin // 8, margin), (margin // 8, margin), (0, 0)), constant_values=255)
    found = fast.read(np.rot90(large, -degrees // 90), FAST)
    assert (found.text, found.orientation) == (TEXT, degrees)


def test_a_small_page_that_reads_well_as_it_lies_is_not_shown_to_the_orientation_network(
    fast: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Pixels] = []
    turn = Orienter.turn

    def noting(orienter: Orienter, pixels: Pixels) -> int:
        asked.append(pixels)
        return turn(orienter, pixels)

    monkeypatch.setattr(Orienter, "turn", noting)
    assert fast.read(PAGE, FAST).text == TEXT
    assert not asked
    assert fast.read(PAGE[::-1, ::-1], FAST).text == TEXT
    assert len(asked) == 1


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 5000), (5000, 1), (2, 40_000), (40_000, 20), (33, 33)], ids=str
)
def test_an_empty_page_of_any_shape_holds_nothing(fast: Reader, shape: tuple[int, int]) -> None:
    found = fast.read(np.full((*shape, 3), 255, np.uint8), FAST)
    assert (found.height, found.width, found.blocks) == (*shape, ())


def test_a_page_of_noise_says_nothing(fast: Reader) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (480, 640, 3), np.uint8)
    assert fast.read(noise, FAST).text == ""


def fortran(pixels: Pixels) -> Pixels:
    return np.asfortranarray(pixels)


def backwards(pixels: Pixels) -> Pixels:
    return np.ascontiguousarray(pixels[::-1, ::-1, ::-1])[::-1, ::-1, ::-1]


def every_other(pixels: Pixels) -> Pixels:
    return np.repeat(np.repeat(pixels, 2, axis=0), 2, axis=1)[::2, ::2]


def read_only(pixels: Pixels) -> Pixels:
    copy = pixels.copy()
    copy.setflags(write=False)
    return copy


@pytest.mark.parametrize("laid", [fortran, backwards, every_other, read_only], ids=lambda each: each.__name__)
def test_how_a_page_lies_in_memory_makes_no_difference(fast: Reader, laid: object) -> None:
    assert callable(laid)
    assert fast.read(laid(PAGE), FAST) == fast.read(PAGE, FAST)


def test_the_page_is_only_read(fast: Reader) -> None:
    before = PAGE.copy()
    fast.read(PAGE, FAST)
    assert np.array_equal(PAGE, before)


@pytest.mark.parametrize(
    "wrong", [PAGE[..., 0], PAGE.astype(np.float32), PAGE[:0]], ids=["gray", "float", "empty"]
)
def test_what_is_no_page_is_refused_in_words(fast: Reader, wrong: Pixels) -> None:
    with pytest.raises(ValueError, match="a page is"):
        fast.read(wrong, FAST)


def test_lines_below_the_confidence_asked_for_are_dropped(fast: Reader) -> None:
    read = fast.read(PAGE, ReadOptions(quality="fast", min_confidence=0.0))
    floor = max(line.confidence for line in read.lines)
    kept = fast.read(PAGE, ReadOptions(quality="fast", min_confidence=floor))
    assert [line.confidence for line in kept.lines] == [floor]


@pytest.mark.parametrize("quality", ["accurate", "fast"])
def test_a_reader_reads_at_its_own_quality_and_holds_the_models_of_no_other(
    quality: Quality, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[str] = []
    packaged = models.packaged

    def noting(name: str) -> models.ModelSet:
        loaded.append(name)
        return packaged(name)

    monkeypatch.setattr(models, "packaged", noting)
    opened = reader(quality, threads=1)
    read = opened.read(PAGE)
    assert loaded == [SETS[quality]]
    assert read == opened.read(PAGE, ReadOptions(quality=quality))
    assert {line.engine for line in read.lines} == {SETS[quality]}
    opened.close()


def test_a_closed_reader_reads_no_more() -> None:
    closed = reader(threads=1)
    closed.close()
    with pytest.raises(Left):
        closed.read(PAGE, FAST)
