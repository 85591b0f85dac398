"""The resize in C gives Pillow's samples, bit for bit; where it cannot run, Pillow resizes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from offing.insights.engine import lanczos, shrink
from offing.insights.engine.options import Alpha

needs_it = pytest.mark.skipif(
    not lanczos.is_here(), reason="the resize in C is not built, or cannot run here"
)
SEVERAL_BLOCKS = """
import numpy as np
from PIL import Image
from offing.insights.engine import lanczos
samples = np.random.default_rng(7).integers(0, 256, (700, 600, 3), np.uint8)
resize = lanczos.passes("RGB", (600, 700), (438, 512))
resize.across(Image.fromarray(samples), 0)
assert Image.core.get_block_size() == 65536
narrow = Image.fromarray(samples).resize((438, 700), Image.Resampling.LANCZOS)
assert np.array_equal(resize.down(), np.asarray(narrow.resize((438, 512), Image.Resampling.LANCZOS)))
"""
ALPHAS: tuple[Alpha, ...] = ("ignore", "white", "checker")


def picture(mode: str, size: tuple[int, int], seed: int, *, hard: bool) -> Image.Image:
    """Chance; ``hard`` is black and white alone, where the sums go farthest beyond the levels."""
    channels = len(Image.new(mode, (1, 1)).getbands())
    shape = (size[1], size[0]) if channels == 1 else (size[1], size[0], channels)
    samples = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    return Image.fromarray((samples > 127).astype(np.uint8) * 255 if hard else samples, mode)


def by_pillow(image: Image.Image, size: tuple[int, int]) -> NDArray[np.uint8]:
    narrow = image.resize((size[0], image.height), Image.Resampling.LANCZOS)
    return np.asarray(narrow.resize(size, Image.Resampling.LANCZOS))


@needs_it
@settings(max_examples=150, deadline=None)
@given(
    mode=st.sampled_from(["L", "RGB"]),
    before=st.tuples(st.integers(24, 1500), st.integers(8, 700)),
    shares=st.tuples(st.floats(0.05, 0.99), st.floats(0.05, 0.99)),
    seed=st.integers(0, 2**16),
    hard=st.booleans(),
)
def test_equals_pillow(
    mode: str, before: tuple[int, int], shares: tuple[float, float], seed: int, *, hard: bool
) -> None:
    after = max(1, int(before[0] * shares[0])), max(1, int(before[1] * shares[1]))
    resize = lanczos.passes(mode, before, after)
    if resize is None:  # too few samples for one of the result: Pillow's to do
        assert min(share * side for share, side in zip(shares, before, strict=True)) < 32
        return
    image = picture(mode, before, seed, hard=hard)
    resize.across(image, 0)
    assert np.array_equal(resize.down(), by_pillow(image, after))


@needs_it
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_parts_in_any_order_make_the_whole(mode: str) -> None:
    image = picture(mode, (900, 611), 3, hard=True)
    resize = lanczos.passes(mode, image.size, (512, 347))
    assert resize is not None
    for top in (400, 0, 607, 200):  # the third is of four rows, which overlap those of the first
        resize.across(image.crop((0, top, 900, min(top + 210, 611))), top)
    assert np.array_equal(resize.down(), by_pillow(image, (512, 347)))


@needs_it
@pytest.mark.parametrize(
    ("mode", "size", "top"),
    [
        ("L", (900, 50), 0),  # a quarter of the bytes that are read
        ("RGB", (899, 50), 0),
        ("RGB", (900, 3), 0),
        ("RGB", (900, 50), 562),
        ("RGB", (900, 50), -1),
    ],
)
def test_what_is_no_part_of_the_image_is_not_read(mode: str, size: tuple[int, int], top: int) -> None:
    resize = lanczos.passes("RGB", (900, 611), (512, 347))
    assert resize is not None
    with pytest.raises(ValueError, match=mode):
        resize.across(Image.new(mode, size), top)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P", "CMYK"])
@pytest.mark.parametrize("alpha", ALPHAS)
@pytest.mark.parametrize("size", [(700, 520), (1601, 1003), (1003, 1601)])
@pytest.mark.parametrize("threads", [1, 2])
def test_the_engine_gets_the_same_samples_with_it_and_without(
    mode: str, alpha: Alpha, size: tuple[int, int], threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = picture("RGB" if mode in {"P", "CMYK"} else mode, size, 11, hard=False).convert(mode)
    to = shrink.shrunk_size(*size)
    as_it_is_here = shrink.shrink(image, to, alpha, "exact", threads)
    monkeypatch.setattr(shrink, "passes", lambda *_: None)
    assert np.array_equal(as_it_is_here, shrink.shrink(image, to, alpha, "exact", threads))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((5000, 3), (512, 1)),  # too few rows
        ((5, 5000), (1, 512)),  # fewer columns than a sample of the result is made of
        ((400_000, 600), (512, 1)),  # more samples for one of the result than sums can hold
        ((600, 300), (512, 300)),  # nothing to do in one dimension
    ],
)
def test_leaves_extreme_shapes_to_pillow(before: tuple[int, int], after: tuple[int, int]) -> None:
    assert lanczos.passes("L", before, after) is None
    assert lanczos.passes("RGB", before, after) is None


@needs_it
def test_an_image_whose_memory_is_in_several_blocks_is_read_as_well() -> None:
    environment = {**os.environ, "PILLOW_BLOCK_SIZE": "64k"}
    subprocess.run([sys.executable, "-c", SEVERAL_BLOCKS], check=True, env=environment)


def test_a_library_that_cannot_be_loaded_leaves_it_to_pillow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = tmp_path / "liblanczos.so"
    monkeypatch.setattr(lanczos, "LIBRARY", str(library))
    for content in (None, b"not a library"):
        if content:
            library.write_bytes(content)
        lanczos.find.cache_clear()
        assert not lanczos.is_here()
    lanczos.find.cache_clear()
