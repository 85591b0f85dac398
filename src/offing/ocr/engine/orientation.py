"""Page orientation: how many quarter turns a page was turned (PP-LCNet_x1_0_doc_ori)."""

from __future__ import annotations

import cv2
import numpy as np

from offing.ocr.engine.crops import Pixels
from offing.ocr.engine.runtime import Network

SIDE = 224
SHARE = 224 / 256
"""The network sees the middle of the page: a square of this share of the shorter side."""
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
SURE = 0.8
"""A page that the network is less sure of is left as it is: a false turn loses every word."""


class Orienter:
    """The orientation network."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def turn(self, pixels: Pixels) -> int:
        """How far the content is turned clockwise: 0, 90, 180 or 270 degrees."""
        height, width = pixels.shape[:2]
        side = max(1, round(min(height, width) * SHARE))
        top, left = (height - side) // 2, (width - side) // 2
        window = pixels[top : top + side, left : left + side]
        seen = cv2.resize(
            window, (SIDE, SIDE), interpolation=cv2.INTER_AREA if side > SIDE else cv2.INTER_LINEAR
        )
        tensor = ((seen.astype(np.float32) / 255 - MEAN) / DEVIATION).transpose(2, 0, 1)[None]
        scores = self._network.infer(np.ascontiguousarray(tensor)).ravel()
        if self._network.raw_scores:
            scores = np.exp(scores - scores.max())
            scores /= scores.sum()
        best = int(scores.argmax())
        return best * 90 if scores[best] > SURE else 0


def undo(pixels: Pixels, turned: int) -> Pixels:
    """The page with its clockwise turn undone."""
    return np.ascontiguousarray(np.rot90(pixels, turned // 90)) if turned else pixels
