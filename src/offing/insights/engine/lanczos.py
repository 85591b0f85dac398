"""Pillow's LANCZOS resize in two passes, bit for bit, by the C of ``lanczos.c``.

It is built where the project is installed with a C compiler at hand, and runs on processors with
AVX2; everywhere else Pillow itself resizes. That the results are equal is a test over open inputs.
"""

from __future__ import annotations

import ctypes
import math
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

LIBRARY = __file__.removesuffix("lanczos.py") + "liblanczos.so"
"""A plain string: loading ``pathlib`` for it would be a twentieth of a worker's start."""
CHANNELS = {"L": 1, "RGB": 4}
"""Samples of a pixel in Pillow's memory: a colour has a fourth, which is not used."""
LOBES = 3
MOST_TAPS = 2048
LEAST_ROWS = 4
STRIDE_OF = 64


class _Plan(ctypes.Structure):
    _fields_ = (
        ("before", ctypes.c_int32),
        ("after", ctypes.c_int32),
        ("taps", ctypes.c_int32),
        ("starts", ctypes.c_void_p),
        ("weights", ctypes.c_void_p),
    )


class _Rows(ctypes.Structure):
    _fields_ = (("samples", ctypes.c_void_p), ("stride", ctypes.c_ssize_t))


class _ArrowArray(ctypes.Structure):
    """The Arrow C data interface, in which Pillow lends its memory."""


_ArrowArray._fields_ = (
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_ArrowArray))),
)


class Passes:
    """A resize from one size to another: each part of the image goes across, then all of it down.

    Parts may go across in several threads at once.
    """

    def __init__(self, library: ctypes.CDLL, mode: str, across: Weights, down: Weights) -> None:
        self._library, self._mode, self._across, self._down = library, mode, across, down
        self._channels = CHANNELS[mode]
        stride = -(-across.after * self._channels // STRIDE_OF) * STRIDE_OF
        self._narrow = np.empty((down.before, stride), np.uint8)

    def across(self, part: Image.Image, top: int) -> None:
        """Narrow a part of the image, of at least 4 rows, whose first row is the image's row ``top``.

        Raises ValueError for what is no such part: the C takes its memory on trust.
        """
        rows = range(LEAST_ROWS, self._down.before - top + 1)
        if top < 0 or part.height not in rows or (part.mode, part.width) != (self._mode, self._across.before):
            raise ValueError((part.mode, part.size, top))
        with _lent(part) as address:
            wide = _Rows(address, part.width * self._channels)
            narrow = _rows(self._narrow[top:])
            self._library.offing_lanczos_across(self._across.plan, self._channels, part.height, wide, narrow)

    def down(self) -> NDArray[np.uint8]:
        """The result, of shape (height, width) or (height, width, 3), once every row has gone across."""
        result = np.empty((self._down.after, self._narrow.shape[1]), np.uint8)
        self._library.offing_lanczos_down(self._down.plan, _rows(self._narrow), _rows(result))
        if self._channels == 1:
            return result[:, : self._across.after]
        return result.reshape(self._down.after, -1, self._channels)[:, : self._across.after, :3]


class Weights:
    """What each sample of the result takes from which samples, in one dimension."""

    def __init__(self, library: ctypes.CDLL, before: int, after: int, taps: int) -> None:
        self.before, self.after = before, after
        self._starts = np.empty(after, np.int32)
        self._weights = np.empty((after, 2, taps), np.int16)
        self.plan = _Plan(before, after, taps, self._starts.ctypes.data, self._weights.ctypes.data)
        library.offing_lanczos_plan(self.plan)


@lru_cache(maxsize=8)  # many a service sees images of one size; at most 4 MB each, 0.1 MB as a rule
def weights(library: ctypes.CDLL, before: int, after: int, taps: int) -> Weights:
    """The weights of one dimension."""
    return Weights(library, before, after, taps)


def passes(mode: str, before: tuple[int, int], after: tuple[int, int]) -> Passes | None:
    """The resize of an ``L`` or ``RGB`` image; None where Pillow has to do it."""
    library = find()
    if library is None or before[1] < LEAST_ROWS:
        return None
    across = _taps(before[0], after[0], 16 if mode == "L" else 4)
    down = _taps(before[1], after[1], 4)
    if across is None or down is None:
        return None
    return Passes(
        library,
        mode,
        weights(library, before[0], after[0], across),
        weights(library, before[1], after[1], down),
    )


def is_here() -> bool:
    """Whether the passes are built, and run on this processor."""
    return find() is not None


def _taps(before: int, after: int, multiple: int) -> int | None:
    """Samples that one of the result is made from, padded; None beyond what the C takes."""
    taps = math.ceil(LOBES * before / after) * 2 + 1
    taps = -(-taps // multiple) * multiple
    return taps if after < before and taps <= min(before, MOST_TAPS) else None


@cache
def find() -> ctypes.CDLL | None:
    """The library; None where it is not built, or the processor lacks what it needs."""
    try:
        library = ctypes.CDLL(LIBRARY)
    except OSError:
        return None
    plan = ctypes.POINTER(_Plan)
    library.offing_lanczos_plan.argtypes = (plan,)
    library.offing_lanczos_across.argtypes = (plan, ctypes.c_int, ctypes.c_int, _Rows, _Rows)
    library.offing_lanczos_down.argtypes = (plan, _Rows, _Rows)
    for function in (library.offing_lanczos_plan, library.offing_lanczos_across, library.offing_lanczos_down):
        function.restype = None
    return library if library.offing_lanczos_runs() else None


def _rows(samples: NDArray[np.uint8]) -> _Rows:
    return _Rows(samples.ctypes.data, samples.strides[0])


@contextmanager
def _lent(image: Image.Image) -> Iterator[int]:
    """The address of an image's samples, row after row without a gap."""
    try:
        _, array = image.__arrow_c_array__()
    except ValueError:  # its memory is in several blocks
        copy = np.frombuffer(image.tobytes("raw", "L" if image.mode == "L" else "RGBX"), np.uint8)
        yield copy.ctypes.data
        return
    levels = _ArrowArray.from_address(_address_in(array, b"arrow_array"))
    if image.mode != "L":
        levels = levels.children[0].contents
    yield int(levels.buffers[1])
    del array


_address_in = ctypes.pythonapi.PyCapsule_GetPointer
_address_in.restype, _address_in.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)
