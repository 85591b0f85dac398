"""A handler whose module cannot be loaded."""

from __future__ import annotations

from tests.kernel.probe.service import SECRET


def warm() -> None:
    """Fail, as a missing native library makes it fail."""
    raise OSError(f"{SECRET}.so: cannot open shared object file")


def handle(header: bytes, body: bytearray) -> bytes:
    """Never called."""
    raise NotImplementedError
