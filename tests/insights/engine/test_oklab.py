"""Oklab against published places and CIE lightness."""

from __future__ import annotations

import numpy as np
import pytest

from offing.insights.engine.oklab import oklab
from offing.insights.engine.srgb import LINEAR


def test_red_green_and_blue_have_their_published_places() -> None:
    places = oklab(np.eye(3))
    assert places[:, 1].tolist() == pytest.approx([0.22486, -0.23389, -0.03246], abs=1e-4)
    assert places[:, 2].tolist() == pytest.approx([0.12585, 0.17950, -0.31153], abs=1e-4)


def test_gray_has_no_hue_and_a_lightness_like_that_of_cie() -> None:
    light = LINEAR[:, None].repeat(3, axis=1)
    places = oklab(light)
    y = LINEAR
    cie = np.where(y > 216 / 24389, 1.16 * np.cbrt(y) - 0.16, y * 24389 / 2700)
    assert np.abs(places[:, 1:]).max() < 1e-6
    assert places[0, 0] == 0
    assert places[-1, 0] == pytest.approx(1)
    assert np.abs(places[:, 0] - cie).max() < 0.03
