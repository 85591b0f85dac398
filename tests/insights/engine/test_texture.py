"""Contrast, sharpness and edge density against figures by hand and the sums pixel by pixel."""

from __future__ import annotations

from fractions import Fraction
from math import hypot

import numpy as np
import pytest
from hypothesis import given

from offing.insights.engine.pixels import Pixels
from offing.insights.engine.texture import contrast, edge_density, sharpness
from tests.insights.engine.pictures import Samples, gray, pictures, steady

CHECKERBOARD = (np.indices((6, 8)).sum(axis=0) % 2 * 255).astype(np.uint8)


def mirrored(place: int, size: int) -> int:
    """The place inside an image that a place one beyond its border shows."""
    if size == 1:
        return 0
    return 1 if place < 0 else size - 2 if place >= size else place


def levels_around(samples: Samples) -> list[dict[tuple[int, int], Fraction]]:
    """The nine luma levels around each pixel, pixel by pixel: the slow way."""
    luma = Pixels(samples).luma
    height, width = luma.shape
    return [
        {
            (down, across): Fraction(
                int(luma[mirrored(row + down, height), mirrored(column + across, width)]), 10_000
            )
            for down in (-1, 0, 1)
            for across in (-1, 0, 1)
        }
        for row in range(height)
        for column in range(width)
    ]


def variance(values: list[Fraction]) -> Fraction:
    mean = sum(values, Fraction()) / len(values)
    return sum(((value - mean) ** 2 for value in values), Fraction()) / len(values)


@pytest.mark.parametrize("metric", [contrast, sharpness, edge_density])
@pytest.mark.parametrize("shape", [(1, 1), (1, 512), (512, 1), (9, 9)])
def test_a_flat_image_has_no_texture(metric: object, shape: tuple[int, int]) -> None:
    assert callable(metric)
    assert metric(Pixels(np.full(shape, 77, dtype=np.uint8))) == 0


def test_contrast_is_the_standard_deviation_over_the_range() -> None:
    assert contrast(Pixels(gray([0, 255]))) == 0.5
    # Levels 0 and 51: the mean is 25.5, each is 25.5 away, 25.5 / 255 = 0.1.
    assert contrast(Pixels(gray([0, 51], [51, 0]))) == 0.1


@steady
@given(pictures())
def test_contrast_agrees_with_floating_point(samples: Samples) -> None:
    expected = (Pixels(samples).rgb @ np.array([0.2126, 0.7152, 0.0722])).std() / 255
    assert contrast(Pixels(samples)) == pytest.approx(expected, abs=6e-5)
    assert 0 <= contrast(Pixels(samples)) <= 0.5


def test_sharpness_of_one_white_pixel_is_as_by_hand() -> None:
    # The centre gives -1020; its four neighbours 510 (the mirrored side shows the centre again); the
    # corners 0. The mean is 1020 / 9, the mean square 2,080,800 / 9.
    assert sharpness(Pixels(gray([0, 0, 0], [0, 255, 0], [0, 0, 0]))) == 218_355.56


def test_a_checkerboard_is_the_sharpest_image() -> None:
    assert sharpness(Pixels(CHECKERBOARD)) == 1_040_400


@steady
@given(pictures())
def test_sharpness_agrees_with_the_sum_pixel_by_pixel(samples: Samples) -> None:
    laplacian = [
        near[-1, 0] + near[1, 0] + near[0, -1] + near[0, 1] - 4 * near[0, 0]
        for near in levels_around(samples)
    ]
    assert sharpness(Pixels(samples)) == pytest.approx(float(variance(laplacian)), abs=0.0051)


@pytest.mark.parametrize(("step", "density"), [(24, 0.0), (25, 0.2), (255, 0.2)])
def test_a_straight_step_of_25_levels_is_an_edge_on_both_its_sides(step: int, density: float) -> None:
    samples = np.zeros((10, 10), dtype=np.uint8)
    samples[:, 5:] = step
    assert edge_density(Pixels(samples)) == density
    assert edge_density(Pixels(samples.T)) == density


@steady
@given(pictures())
def test_edge_density_agrees_with_the_count_pixel_by_pixel(samples: Samples) -> None:
    edges = 0
    around = levels_around(samples)
    for near in around:
        across = sum((2 - abs(at)) * (near[at, 1] - near[at, -1]) for at in (-1, 0, 1))
        down = sum((2 - abs(at)) * (near[1, at] - near[-1, at]) for at in (-1, 0, 1))
        edges += hypot(across, down) >= 100
    assert edge_density(Pixels(samples)) == round(edges / len(around), 4)
