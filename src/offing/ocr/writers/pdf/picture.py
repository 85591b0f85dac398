"""A page's picture as an image XObject: the JPEG as it came, or the pixels packed anew.

Sources: ISO 32000-1, 7.4.4 and 7.4.8 filters, 8.9.5 image dictionaries; RFC 2083 (PNG), 4.1: its data is
what Flate with PNG predictors reads, so it is copied.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from offing.ocr.engine.page import Page, Quad
from offing.ocr.writers.pdf.jpeg import frame_of, orientation_of
from offing.ocr.writers.writer import PageImage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUALITY = 85
"""Of a JPEG made here, 0 to 100."""

_BLACK, _WHITE = 0, 255
_SPACES = {1: "/DeviceGray", 3: "/DeviceRGB"}

_CORNERS = (
    (0, 1, 2, 3),
    (1, 0, 3, 2),
    (2, 3, 0, 1),
    (3, 2, 1, 0),
    (0, 3, 2, 1),
    (1, 2, 3, 0),
    (2, 1, 0, 3),
    (3, 0, 1, 2),
)
"""For each Exif orientation from 1, at which corner of the displayed image each stored corner goes."""

_LYING = _CORNERS[4:]  # their width is the displayed height


@dataclass(frozen=True)
class Picture:
    """What an image XObject says of itself, its data, and where its corners go."""

    entries: str
    data: bytes
    corners: tuple[int, ...] = _CORNERS[0]

    def placed(self, displayed: Quad) -> Quad:
        """Where its top left, top right, bottom right and bottom left go, given the displayed corners."""
        a, b, c, d = (displayed[corner] for corner in self.corners)
        return a, b, c, d


def picture(page: Page, image: PageImage) -> Picture:
    """The page's picture: the file's own bytes where they are a JPEG that PDF viewers show, or new ones."""
    return (image.jpeg and _passed(image.jpeg, page)) or _packed(image.pixels)


def _passed(jpeg: bytes, page: Page) -> Picture | None:
    """A JPEG as it is, if viewers show it and it has the page's own proportions, within a pixel."""
    frame = frame_of(jpeg)
    if frame is None or not frame.common:
        return None
    corners = _CORNERS[orientation_of(jpeg) - 1]
    wide, high = (frame.height, frame.width) if corners in _LYING else (frame.width, frame.height)
    if abs(wide * page.height - high * page.width) > max(wide, high, page.width, page.height):
        return None
    return Picture(_entries(frame.width, frame.height, frame.components, "/DCTDecode"), jpeg, corners)


def _packed(pixels: NDArray[np.uint8]) -> Picture:
    """Pixels as Flate or as JPEG, whichever is smaller; gray as such, black on white in one bit."""
    import cv2
    import numpy as np

    height, width = pixels.shape[:2]
    gray = np.array_equal(pixels[..., 0], pixels[..., 1]) and np.array_equal(pixels[..., 0], pixels[..., 2])
    shown = np.ascontiguousarray(pixels[..., 0]) if gray else np.ascontiguousarray(pixels[..., ::-1])
    components = 1 if gray else 3
    bilevel = gray and bool(((shown == _BLACK) | (shown == _WHITE)).all())
    flat = b"".join(_image_data(_encoded(".png", shown, [cv2.IMWRITE_PNG_BILEVEL, int(bilevel)])))
    coded = b"" if bilevel else _encoded(".jpg", shown, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if 0 < len(coded) < len(flat):
        return Picture(_entries(width, height, components, "/DCTDecode"), coded)
    bits = 1 if bilevel else 8
    predictor = f"/Predictor 15 /Colors {components} /BitsPerComponent {bits} /Columns {width}"
    entries = _entries(width, height, components, "/FlateDecode", bits)
    return Picture(f"{entries} /DecodeParms << {predictor} >>", flat)


def _encoded(extension: str, pixels: NDArray[np.uint8], options: list[int]) -> bytes:
    import cv2

    return cv2.imencode(extension, pixels, options)[1].tobytes()


def _image_data(png: bytes) -> Iterator[bytes]:
    """The content of a PNG's IDAT chunks."""
    position = 8
    while position + 8 <= len(png):
        length, kind = struct.unpack_from(">I4s", png, position)
        if kind == b"IDAT":
            yield png[position + 8 : position + 8 + length]
        position += 12 + length


def _entries(width: int, height: int, components: int, filter_: str, bits: int = 8) -> str:
    return (
        f"/Type /XObject /Subtype /Image /Width {width} /Height {height} "
        f"/ColorSpace {_SPACES[components]} /BitsPerComponent {bits} /Filter {filter_}"
    )


def displayed_corners(page: Page) -> Quad:
    """The corners of the page as displayed."""
    return (0, 0), (page.width, 0), (page.width, page.height), (0, page.height)
