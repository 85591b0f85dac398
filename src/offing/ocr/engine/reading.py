"""Reading the boxes of a page: crops, groups of one width, threads, and second looks at tall boxes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from offing.ocr.engine.crew import Crew
from offing.ocr.engine.crops import Corners, Crop, Pixels, cut, is_tall, size
from offing.ocr.engine.recognised import Recognised
from offing.ocr.engine.recognition import Recognizer
from offing.ocr.engine.sharing_out import best_cut, joined

SURE = 0.9
ONE_LETTER = 2.5
"""A box that is at most this many times as high as wide may hold a single upright letter."""

Found = tuple[Recognised, int]
"""What a box holds, and how far its text is turned clockwise: 0, 90 or 270 degrees."""


class LineReader:
    """Reads the boxes of pages with one recognition network."""

    def __init__(self, recognizer: Recognizer, crew: Crew) -> None:
        self._recognizer, self._crew = recognizer, crew

    def read(self, pixels: Pixels, boxes: Sequence[Corners], has_left: Callable[[], bool]) -> list[Found]:
        """What each box holds, in the order of the boxes.

        Text in a box that is much higher than wide may run down, up, or be one letter: such a box is
        read each way until a reading is sure, and the surest one stays.
        """
        best: list[Found] = [(Recognised("", 0.0), 0)] * len(boxes)
        ways = [_ways(corners) for corners in boxes]
        for look in range(max(map(len, ways), default=0)):
            places = [
                place
                for place, way in enumerate(ways)
                if look < len(way) and (not look or best[place][0].confidence < SURE)
            ]
            turned = [ways[place][look] for place in places]
            crops = [
                np.rot90(cut(pixels, boxes[place]), way // 90)
                for place, way in zip(places, turned, strict=True)
            ]
            for place, way, read in zip(places, turned, self._recognised(crops, has_left), strict=True):
                if read.confidence > best[place][0].confidence:
                    best[place] = (read, way)
        return best

    def _recognised(self, crops: Sequence[Crop], has_left: Callable[[], bool]) -> list[Recognised]:
        brief = self._recognizer.is_brief(crops)
        cut_at = best_cut(crops, partial(self._recognizer.columns, brief=brief))
        if cut_at is None:
            return self._whole(crops, has_left, brief=brief)
        place, column = cut_at
        line = crops[place]
        parts = [*crops[:place], line[:, :column], line[:, column:], *crops[place + 1 :]]
        read = self._whole(parts, has_left, brief=brief)
        read[place : place + 2] = [joined(read[place], read[place + 1], column / line.shape[1])]
        return read

    def _whole(self, crops: Sequence[Crop], has_left: Callable[[], bool], *, brief: bool) -> list[Recognised]:
        groups = self._recognizer.groups(crops, brief=brief)
        lines = [[crops[place] for place in group] for group in groups]
        answers = self._crew.map(partial(self._recognizer.read, brief=brief), lines, has_left)
        read = [Recognised("", 0.0)] * len(crops)
        for group, answer in zip(groups, answers, strict=True):
            for place, each in zip(group, answer, strict=True):
                read[place] = each
        return read


def _ways(corners: Corners) -> tuple[int, ...]:
    if not is_tall(corners):
        return (0,)
    width, height = size(corners)
    return (0, 90, 270) if height <= ONE_LETTER * width else (90, 270)
