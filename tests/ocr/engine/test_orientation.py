"""Page orientation: quarter turns are found and undone."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from offing.ocr.engine import models
from offing.ocr.engine.crops import Pixels
from offing.ocr.engine.orientation import Orienter, undo
from offing.ocr.engine.runtime import open_runtime
from tests.ocr.samples import samples

TURNS = (0, 90, 180, 270)


@pytest.fixture(scope="module")
def orienter() -> Orienter:
    return Orienter(open_runtime().load(models.packaged_file(models.ORIENTATION), threads=1))


@pytest.fixture(scope="module")
def upright() -> Pixels:
    (prose,) = (each for each in samples("simple", "complex") if each.name.startswith("prose"))
    with Image.open(prose.path) as opened:
        return np.asarray(opened.convert("RGB"))


def turned(pixels: Pixels, degrees: int) -> Pixels:
    """Turned clockwise."""
    return np.ascontiguousarray(np.rot90(pixels, -degrees // 90))


@pytest.mark.parametrize("degrees", TURNS)
def test_the_quarter_turn_of_a_page_is_found(orienter: Orienter, upright: Pixels, degrees: int) -> None:
    assert orienter.turn(turned(upright, degrees)) == degrees


@pytest.mark.parametrize("degrees", TURNS)
def test_a_turn_undone_gives_the_page(degrees: int) -> None:
    page = np.arange(60, dtype=np.uint8).reshape(4, 5, 3)
    again = undo(turned(page, degrees), degrees)
    assert np.array_equal(again, page)
    assert again.flags.c_contiguous


@pytest.mark.parametrize("shape", [(1, 1), (1, 4000), (4000, 1), (224, 224), (300, 30)])
def test_an_empty_page_of_any_shape_stays_as_it_is(orienter: Orienter, shape: tuple[int, int]) -> None:
    assert orienter.turn(np.full((*shape, 3), 255, np.uint8)) == 0
