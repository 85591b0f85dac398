"""Which script a text is written in (ISO 15924), by its letters."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter

UNKNOWN = "Zyyy"
VERTICAL_SCRIPTS = frozenset({"Hani", "Jpan", "Kore", "Bopo"})
"""Scripts that are also written from top to bottom."""

# First code point of a range and its script; a range ends where the next begins. From Unicode's Blocks.txt.
RANGES = (
    (0x0000, ""), (0x0041, "Latn"), (0x005B, ""), (0x0061, "Latn"), (0x007B, ""), (0x00AA, "Latn"),
    (0x00AB, ""), (0x00BA, "Latn"), (0x00BB, ""), (0x00C0, "Latn"), (0x00D7, ""), (0x00D8, "Latn"),
    (0x00F7, ""), (0x00F8, "Latn"), (0x02B0, ""), (0x0370, "Grek"), (0x0400, "Cyrl"), (0x0530, "Armn"),
    (0x0590, "Hebr"), (0x0600, "Arab"), (0x0700, "Syrc"), (0x0750, "Arab"), (0x0780, "Thaa"),
    (0x07C0, "Nkoo"), (0x0800, ""), (0x08A0, "Arab"), (0x0900, "Deva"), (0x0980, "Beng"), (0x0A00, "Guru"),
    (0x0A80, "Gujr"), (0x0B00, "Orya"), (0x0B80, "Taml"), (0x0C00, "Telu"), (0x0C80, "Knda"),
    (0x0D00, "Mlym"), (0x0D80, "Sinh"), (0x0E00, "Thai"), (0x0E80, "Laoo"), (0x0F00, "Tibt"),
    (0x1000, "Mymr"), (0x10A0, "Geor"), (0x1100, "Kore"), (0x1200, "Ethi"), (0x13A0, "Cher"),
    (0x1400, "Cans"), (0x1680, ""), (0x1780, "Khmr"), (0x1800, "Mong"), (0x18B0, "Cans"), (0x1900, ""),
    (0x1E00, "Latn"), (0x1F00, "Grek"), (0x2000, ""), (0x2C60, "Latn"), (0x2C80, ""), (0x2E80, "Hani"),
    (0x3000, ""), (0x3005, "Hani"), (0x3008, ""), (0x3040, "Jpan"), (0x3100, "Bopo"), (0x3130, "Kore"),
    (0x3190, ""), (0x31F0, "Jpan"), (0x3200, ""), (0x3400, "Hani"), (0x4DC0, ""), (0x4E00, "Hani"),
    (0xA000, ""), (0xA720, "Latn"), (0xA800, ""), (0xA960, "Kore"), (0xA980, ""), (0xAC00, "Kore"),
    (0xD7FC, ""), (0xF900, "Hani"), (0xFB00, "Latn"), (0xFB07, ""), (0xFB13, "Armn"), (0xFB1D, "Hebr"),
    (0xFB50, "Arab"), (0xFE00, ""), (0xFE70, "Arab"), (0xFF00, ""), (0xFF21, "Latn"), (0xFF3B, ""),
    (0xFF41, "Latn"), (0xFF5B, ""), (0xFF66, "Jpan"), (0xFFA0, "Kore"), (0xFFE0, ""), (0x20000, "Hani"),
    (0x32000, ""),
)  # fmt: skip
STARTS = tuple(start for start, _ in RANGES)


def script_of(text: str) -> str:
    """The script of most letters; ``Zyyy`` where there are none. Kana among Han make it Japanese."""
    counts = Counter(RANGES[bisect_right(STARTS, ord(each)) - 1][1] for each in text)
    counts.pop("", None)
    if not counts:
        return UNKNOWN
    if counts["Jpan"]:
        counts["Jpan"] += counts.pop("Hani", 0)
    return min(counts, key=lambda script: (-counts[script], script))
