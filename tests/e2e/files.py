"""The files that containers of Xet are asked for: the same bytes in every run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache

import numpy as np

MODEL = "e2e/model"
BLOCK = 64_000_000
"""Bytes that come again and again in the larger files, which the hub stores once."""
SMALL, LARGE, HUGE = "small.bin", "large.bin", "huge.bin"
SIZES: Mapping[str, int] = {SMALL: 300_000, LARGE: 3 * BLOCK, HUGE: 1_000_000_000}


def pieces(size: int) -> Iterator[bytes]:
    """The content of a file of so many bytes."""
    for left in range(size, 0, -BLOCK):
        yield _block()[:left]


@cache
def digest(name: str) -> str:
    """The sha256 of a file, in hexadecimal."""
    seen = hashlib.sha256()
    for piece in pieces(SIZES[name]):
        seen.update(piece)
    return seen.hexdigest()


@cache
def _block() -> bytes:
    return np.random.default_rng(1).bytes(BLOCK)
