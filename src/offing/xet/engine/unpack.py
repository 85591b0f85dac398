"""The content of chunks in one piece: by the C of ``unpack.c``, or by Python where that is not built.

It is built where the project is installed with a C compiler at hand, and leaves LZ4 itself to the library
that the ``lz4`` package brings. What the C refuses Python unpacks again, and says what is wrong with it.
"""

from __future__ import annotations

import ctypes
import threading
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from weakref import finalize

import numpy as np

from offing.xet.engine.chunks import HEADER_BYTES, LARGEST_CHUNK, decompress, read_header

LIBRARY = Path(__file__).with_name("libunpack.so")
MOST_CHUNKS = 1024
"""At once: a chunk may be of one byte."""
LZ4F_VERSION = 100
SPARE = 2 * LARGEST_CHUNK

Unpacked = tuple[bytes, list[int], int]
"""The content of some chunks, the length of each, and how many bytes they took."""


def unpack(data: memoryview, most: int, address: int | None = None) -> Unpacked:
    """Every whole chunk at the start of some bytes, up to 1024.

    No more of them than have ``most`` bytes of content together, but one at least. Raises
    :class:`~offing.xet.engine.chunks.BadChunk`.

    :param address: where in memory the bytes begin, if it is known.
    """
    library = find()
    unpacked = None if library is None else by_c(library, data, most, address)
    return by_python(data, most) if unpacked is None else unpacked


@cache
def find() -> ctypes.CDLL | None:
    """The library; None where it is not built, or LZ4's own functions are not to be found."""
    try:
        library = ctypes.CDLL(str(LIBRARY))
        _lz4().LZ4F_decompress  # noqa: B018  raises where there is none
    except (OSError, AttributeError):
        return None
    address, size = ctypes.c_void_p, ctypes.c_size_t
    count = ctypes.c_ssize_t
    library.offing_xet_measure.argtypes = (
        address, size, ctypes.c_int64, count, _Lengths, ctypes.POINTER(size),
    )  # fmt: skip
    library.offing_xet_measure.restype = count
    library.offing_xet_unpack.argtypes = (address, count, ctypes.c_char_p, size, ctypes.POINTER(_Lz4))
    return library


def by_c(library: ctypes.CDLL, data: memoryview, most: int, address: int | None = None) -> Unpacked | None:
    """As :func:`unpack`, by the library; None for what is not right."""
    own, address = _own, _address(data) if address is None else address
    count = library.offing_xet_measure(address, len(data), most, MOST_CHUNKS, own.lengths, own.packed)
    if count <= 0:
        return None if count else (b"", [], 0)
    lengths = own.counted[:count].tolist()
    # Bytes that nobody else knows of yet may be written to.
    size = sum(lengths)
    content = _new_bytes(None, size)
    whole = library.offing_xet_unpack(address, count, content, size, own.lz4)
    return (content, lengths, own.packed.value) if whole else None


def by_python(data: memoryview, most: int) -> Unpacked:
    """As :func:`unpack`, without the library."""
    contents: list[bytes | memoryview] = []
    place, end = 0, len(data)
    while place + HEADER_BYTES <= end and len(contents) < MOST_CHUNKS:
        header = read_header(data, place)
        following = place + HEADER_BYTES + header.compressed
        if following > end or (contents and header.length > most):
            break
        most -= header.length
        contents.append(decompress(data[place + HEADER_BYTES : following], header))
        place = following
    return b"".join(contents), [len(content) for content in contents], place


def _address(data: memoryview) -> int:
    if data.readonly or not data:
        return int(np.frombuffer(data, np.uint8).ctypes.data)
    return ctypes.addressof(ctypes.c_char.from_buffer(data))  # in a tenth of the time


_Lengths = ctypes.c_uint32 * MOST_CHUNKS


class _Lz4(ctypes.Structure):
    _fields_ = (
        ("decompress", ctypes.c_void_p),
        ("reset", ctypes.c_void_p),
        ("context", ctypes.c_void_p),
        ("spare", ctypes.c_void_p),
    )


class _Own(threading.local):
    """What a thread keeps from chunk to chunk."""

    def __init__(self) -> None:
        self.lengths = _Lengths()
        self.counted = memoryview(self.lengths).cast("B").cast("I")
        """The same, to be read."""
        self.packed = ctypes.c_size_t()

    @cached_property
    def lz4(self) -> _Lz4:
        """A context of LZ4's, freed with the thread."""
        library, context = _lz4(), ctypes.c_void_p()
        if library.LZ4F_createDecompressionContext(ctypes.byref(context), LZ4F_VERSION):
            raise MemoryError
        self._spare = ctypes.create_string_buffer(SPARE)
        made = _Lz4(
            ctypes.cast(library.LZ4F_decompress, ctypes.c_void_p),
            ctypes.cast(library.LZ4F_resetDecompressionContext, ctypes.c_void_p),
            context,
            ctypes.addressof(self._spare),
        )
        # When the process ends other threads may be at work with theirs.
        finalize(made, library.LZ4F_freeDecompressionContext, context).atexit = False
        return made


@cache
def _lz4() -> ctypes.CDLL:
    """The library that Python's own functions call."""
    found = find_spec("lz4.frame._frame")
    return ctypes.CDLL(found.origin if found else "")


_own = _Own()
_new_bytes = ctypes.pythonapi.PyBytes_FromStringAndSize
_new_bytes.restype, _new_bytes.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_ssize_t)
