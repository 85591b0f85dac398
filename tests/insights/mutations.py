"""Files that were sound until something happened to them."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import settings
from hypothesis import strategies as st

steady = settings(max_examples=150, deadline=None, derandomize=True)
"""The same examples in every run, and no limit on the time of one: the machine may be busy."""

_INTERESTING = st.sampled_from([0x00, 0x01, 0x7F, 0x80, 0xC0, 0xC2, 0xD9, 0xDA, 0xFE, 0xFF]) | st.integers(
    0, 255
)


@st.composite
def mutated(draw: st.DrawFn, files: Sequence[bytes]) -> bytes:
    """One of the files with up to eight changes: bytes replaced, taken out, put in, or cut off."""
    data = bytearray(draw(st.sampled_from(files)))
    for _ in range(draw(st.integers(1, 8))):
        place = draw(st.integers(0, len(data)))
        change = draw(st.sampled_from(("replace", "replace", "remove", "insert", "cut")))
        if change == "replace":
            data[place : place + 1] = bytes([draw(_INTERESTING)])
        elif change == "remove":
            del data[place : place + draw(st.integers(1, 64))]
        elif change == "insert":
            data[place:place] = bytes(draw(st.lists(_INTERESTING, min_size=1, max_size=8)))
        else:
            del data[place:]
    return bytes(data)
