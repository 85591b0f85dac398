"""Shrinks to at most 512 pixels a side, bit for bit as one LANCZOS resize of the whole image.

v1's resize is two passes, across and then down, with 8 bits between them; here each is asked for by
itself, for newer Pillows choose their order by the shape. The first pass is taken band by band where
the image is large: each band is flattened and narrowed on its own, which spares a second copy and
lets two threads share the work.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from offing.insights.engine.flatten import flat_mode, flatten, is_flat
from offing.insights.engine.lanczos import LEAST_ROWS, Passes, passes
from offing.insights.engine.options import Alpha, Precision

LONGEST = 512
BAND_BYTES = 2 * 1024 * 1024
"""Of a band: it stays in the processor's cache, and is made of memory that the allocator keeps."""
PILLOW_BAND_BYTES = 8 * 1024 * 1024
"""Where Pillow narrows: it works its weights out anew for each band."""
THREADS_PAY_FROM = 1_000_000
"""Pixels; below it, handing a band to a thread costs as much as it saves."""


def shrunk_size(width: int, height: int) -> tuple[int, int]:
    """The size after the resize: the longest side 512, the other rounded down, at least 1."""
    if width <= LONGEST and height <= LONGEST:
        return width, height
    if width > height:
        return LONGEST, max(1, int(height * (LONGEST / width)))
    return max(1, int(width * (LONGEST / height))), LONGEST


def shrink(
    image: Image.Image, size: tuple[int, int], alpha: Alpha, precision: Precision, threads: int
) -> NDArray[np.uint8]:
    """The image at ``size``: shape (height, width) where it is gray, else (height, width, 3)."""
    if image.size == size:
        return np.asarray(flatten(image, alpha))
    if precision == "fast":
        return np.asarray(flatten(image, alpha).resize(size, Image.Resampling.LANCZOS, reducing_gap=1.0))
    resize = passes(flat_mode(image, alpha), image.size, size)
    if resize is None:
        return np.asarray(_narrow(image, size[0], alpha, threads).resize(size, Image.Resampling.LANCZOS))
    _go_across(resize, image, alpha, threads)
    return resize.down()


def _go_across(resize: Passes, image: Image.Image, alpha: Alpha, threads: int) -> None:
    if _is_small(image):
        resize.across(flatten(image, alpha), 0)
        return

    def take(top: int, bottom: int) -> None:
        top = max(0, min(top, bottom - LEAST_ROWS))
        resize.across(flatten(image.crop((0, top, image.width, bottom)), alpha, top), top)

    _in_bands(take, image.height, _rows_a_band(image, threads, BAND_BYTES), threads)


def _narrow(image: Image.Image, width: int, alpha: Alpha, threads: int) -> Image.Image:
    """The first pass by Pillow: every row narrowed to ``width``."""
    if _is_small(image):
        flat = flatten(image, alpha)
        return flat.resize((width, flat.height), Image.Resampling.LANCZOS)
    as_it_is = is_flat(image, alpha)
    narrow = Image.new(flat_mode(image, alpha), (width, image.height))

    def take(top: int, bottom: int) -> None:
        whole = (0, top, image.width, bottom)
        if as_it_is:
            band = image.resize((width, bottom - top), Image.Resampling.LANCZOS, whole)
        else:
            flat = flatten(image.crop(whole), alpha, top)
            band = flat.resize((width, bottom - top), Image.Resampling.LANCZOS)
        narrow.paste(band, (0, top))

    rows = -(-image.height // threads) if as_it_is else _rows_a_band(image, threads, PILLOW_BAND_BYTES)
    _in_bands(take, image.height, rows, threads)
    return narrow


def _in_bands(take: Callable[[int, int], None], height: int, rows: int, threads: int) -> None:
    """Take the rows ``top`` to ``bottom`` of each band, in so many threads."""
    bands = [(top, min(top + rows, height)) for top in range(0, height, rows)]
    if threads == 1 or len(bands) == 1:
        for band in bands:
            take(*band)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(take, *band) for band in bands]:
            done.result()


def _is_small(image: Image.Image) -> bool:
    return image.width * image.height < THREADS_PAY_FROM


def _rows_a_band(image: Image.Image, threads: int, most: int) -> int:
    share = -(-image.height // threads)
    return max(1, min(share, most // (4 * image.width)))
