"""ThumbHash against its author's implementation and figures by hand."""

from __future__ import annotations

from base64 import b64decode

import numpy as np
import pytest
from hypothesis import given
from PIL import Image

from offing.insights.engine.pixels import Pixels
from offing.insights.engine.thumbhash import thumbhash
from tests.insights.engine.pictures import Samples, flat, gray, photograph, pictures, steady, waves

# What the author's own JavaScript implementation (version 0.1.1) gives for these images.
KNOWN = {
    (40, 60): "n/cFFY4IZIY7s3gjmyW6tgltpiC2",
    (60, 40): "IfgFFQw2VhaYiaYHh7KHmUQFj5QA",
    (100, 100): "4PcFBwJ4ZXh5h2JZB4RVlmoaRaPzkMYG",
    (90, 7): "3vcJIRCEcCeIe3GEjziABzY=",
    (30, 100): "4PcFCoh4Amk6QmqiuC8KKYk=",
    (33, 21): "nrcJJA6CB3c4iHpXh3h7KCBo+g==",
}


@pytest.mark.parametrize("shape", KNOWN)
def test_the_hash_equals_that_of_the_author_s_implementation(shape: tuple[int, int]) -> None:
    assert thumbhash(Pixels(waves(*shape))) == KNOWN[shape]


def test_a_flat_image_is_as_by_hand() -> None:
    # Gray 128: 63 * 128 / 255 rounds to 32; both chroma constants are 31.5, rounded to 32; every scale is
    # 0. 32 | 32 << 6 | 32 << 12 is 0x020820. A square image has 7 luma components down: 27 + 5 + 5
    # coefficients, all 0, in 19 bytes.
    expected = bytes([0x20, 0x08, 0x02, 7, 0]) + bytes(19)
    assert b64decode(thumbhash(Pixels(gray(*[[128] * 8] * 8)))) == expected


def test_the_average_color_stands_in_the_first_three_bytes() -> None:
    head = int.from_bytes(b64decode(thumbhash(Pixels(flat("#cc6633", 20, 20))))[:3], "little")
    lightness, yellow, reddish = head & 63, head >> 6 & 63, head >> 12 & 63
    light, blue_against, red_against = lightness / 63, yellow / 31.5 - 1, reddish / 31.5 - 1
    blue = light - 2 / 3 * blue_against
    red = (3 * light - blue + red_against) / 2
    assert [round(255 * level / 51) * 51 for level in (red, red - red_against, blue)] == [204, 102, 51]


def test_a_large_image_is_first_averaged_down_to_100_pixels() -> None:
    samples = photograph(5, 340, 512)
    smaller = np.asarray(Image.fromarray(samples).resize((100, 66), Image.Resampling.BOX))
    assert thumbhash(Pixels(samples)) == thumbhash(Pixels(smaller))


@steady
@given(pictures())
def test_every_hash_has_17_to_24_bytes_and_tells_landscape_from_portrait(samples: Samples) -> None:
    data = b64decode(thumbhash(Pixels(samples)), validate=True)
    height, width = samples.shape[:2]
    assert 17 <= len(data) <= 24
    assert bool(data[4] & 0x80) == (width > height)
    assert not data[2] & 0x80
