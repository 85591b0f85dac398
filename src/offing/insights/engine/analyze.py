"""The engine's one function."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offing.insights.engine.decode import DECODER_FAILURES, decode, exif_orientation
from offing.insights.engine.header import read_header
from offing.insights.engine.options import Limits, Options
from offing.insights.engine.pixels import Pixels
from offing.insights.engine.report import report
from offing.insights.engine.results import Report
from offing.insights.engine.shrink import shrink, shrunk_size
from offing.insights.problems import InvalidImage

DEFAULT_OPTIONS, DEFAULT_LIMITS = Options(), Limits()
SWAPS_SIDES_FROM = 5
MIRRORED, UPENDED = frozenset({2, 3, 6, 7}), frozenset({3, 4, 7, 8})


def analyze(
    data: bytes | bytearray, options: Options = DEFAULT_OPTIONS, limits: Limits = DEFAULT_LIMITS
) -> Report:
    """Analyze one image file.

    ``data`` is a whole file of an allowed format. Raises, each with a public text and a remedy:
    InvalidImage where it is broken, UnsupportedType, TooManyPixels. It works in the calling process:
    for files from strangers run it where time and memory are bounded, as the service does.
    """
    header = read_header(data, limits)
    image = decode(data, header, limits, options.precision)
    size = (header.width, header.height) if header.width else image.size
    orientation = exif_orientation(image, options.orientation)
    try:
        samples = shrink(image, shrunk_size(*size), options.alpha, options.precision, limits.threads)
    except DECODER_FAILURES as error:
        raise InvalidImage("The file is broken or its mode is not supported.") from error
    del image
    if orientation >= SWAPS_SIDES_FROM:
        size = (size[1], size[0])
    return report(Pixels(_shown(samples, orientation)), options, size)


def _shown(samples: NDArray[np.uint8], orientation: int) -> NDArray[np.uint8]:
    """The samples as an EXIF orientation, 1 to 8, says that they are to be shown."""
    if orientation >= SWAPS_SIDES_FROM:
        samples = samples.swapaxes(0, 1)
    if orientation in MIRRORED:
        samples = samples[:, ::-1]
    return samples[::-1] if orientation in UPENDED else samples
