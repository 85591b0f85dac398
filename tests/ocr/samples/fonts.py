"""The fonts, from Debian's packages; pixels are kept here, font files are not.

``apt-get install fonts-dejavu fonts-noto-core fonts-noto-cjk``
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path

from PIL import ImageFont

INSTALLED = Path("/usr/share/fonts")
FILES = {
    "sans": "DejaVuSans.ttf",
    "sans-bold": "DejaVuSans-Bold.ttf",
    "serif": "NotoSerif-Regular.ttf",
    "serif-bold": "NotoSerif-Bold.ttf",
    "mono": "DejaVuSansMono.ttf",
    "mono-bold": "DejaVuSansMono-Bold.ttf",
    "narrow": "DejaVuSansCondensed.ttf",
    "noto": "NotoSans-Regular.ttf",
    "arabic": "NotoNaskhArabic-Regular.ttf",
    "devanagari": "NotoSansDevanagari-Regular.ttf",
    "thai": "NotoSansThai-Regular.ttf",
    "tamil": "NotoSansTamil-Regular.ttf",
    "telugu": "NotoSansTelugu-Regular.ttf",
    "japanese": "NotoSansCJK-Regular.ttc",
    "korean": "NotoSansCJK-Regular.ttc",
    "simplified": "NotoSansCJK-Regular.ttc",
    "traditional": "NotoSansCJK-Regular.ttc",
}
FACES = {"japanese": 0, "korean": 1, "simplified": 2, "traditional": 3}
"""Which face of a collection."""


@functools.cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels, shaped by raqm; FileNotFoundError where it is not installed."""
    return ImageFont.truetype(
        _file(FILES[name]), size, index=FACES.get(name, 0), layout_engine=ImageFont.Layout.RAQM
    )


def digests() -> dict[str, str]:
    """The SHA-256 of every font file that is installed, by its name."""
    found = {}
    for name in sorted(set(FILES.values())):
        try:
            found[name] = hashlib.sha256(_file(name).read_bytes()).hexdigest()
        except FileNotFoundError:
            continue
    return found


@functools.cache
def _file(name: str) -> Path:
    for path in sorted(INSTALLED.rglob(name)):
        return path
    raise FileNotFoundError(name)
