"""What Xet unpacks chunks with: its own C, or Python."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from offing.cli.doctor.check import Check, State

LABEL = "Xet chunks"


def xet() -> Iterator[Check]:
    """Told where its packages are here; those that are not, the service's own check tells of."""
    if all(find_spec(name) for name in ("numpy", "lz4", "blake3")):
        yield chunks()


def chunks() -> Check:
    """Both give the same bytes; one is faster."""
    from offing.xet.engine import parents, unpack

    if unpack.find() and parents.find():
        return Check(LABEL, State.OK, "unpacked and put together by own code")
    return Check(
        LABEL,
        State.NOTE,
        "by Python: the same bytes, a verified megabyte at half as much processor time again",
        "Install a C compiler (Debian: apt install gcc libc6-dev), then Offing again.",
    )
