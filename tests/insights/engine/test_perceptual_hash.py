"""The perceptual hash against an independent library."""

from __future__ import annotations

import imagehash
import numpy as np
import pytest
from hypothesis import given
from PIL import Image

from offing.insights.engine.perceptual_hash import phash
from offing.insights.engine.pixels import Pixels
from tests.insights.engine.pictures import Samples, gray, photograph, pictures, steady


def distance(first: Samples, second: Samples) -> int:
    return (int(phash(Pixels(first)), 16) ^ int(phash(Pixels(second)), 16)).bit_count()


@pytest.mark.parametrize("shape", [(3, 3), (8, 500), (512, 3), (32, 32), (200, 133), (340, 512)])
def test_the_hash_equals_that_of_an_independent_library(shape: tuple[int, int]) -> None:
    for seed in range(3):
        samples = photograph(seed, *shape)
        assert phash(Pixels(samples)) == str(imagehash.phash(Image.fromarray(samples)))
        assert phash(Pixels(samples[..., 0])) == str(imagehash.phash(Image.fromarray(samples[..., 0])))


def test_a_flat_image_has_only_the_constant_bit() -> None:
    assert phash(Pixels(gray([128, 128], [128, 128]))) == "8000000000000000"


def test_a_black_image_has_no_bit() -> None:
    assert phash(Pixels(gray([0, 0]))) == "0000000000000000"


def test_an_image_that_is_smaller_and_darker_keeps_most_bits_and_another_does_not() -> None:
    samples = photograph(1, 300, 400)
    smaller = np.asarray(Image.fromarray(samples).resize((200, 150)))
    assert distance(samples, (smaller * 0.8).astype(np.uint8)) <= 6
    assert distance(samples, photograph(2, 300, 400)) >= 16


@steady
@given(pictures())
def test_every_hash_has_16_lower_case_digits(samples: Samples) -> None:
    text = phash(Pixels(samples))
    assert len(text) == 16
    assert set(text) <= set("0123456789abcdef")
