"""BlurHash against an independent encoder."""

from __future__ import annotations

import blurhash as peer  # type: ignore[import-untyped]
import pytest
from hypothesis import given

from offing.insights.engine.blurhash import blurhash
from offing.insights.engine.pixels import Pixels
from tests.insights.engine.pictures import Samples, flat, photograph, pictures, steady


@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (30, 1), (3, 4), (20, 31), (48, 33)])
def test_the_hash_equals_that_of_an_independent_encoder(shape: tuple[int, int]) -> None:
    for seed in range(3):
        samples = photograph(seed, *shape)
        assert blurhash(Pixels(samples)) == peer.encode(samples, 4, 3)


def test_the_average_is_that_of_the_image() -> None:
    # "L": 4 x 3 components. Characters 3 to 6 are the average, 0x3366cc, in base 83.
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
    text = blurhash(Pixels(flat("#3366cc", 32, 32)))
    value = 0
    for character in text[2:6]:
        value = value * 83 + digits.index(character)
    assert text[0] == "L"
    assert value == 0x3366CC


@steady
@given(pictures())
def test_every_hash_has_28_characters_that_a_decoder_takes(samples: Samples) -> None:
    text = blurhash(Pixels(samples))
    assert len(text) == 28
    assert peer.components(text) == (4, 3)
    assert len(peer.decode(text, 4, 3)) == 3
