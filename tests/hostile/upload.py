"""The record of one hostile file and the statuses that are right for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

PNG, JPEG = "image/png", "image/jpeg"
MEGABYTE = 1024 * 1024
LARGEST = 5 * MEGABYTE
"""What v1 takes, in bytes."""

FINE = frozenset({200})
"""The pixels are whole: what stands around them must not matter."""
BROKEN = frozenset({400})
"""No decoder can make the right pixels of it."""
EITHER = frozenset({200, 400})
"""Decoders differ in good faith; only the harm is forbidden."""
TOO_MANY_PIXELS = frozenset({413})
FORBIDDEN_TYPE = frozenset({415})
NOT_AN_IMAGE_OF_OURS = frozenset({400, 415})
ABSURD_SIZE = frozenset({400, 413})
"""The header breaks its own format's rules and the pixel limit too."""


@dataclass(frozen=True)
class Upload:
    """One file with the type that its sender claims, and the right statuses of the answer."""

    name: str
    make: Callable[[], bytes]
    right: frozenset[int]
    content_type: str | None = PNG
    representative: bool = False
    """Whether it stands for its kind where the whole list would take too long."""
