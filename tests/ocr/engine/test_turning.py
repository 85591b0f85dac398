"""Which way up a page stands: by what can be read on it, whatever the orientation network says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pytest
from PIL import Image

from offing.ocr import Reader, ReadOptions
from offing.ocr.engine.crops import Corners, Pixels
from offing.ocr.engine.reading import Found
from offing.ocr.engine.recognised import Recognised
from offing.ocr.engine.turning import Eyes, View, upright
from tests.ocr.engine.drawn import reader
from tests.ocr.samples import samples

PIXELS = np.zeros((200, 400, 3), np.uint8)
LYING = np.array([[10, 10], [310, 10], [310, 40], [10, 40]], np.float32)
STANDING = np.array([[10, 10], [40, 10], [40, 310], [10, 310]], np.float32)
WELL, BADLY = Recognised("harbour lights of the coast", 0.99), Recognised("uo 4 sl", 0.5)
DOWN, UP = 90, 270


def view(read: Recognised, corners: Corners = LYING, way: int = 0) -> View:
    return View(0, PIXELS, [corners] * 3, [(read, way)] * 3)


class Drawer:
    """A page drawn beforehand for each of its turns, and a note of what was done with it."""

    def __init__(
        self,
        views: Mapping[int, View],
        *,
        over: Recognised = BADLY,
        quickly: Mapping[int, Recognised] | None = None,
        thoroughly: Mapping[int, Recognised] | None = None,
    ) -> None:
        self._views, self._over = views, over
        self._quickly, self._thoroughly = quickly or {}, {**(quickly or {}), **(thoroughly or {})}
        self.looked: list[int] = []
        self.searched: list[int] = []
        self.glances = 0

    def eyes(self, *, searches: bool = True) -> Eyes:
        """What looks at this page."""
        return Eyes(self._look, self._glance, self._reread, searches)

    def _look(self, turned: int) -> View:
        self.looked.append(turned)
        return self._views[turned]._replace(turned=turned)

    def _glance(self, _: View, boxes: Sequence[Corners]) -> list[Found]:
        self.glances += 1
        return [(self._over, 0)] * len(boxes)

    def _reread(self, view: View, *, thorough: bool) -> list[Recognised]:
        if thorough:
            self.searched.append(view.turned)
        known = self._thoroughly if thorough else self._quickly
        return [known.get(view.turned, each) for each in view.read]


@pytest.mark.parametrize("taken", [0, 90, 180, 270])
def test_a_page_that_reads_well_is_looked_at_once(taken: int) -> None:
    drawer = Drawer({taken: view(WELL)})
    assert upright(drawer.eyes(), taken).view.turned == taken
    assert (drawer.looked, drawer.glances) == ([taken], 0)


def test_a_page_overlooked_on_its_head_is_turned_over_at_a_glance() -> None:
    drawer = Drawer({0: view(BADLY), 180: view(WELL)}, over=WELL)
    found = upright(drawer.eyes(), 0)
    assert found.view.turned == 180
    assert drawer.searched == [180]


@pytest.mark.parametrize(("taken", "true"), [(180, 0), (0, 180), (90, 270)])
def test_a_page_that_tesseract_alone_can_read_stands_as_tesseract_reads_it(taken: int, true: int) -> None:
    views = {turned: view(BADLY) for turned in (0, 90, 180, 270)}
    drawer = Drawer(views, quickly={true: WELL})
    found = upright(drawer.eyes(), taken)
    assert (found.view.turned, found.read) == (true, [WELL] * 3)
    assert not drawer.searched


@pytest.mark.parametrize("taken", [0, 180])
def test_a_page_that_nothing_can_read_stays_as_it_is_stored(taken: int) -> None:
    drawer = Drawer({0: view(BADLY), 180: view(BADLY)})
    assert upright(drawer.eyes(), taken).view.turned == 0


def test_an_unreadable_page_that_seems_upright_is_searched_through_once() -> None:
    drawer = Drawer({0: view(BADLY), 180: view(BADLY)})
    upright(drawer.eyes(), 0)
    assert drawer.searched == [0]


def test_a_rare_script_is_searched_for_the_way_the_network_has_it_as_well() -> None:
    drawer = Drawer({0: view(BADLY), 180: view(BADLY)}, thoroughly={180: WELL})
    assert upright(drawer.eyes(), 180).view.turned == 180


def test_nothing_is_searched_for_where_the_language_is_known() -> None:
    drawer = Drawer({0: view(BADLY), 180: view(BADLY)})
    upright(drawer.eyes(searches=False), 180)
    assert not drawer.searched


@pytest.mark.parametrize(("way", "true"), [(DOWN, 90), (UP, 270)])
def test_a_page_whose_lines_run_down_or_up_lies_on_its_side(way: int, true: int) -> None:
    drawer = Drawer({0: view(WELL, STANDING, way), true: view(WELL)})
    assert upright(drawer.eyes(), 0).view.turned == true


def test_a_page_of_chinese_may_run_down() -> None:
    chinese = Recognised("海上升明月天涯共此时", 0.99)
    drawer = Drawer({0: view(chinese, STANDING, DOWN)})
    assert upright(drawer.eyes(), 0).view.turned == 0


@pytest.mark.parametrize("taken", [0, 90])
def test_an_empty_page_is_not_turned(taken: int) -> None:
    empty = View(0, PIXELS, [], [])
    drawer = Drawer({0: empty, taken: empty})
    found = upright(drawer.eyes(), taken)
    assert (found.view.turned, found.read) == (0, [])


def test_a_way_in_which_no_text_is_found_does_not_win() -> None:
    drawer = Drawer({0: view(BADLY), 180: View(0, PIXELS, [], [])})
    assert upright(drawer.eyes(), 0).view.turned == 0


@pytest.fixture(scope="module")
def fast() -> Iterator[Reader]:
    opened = reader()
    yield opened
    opened.close()


def askew(name: str, degrees: float, turned: int) -> Pixels:
    """A sample laid down askew, clockwise, and then turned."""
    (sample,) = (each for each in samples("simple", "complex") if each.name == name)
    with Image.open(sample.path) as opened:
        page = opened.convert("RGB")
    laid = page.rotate(-degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(255, 255, 255))
    return np.ascontiguousarray(np.rot90(np.asarray(laid), -turned // 90))


@pytest.mark.parametrize("degrees", [-12, 12])
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_the_turn_of_a_page_that_lies_askew_is_found(fast: Reader, turned: int, degrees: float) -> None:
    """The network alone misses most of these."""
    page = fast.read(askew("small_print", degrees, turned), ReadOptions(quality="fast"))
    assert page.orientation == turned
    assert page.skew == pytest.approx(degrees, abs=1.5)
