"""The engine's one function."""

from __future__ import annotations

import numpy as np
from PIL import Image

from offing.insights.engine.decode import DECODER_FAILURES, decode, exif_turn
from offing.insights.engine.header import read_header
from offing.insights.engine.options import Limits, Options
from offing.insights.engine.pixels import Pixels
from offing.insights.engine.report import report
from offing.insights.engine.results import Report
from offing.insights.engine.shrink import shrink, shrunk_size
from offing.insights.problems import InvalidImage

DEFAULT_OPTIONS, DEFAULT_LIMITS = Options(), Limits()
SWAPS_SIDES = frozenset(
    {
        Image.Transpose.TRANSPOSE,
        Image.Transpose.TRANSVERSE,
        Image.Transpose.ROTATE_90,
        Image.Transpose.ROTATE_270,
    }
)


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
    turn = exif_turn(image, options.orientation)
    try:
        flat = shrink(image, shrunk_size(*size), options.alpha, options.precision, limits.threads)
    except DECODER_FAILURES as error:
        raise InvalidImage("The file is broken or its mode is not supported.") from error
    del image
    if turn is not None:
        flat = flat.transpose(turn)
        size = (size[1], size[0]) if turn in SWAPS_SIDES else size
    return report(Pixels(np.asarray(flat)), options, size)
