"""The ranges of values inside the packaged networks, measured before: what eight-bit arithmetic rounds by."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

Ranges = Mapping[str, tuple[float, float]]
"""The least and the greatest value that goes into a layer, by the layer's name."""
FILE = Path(__file__).with_name("ranges.json")


@cache
def measured() -> Mapping[str, Ranges]:
    """The ranges of each packaged network, by its file's name in the package."""
    return msgspec.json.decode(FILE.read_bytes(), type=dict[str, dict[str, tuple[float, float]]])
