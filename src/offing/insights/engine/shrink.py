"""Shrinks to at most 512 pixels a side, bit for bit as one LANCZOS resize of the whole image.

v1's resize is two passes, across and then down, with 8 bits between them; here each is asked for by
itself, for newer Pillows choose their order by the shape. The first pass is taken band by band where
the image is large: each band is flattened and narrowed on its own, which spares a second copy and
lets two threads share the work.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from PIL import Image

from offing.insights.engine.flatten import flat_mode, flatten, is_flat
from offing.insights.engine.options import Alpha, Precision

LONGEST = 512
BAND_BYTES = 8 * 1024 * 1024
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
) -> Image.Image:
    """The image at ``size`` in ``L`` or ``RGB``."""
    if image.size == size:
        return flatten(image, alpha)
    if precision == "fast":
        return flatten(image, alpha).resize(size, Image.Resampling.LANCZOS, reducing_gap=1.0)
    if image.width * image.height < THREADS_PAY_FROM:
        flat = flatten(image, alpha)
        narrow = flat.resize((size[0], flat.height), Image.Resampling.LANCZOS)
    else:
        narrow = _narrow(image, size[0], alpha, threads)
    return narrow.resize(size, Image.Resampling.LANCZOS)


def _narrow(image: Image.Image, width: int, alpha: Alpha, threads: int) -> Image.Image:
    """The first pass: every row narrowed to ``width``."""
    as_it_is = is_flat(image, alpha)
    if as_it_is and threads == 1:
        return image.resize((width, image.height), Image.Resampling.LANCZOS)
    narrow = Image.new(flat_mode(image, alpha), (width, image.height))
    rows = -(-image.height // threads) if as_it_is else _rows_a_band(image, threads)

    def take(top: int) -> None:
        bottom = min(top + rows, image.height)
        whole = (0, top, image.width, bottom)
        if as_it_is:
            band = image.resize((width, bottom - top), Image.Resampling.LANCZOS, whole)
        else:
            flat = flatten(image.crop(whole), alpha, top)
            band = flat.resize((width, bottom - top), Image.Resampling.LANCZOS)
        narrow.paste(band, (0, top))

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(take, top) for top in range(0, image.height, rows)]:
            done.result()
    return narrow


def _rows_a_band(image: Image.Image, threads: int) -> int:
    share = -(-image.height // threads)
    return max(1, min(share, BAND_BYTES // (4 * image.width)))
