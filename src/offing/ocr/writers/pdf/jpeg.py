"""What a JPEG file says of itself, as far as a PDF must know it.

Sources: ITU-T T.81, B.1 markers and B.2.2 frame headers; Exif 2.32, tag 274 orientation.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

_START, _MARK, _SCAN = b"\xff\xd8", 0xFF, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_HUFFMAN = frozenset({0xC0, 0xC1, 0xC2})
_BITS = 8
_ORIENTATION = 274


@dataclass(frozen=True)
class Frame:
    """A frame header."""

    kind: int
    """Its marker's second byte: 0xC0 baseline, 0xC1 extended, 0xC2 progressive, others rare."""
    bits: int
    height: int
    width: int
    components: int

    @property
    def common(self) -> bool:
        """Whether every PDF viewer shows it: 8 bits, Huffman-coded, gray or of three colours."""
        common_kind = self.kind in _HUFFMAN and self.bits == _BITS
        return common_kind and self.components in {1, 3} and self.width > 0 and self.height > 0


def frame_of(jpeg: bytes) -> Frame | None:
    """The first frame's header; None where there is none before the first scan."""
    for marker, content in _segments(jpeg):
        if marker in _FRAMES and len(content) >= struct.calcsize(">BHHB"):
            return Frame(marker, *struct.unpack_from(">BHHB", content))
    return None


def _segments(jpeg: bytes) -> Iterator[tuple[int, bytes]]:
    """Marker and content of each segment before the first scan."""
    position = len(_START)
    while jpeg.startswith(_START) and position + 4 <= len(jpeg) and jpeg[position] == _MARK:
        marker = jpeg[position + 1]
        if marker == _MARK:  # a fill byte
            position += 1
            continue
        if marker == _SCAN:
            return
        (length,) = struct.unpack_from(">H", jpeg, position + 2)
        yield marker, jpeg[position + 4 : position + 2 + length]
        position += 2 + length


def orientation_of(jpeg: bytes) -> int:
    """The Exif orientation, 1 to 8; 1 where none can be read."""
    from PIL import Image

    try:
        with Image.open(BytesIO(jpeg), formats=["JPEG"]) as opened:
            value = opened.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 a broken Exif block raises whatever its parser stumbles on
        return 1
    return value if isinstance(value, int) and value in range(1, 9) else 1
