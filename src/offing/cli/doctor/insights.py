"""What image insights resizes with: its own C, or Pillow."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from offing.cli.doctor.check import Check, State

LABEL = "insights resize"


def insights() -> Iterator[Check]:
    """Told where its packages are here; those that are not, the service's own check tells of."""
    if all(find_spec(name) for name in ("numpy", "PIL")):
        yield resize()


def resize() -> Check:
    """Both give the same numbers; one is faster."""
    from offing.insights.engine import lanczos

    if lanczos.is_here():
        return Check(LABEL, State.OK, "own code, with AVX2")
    slower = "by Pillow: the same numbers, large images at half the rate"
    if Path(lanczos.LIBRARY).exists():
        return Check(LABEL, State.NOTE, f"{slower}; this processor has no AVX2")
    remedy = "On x86-64, install a C compiler (Debian: apt install gcc libc6-dev), then Offing again."
    return Check(LABEL, State.NOTE, slower, remedy)
