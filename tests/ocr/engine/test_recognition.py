"""Recognition and reading of lines: groups of few widths, one answer each, and second looks at tall boxes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.ocr.engine import models
from offing.ocr.engine.crew import Crew, Left
from offing.ocr.engine.crops import Corners, Crop
from offing.ocr.engine.reading import LineReader
from offing.ocr.engine.recognition import FITTED, NARROW, SQUEEZE, TOGETHER, WIDTHS, Recognizer
from offing.ocr.engine.runtime import Network, open_runtime
from tests.ocr.engine.drawn import Recorder, line

NAME = "pp-ocrv6-tiny"
SHAPES = st.tuples(st.integers(1, 200), st.integers(1, 8000))


@pytest.fixture(scope="module")
def network() -> Network:
    return open_runtime().load(models.packaged(NAME).recognition.file, threads=2, streams=2)


@pytest.fixture(scope="module")
def recognizer(network: Network) -> Recognizer:
    return Recognizer(network, models.packaged(NAME).recognition, NAME)


@pytest.fixture(scope="module")
def lines(recognizer: Recognizer) -> Iterator[LineReader]:
    crew = Crew(2)
    yield LineReader(recognizer, crew)
    crew.close()


def around(crop: Crop, left: int = 0, top: int = 0) -> Corners:
    height, width = crop.shape[:2]
    right, bottom = left + width - 1, top + height - 1
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def stays() -> bool:
    return False


@given(st.lists(SHAPES, max_size=40))
def test_every_line_is_in_one_group_of_one_width_and_the_widest_come_first(
    recognizer: Recognizer, shapes: list[tuple[int, int]]
) -> None:
    crops = [np.broadcast_to(np.uint8(0), (*shape, 3)) for shape in shapes]
    groups = recognizer.groups(crops)
    assert sorted(place for group in groups for place in group) == list(range(len(crops)))
    columns = [{recognizer.columns(crops[place]) for place in group} for group in groups]
    assert all(len(each) == 1 for each in columns)
    widths = [max(each) for each in columns]
    assert widths == sorted(widths, reverse=True)
    for group, width in zip(groups, widths, strict=True):
        assert len(group) <= (TOGETHER if width <= NARROW else 1)


@given(SHAPES)
def test_a_short_line_is_padded_to_the_next_width_and_a_long_one_scaled_to_the_nearest(
    recognizer: Recognizer, shape: tuple[int, int]
) -> None:
    columns = recognizer.columns(np.broadcast_to(np.uint8(0), (*shape, 3)))
    scaled = SQUEEZE * 48 * shape[1] / shape[0]
    if scaled < FITTED:
        assert columns == next(width for width in WIDTHS if width >= math.ceil(scaled))
    elif scaled <= WIDTHS[-2]:
        assert abs(math.log(columns / scaled)) <= math.log(432 / 384) / 2
    else:
        assert columns in WIDTHS[-2:]


def test_the_network_meets_few_shapes(network: Network) -> None:
    recorder = Recorder(network)
    recognizer = Recognizer(recorder, models.packaged(NAME).recognition, NAME)
    for width in [*range(1, 400, 7), 5000, 9000]:
        recognizer.read([np.full((20, width, 3), 255, np.uint8)])
    assert {tensor.shape[3] for tensor in recorder.given} <= set(WIDTHS)
    assert {tensor.shape[:3] for tensor in recorder.given} == {(1, 3, 48)}


def test_the_network_sees_blue_green_and_red_from_minus_one_to_one_and_padding_as_gray(
    network: Network,
) -> None:
    recorder = Recorder(network)
    recognizer = Recognizer(recorder, models.packaged(NAME).recognition, NAME)
    recognizer.read([np.full((48, 110, 3), (255, 51, 0), np.uint8)])
    (tensor,) = recorder.given
    assert tensor.shape == (1, 3, 48, 128)
    assert tensor[0, :, 20, 50] == pytest.approx([-1, -0.6, 1], abs=1e-6)
    assert not tensor[..., math.ceil(110 * SQUEEZE) :].any()


@pytest.mark.parametrize("text", ["Harbour", "Lights of the coast", "42", "Pilot 0042 at noon, all is well"])
def test_a_line_is_read_with_its_words(recognizer: Recognizer, text: str) -> None:
    (found,) = recognizer.read([line(text)])
    assert found.text == text
    assert found.engine == NAME
    assert [span.text for span in found.spans] == text.split()
    assert found.confidence > 0.9


def test_it_is_less_sure_of_letters_that_look_like_others(recognizer: Recognizer) -> None:
    # The drawn one is close to an l; how sure it is depends on the arithmetic, 0.84 in 32 bits, 0.94 in 16.
    doubtful, clear = recognizer.read([line("12"), line("42")])
    assert (doubtful.text, clear.text) == ("12", "42")
    assert 0.75 < doubtful.confidence < clear.confidence - 0.01


def test_words_lie_where_they_are_drawn(recognizer: Recognizer) -> None:
    crop = line("Harbour pilot")
    (found,) = recognizer.read([crop])
    dark = np.flatnonzero((crop < 128).any(axis=(0, 2)))
    gap = np.diff(dark).argmax()
    first, second = found.spans
    assert first.end * crop.shape[1] == pytest.approx((dark[gap] + dark[gap + 1]) / 2, abs=14)
    assert second.start * crop.shape[1] == pytest.approx((dark[gap] + dark[gap + 1]) / 2, abs=14)


def test_lines_read_together_say_what_they_say_alone(recognizer: Recognizer) -> None:
    crops = [line(text) for text in ("Keel", "Rope", "Mast", "Sail")]
    together = recognizer.read(crops)
    assert [each.text for each in together] == ["Keel", "Rope", "Mast", "Sail"]
    for crop, found in zip(crops, together, strict=True):
        (alone,) = recognizer.read([crop])
        assert found.text == alone.text
        assert found.confidence == pytest.approx(alone.confidence, abs=0.02)


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (48, 1), (300, 300)])
def test_an_empty_image_of_any_shape_reads_as_nothing(recognizer: Recognizer, shape: tuple[int, int]) -> None:
    (found,) = recognizer.read([np.full((*shape, 3), 255, np.uint8)])
    assert found.text == ""


def test_a_page_without_boxes_holds_nothing(lines: LineReader) -> None:
    assert lines.read(line("Harbour"), [], stays) == []


@pytest.mark.parametrize("turned", [0, 90, 270])
def test_text_that_runs_down_or_up_is_read_and_its_turn_told(lines: LineReader, turned: int) -> None:
    crop = np.ascontiguousarray(np.rot90(line("Harbour pilot"), -turned // 90))
    ((found, way),) = lines.read(crop, [around(crop)], stays)
    assert found.text == "Harbour pilot"
    assert way == turned


def test_boxes_are_answered_in_their_order(lines: LineReader) -> None:
    texts = ["Keel and rope of the old ship", "Mast", "A sail", "Rope"]
    crops = [line(text) for text in texts]
    page = np.full((80 * len(crops), 800, 3), 255, np.uint8)
    for number, crop in enumerate(crops):
        page[80 * number :][: crop.shape[0], : crop.shape[1]] = crop
    boxes = [around(crop, top=80 * number) for number, crop in enumerate(crops)]
    assert [found.text for found, _ in lines.read(page, boxes, stays)] == texts


def test_reading_ends_when_nobody_waits(lines: LineReader) -> None:
    crop = line("Harbour")
    with pytest.raises(Left):
        lines.read(crop, [around(crop)], lambda: True)
