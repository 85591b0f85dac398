"""The first look at the lines of a page that has few: narrower, and again where that does not do."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from offing.ocr.engine import models
from offing.ocr.engine.crops import Crop
from offing.ocr.engine.recognition import FEW, FIRST_SQUEEZE, FITTED, SQUEEZE, WIDTHS, Recognizer
from offing.ocr.engine.runtime import Network, open_runtime
from tests.ocr.engine.drawn import Recorder, line

NAME = "pp-ocrv6-small"
TEXT = "Lights of the coast, and buoys"


@pytest.fixture(scope="module")
def network() -> Network:
    return open_runtime().load(models.packaged(NAME).recognition.file, threads=2, streams=2)


@pytest.fixture
def seen(network: Network) -> Recorder:
    return Recorder(network)


@pytest.fixture
def recognizer(seen: Recorder) -> Recognizer:
    return Recognizer(seen, models.packaged(NAME).recognition, NAME)


def squeezed(crop: Crop, share: float) -> Crop:
    """The image with its letters as narrow as in a condensed typeface."""
    height, width = crop.shape[:2]
    made: Crop = cv2.resize(  # type: ignore[assignment]  # as deep as what is given
        crop, (round(width * share), height), interpolation=cv2.INTER_AREA
    )
    return made


def blank(columns: float) -> Crop:
    """A line for which the network reads about so many columns."""
    return np.full((48, round(columns / SQUEEZE), 3), 255, np.uint8)


def widths(seen: Recorder) -> list[int]:
    return [tensor.shape[3] for tensor in seen.given]


def test_a_line_of_usual_letters_is_read_once_in_less_width(recognizer: Recognizer, seen: Recorder) -> None:
    crop = line(TEXT)
    (found,) = recognizer.read([crop], brief=True)
    assert found.text == TEXT
    assert widths(seen) == [recognizer.columns(crop, brief=True)]
    assert widths(seen)[0] < 0.9 * recognizer.columns(crop)


def test_a_line_of_narrow_letters_is_read_again_in_its_usual_width(
    recognizer: Recognizer, seen: Recorder
) -> None:
    crop = squeezed(line(TEXT + " " + TEXT), 0.5)
    assert recognizer.read([crop], brief=True) == recognizer.read([crop])
    usual = recognizer.columns(crop)
    assert widths(seen) == [recognizer.columns(crop, brief=True), usual, usual]


def test_a_line_that_holds_an_unsure_word_is_read_again(recognizer: Recognizer, seen: Recorder) -> None:
    crop = line(TEXT)
    noise = np.random.default_rng(1).normal(0, 160, crop[:, :90].shape)
    crop[:, :90] = np.clip(crop[:, :90] + noise, 0, 255)
    once, again = recognizer.columns(crop, brief=True), recognizer.columns(crop)
    assert recognizer.read([crop], brief=True) == recognizer.read([crop])
    assert widths(seen) == [once, again, again]


def test_a_line_that_seems_empty_is_looked_at_again(recognizer: Recognizer, seen: Recorder) -> None:
    crop = blank(500)
    assert recognizer.read([crop], brief=True)[0].text == ""
    assert widths(seen) == [recognizer.columns(crop, brief=True), recognizer.columns(crop)]


def test_short_lines_keep_their_width(recognizer: Recognizer) -> None:
    for columns in range(1, FITTED, 13):
        crop = blank(columns)
        assert recognizer.columns(crop, brief=True) == recognizer.columns(crop)


def test_long_lines_take_up_four_fifths(recognizer: Recognizer) -> None:
    for columns in (500, 800, 1500, 2500):
        share = recognizer.columns(blank(columns), brief=True) / recognizer.columns(blank(columns))
        assert share == pytest.approx(FIRST_SQUEEZE / SQUEEZE, rel=0.12)


def test_only_pages_of_few_columns_are_brief(recognizer: Recognizer, network: Network) -> None:
    crops = [blank(width) for width in WIDTHS if width <= FEW // 4]
    assert recognizer.is_brief(crops[-4:])
    assert not recognizer.is_brief(crops[-5:])
    tiny = Recognizer(network, models.packaged("pp-ocrv6-tiny").recognition, "pp-ocrv6-tiny")
    assert not tiny.is_brief(crops[-1:])
