"""What is derived from the samples: exact luma, exact light, once."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from offing.insights.engine.pixels import Pixels
from tests.insights.engine.pictures import Samples, photograph, pictures, steady


@steady
@given(pictures())
def test_luma_is_the_exact_weighted_sum(samples: Samples) -> None:
    pixels = Pixels(samples)
    expected = pixels.rgb.astype(np.int64) @ np.array([2126, 7152, 722])
    assert pixels.luma.dtype == np.int32
    assert np.array_equal(pixels.luma, expected)


def test_luma_goes_from_0_to_2_550_000() -> None:
    assert Pixels(np.array([[[0, 0, 0], [255, 255, 255]]], dtype=np.uint8)).luma.tolist() == [[0, 2_550_000]]


def test_a_gray_image_has_three_equal_channels() -> None:
    pixels = Pixels(np.array([[1, 2, 3]], dtype=np.uint8))
    assert pixels.gray is not None
    assert pixels.rgb.tolist() == [[[1, 1, 1], [2, 2, 2], [3, 3, 3]]]
    assert (pixels.height, pixels.width) == (1, 3)


def test_sums_of_light_are_the_same_in_any_order() -> None:
    light = Pixels(photograph(1, 340, 512)).light[0].ravel()
    shuffled = np.random.default_rng(0).permutation(light)
    one_by_one = np.cumsum(shuffled)[-1]
    assert light.sum() == shuffled.sum() == one_by_one


def test_the_pillow_image_of_strided_samples_has_the_same_pixels() -> None:
    with_padding = np.zeros((5, 7, 4), dtype=np.uint8)
    with_padding[..., :3] = photograph(2, 5, 7)
    image = Pixels(with_padding[..., :3]).image
    assert image.mode == "RGB"
    assert np.array_equal(np.asarray(image), photograph(2, 5, 7))


def test_what_is_derived_is_computed_once() -> None:
    calls = []

    def derived(pixels: Pixels) -> int:
        calls.append(pixels)
        return 7

    pixels, other = (Pixels(np.zeros((1, 1), dtype=np.uint8)) for _ in range(2))
    assert [pixels.once(derived), pixels.once(derived), other.once(derived)] == [7, 7, 7]
    assert calls == [pixels, other]
