"""Read images with faster-paddle: ``with_faster_paddle.py small`` or ``tiny``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from reading import Read, run  # type: ignore[import-not-found]

THREADS = 2


def reader() -> Read:
    """Build it."""
    from faster_paddle import OcrEngine  # type: ignore[import-not-found]

    engine = OcrEngine(model_size=sys.argv[1], threads=THREADS)

    def read(file: str, _: str) -> Sequence[str]:
        bounds = engine.ocr(Path(file).read_bytes())["bounds"]
        return [bounds[place]["text"] for place in sorted(bounds)]

    return read


run(reader)
