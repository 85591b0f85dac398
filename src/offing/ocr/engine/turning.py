"""Which way up a page stands: the orientation network's word, held against what can be read.

The network is sure of Latin and Chinese letters alone. Some upright pages in other scripts it takes for
turned ones, and no threshold tells those from real ones; turned pages that lie askew it overlooks. Reading
tells them apart: what PP-OCR or Tesseract knows reads with .86 or more of legibility where it stands
upright, and with .8 or less upside down. So a page that reads well stands as it was taken to, at no
cost; only one that does not is looked at in other ways.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from offing.ocr.engine.crops import Corners, Pixels, is_tall, size
from offing.ocr.engine.reading import Found
from offing.ocr.engine.recognised import Recognised
from offing.ocr.engine.script_names import script_of
from offing.ocr.engine.scripts.doubt import HOPELESS, legibility

LEGIBLE = 0.83
"""Legibility of a page that stands upright."""
CLEARLY = 0.1
"""Legibility by which a way must be ahead where none is legible."""
STANDING = 0.75
"""Share of a page's text, by length, that runs down or up where the page lies on its side."""
GLANCED_AT = 3
"""The longest lines tell by themselves whether a page stands on its head."""
UP_AND_DOWN = frozenset({"Hani", "Jpan"})
"""Scripts whose lines run down an upright page, too: of these the network alone can tell."""
ON_ITS_HEAD = 180


class View(NamedTuple):
    """A page as it is seen under one of its turns."""

    turned: int
    """How far its content is taken to be turned clockwise: 0, 90, 180 or 270 degrees."""
    pixels: Pixels
    """The page with that undone."""
    boxes: Sequence[Corners]
    found: Sequence[Found]
    """What PP-OCR read in each box."""

    @property
    def read(self) -> list[Recognised]:
        """The readings alone."""
        return [each for each, _ in self.found]

    def legibility(self, read: Sequence[Recognised] | None = None) -> float:
        """How much of it stands in PP-OCR's readings, or in others: 0 to 1, and 0 where there is no text."""
        return legibility(self.boxes, self.read if read is None else read) if self.boxes else 0.0


class Reread(Protocol):
    """Replaces the readings of a view that PP-OCR cannot do by Tesseract's."""

    def __call__(self, view: View, *, thorough: bool) -> list[Recognised]:
        """All its readings; ``thorough``: scripts are tried that nothing names, which may take seconds."""


class Eyes(NamedTuple):
    """What looks at one page."""

    look: Callable[[int], View]
    """Finds the boxes under a turn, and lets PP-OCR read them."""
    glance: Callable[[View, Sequence[Corners]], Sequence[Found]]
    """Lets PP-OCR read boxes of its own."""
    reread: Reread
    searches: bool
    """Whether being thorough makes a difference: not where the language is known."""


class Upright(NamedTuple):
    """A page the way it reads best."""

    view: View
    read: list[Recognised]
    """With Tesseract's readings where they are better."""

    @property
    def legibility(self) -> float:
        """How much of it is read, 0 to 1."""
        return self.view.legibility(self.read)


def upright(eyes: Eyes, taken: int) -> Upright:
    """Find out which way up a page stands that the orientation network takes to be turned so far.

    Where it cannot be read any way, it is left as it is stored.
    """
    return _Ways(eyes).upright(taken)


class _Ways:
    """One page, and what was seen and read of it."""

    def __init__(self, eyes: Eyes) -> None:
        self._eyes = eyes
        self._seen: dict[int, View] = {}
        self._reads: dict[tuple[int, bool], list[Recognised]] = {}

    def upright(self, taken: int) -> Upright:
        view = self._lying(self._look(taken if self._look(taken).boxes else 0))
        if not view.boxes:
            return Upright(view, [])
        is_legible = view.legibility() >= LEGIBLE
        if not is_legible and self._is_on_its_head(view):
            view = self._look(view.turned + ON_ITS_HEAD)
            is_legible = view.legibility() >= LEGIBLE
        if is_legible:
            return self._reread(view, thorough=True)
        # Few scripts take a thorough search; seconds of it, so not before both ways were tried quickly.
        for turned in (view.turned, view.turned + ON_ITS_HEAD):
            way = self._reread(self._look(turned), thorough=False)
            if way.legibility >= LEGIBLE:
                return way
        return self._searched(taken)

    def _look(self, turned: int) -> View:
        turned %= 360
        if turned not in self._seen:
            self._seen[turned] = self._eyes.look(turned)
        return self._seen[turned]

    def _reread(self, view: View, *, thorough: bool) -> Upright:
        key = view.turned, thorough
        if key not in self._reads:
            self._reads[key] = self._eyes.reread(view, thorough=thorough)
        return Upright(view, self._reads[key])

    def _lying(self, view: View) -> View:
        """The same, or where nearly all its text runs up or down, a view in which it lies."""
        if not view.boxes:
            return view
        _, down, _, up = lengths = _lengths(view)
        if down + up <= STANDING * lengths.sum():
            return view
        script = script_of("".join(each.text for each in view.read))
        if script in UP_AND_DOWN and view.legibility() >= LEGIBLE:
            return view
        return self._look(view.turned + (90 if down >= up else 270))

    def _is_on_its_head(self, view: View) -> bool:
        """Whether PP-OCR can read the longest lines once they are turned over."""
        lying = [corners for corners in view.boxes if not is_tall(corners)]
        longest = sorted(lying, key=lambda corners: -size(corners)[0])[:GLANCED_AT]
        over = [np.roll(corners, 2, axis=0) for corners in longest]
        return bool(over) and legibility(over, [each for each, _ in self._eyes.glance(view, over)]) >= LEGIBLE

    def _searched(self, taken: int) -> Upright:
        """The page as it is stored, all scripts tried, or another way if that reads clearly better.

        Only where the network takes it to be turned, the ways it was looked at are searched as well.
        """
        stored = self._seen.get(0) or self._seen[taken]
        others = [view for view in self._seen.values() if taken and view is not stored]
        ways = []
        for view in (stored, *others):
            ways.append(self._reread(view, thorough=self._eyes.searches))
            if ways[-1].legibility >= LEGIBLE:
                return ways[-1]
        best = max(ways, key=lambda way: way.legibility)
        return best if best.legibility >= max(HOPELESS, ways[0].legibility + CLEARLY) else ways[0]


def _lengths(view: View) -> NDArray[np.float64]:
    """How much text runs to the right, down, to the left and up: pixels, times confidence."""
    corners = np.stack(view.boxes)
    along, across = corners[:, 1] - corners[:, 0], corners[:, 3] - corners[:, 0]
    lengths = np.maximum(np.hypot(*along.T), np.hypot(*across.T))
    quarters = np.rint(np.arctan2(along[:, 1], along[:, 0]) / (np.pi / 2)).astype(int)
    quarters += [way // 90 for _, way in view.found]
    found = np.zeros(4)
    np.add.at(found, quarters % 4, lengths * [each.confidence for each, _ in view.found])
    return found
