"""Read images with PaddleOCR, the anchor."""

from __future__ import annotations

from anchor import build  # type: ignore[import-not-found]
from reading import Read, run  # type: ignore[import-not-found]


def reader() -> Read:
    """Build it."""
    engine = build()
    return lambda file, _: engine.predict(file)[0]["rec_texts"]


run(reader)
