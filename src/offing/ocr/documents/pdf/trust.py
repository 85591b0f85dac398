"""Whether the text that a page holds is what its reader sees."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from offing.ocr.documents.pdf.characters import Characters
from offing.ocr.documents.pdf.content import Content
from offing.ocr.documents.pdf.sheet import Sheet

FULL_OF_IMAGE = 600
"""Characters that a page all covered by an image must hold: fewer are a stamp or a page number on a scan."""
FULL_OF_PATHS = 60
"""Characters that a drawing must hold: fewer may be a caption beside letters drawn as outlines."""
MANY_PATHS = 150
MOST_UNREADABLE = 0.05
MOST_UNSEEN = 0.5
MOST_ASTRAY = 0.2
LEAST_SPREAD = 0.4
"""Share of characters that stand where no other does."""


def is_good(characters: Characters, content: Content, sheet: Sheet) -> bool:
    """Whether the characters say what the page shows.

    An invisible layer over a scan is somebody else's OCR, of unknown quality, and is not trusted; nor
    are pages whose letters have no Unicode value, lie outside the page or in one heap; nor those whose
    images, drawings or filled fields may hold more than the text does. An empty page is good as it is.
    """
    if content.annotated:
        return False
    inked = np.array([not text.isspace() for text in characters.texts], bool)
    count = int(inked.sum())
    if not count:
        return not content.objects
    seen = inked & ~characters.unseen
    shares = (
        (characters.unseen[inked].mean(), MOST_UNSEEN),
        (characters.unreadable[inked].mean(), MOST_UNREADABLE),
        (_astray(characters, sheet)[inked].mean(), MOST_ASTRAY),
    )
    return (
        int(seen.sum()) >= _least(content)
        and all(share <= most for share, most in shares)
        and _spread(characters, seen) >= LEAST_SPREAD
    )


def _least(content: Content) -> int:
    drawn = FULL_OF_PATHS if content.paths > MANY_PATHS else 1
    return max(drawn, round(FULL_OF_IMAGE * content.image_share))


def _astray(characters: Characters, sheet: Sheet) -> NDArray[np.bool_]:
    """Which characters lie outside the sheet, or have no size, or one that fits no sheet."""
    x, y = characters.centres.T
    sizes = characters.places[:, 3] - characters.places[:, 2]
    outside = (x < 0) | (y < 0) | (x > sheet.width) | (y > sheet.height)
    astray: NDArray[np.bool_] = outside | (sizes < 1) | (sizes > max(sheet.width, sheet.height))
    return astray


def _spread(characters: Characters, seen: NDArray[np.bool_]) -> float:
    """How many of the characters begin at a place of their own, to half a pixel."""
    places = np.rint(characters.places[seen][:, (0, 2)] * 2).astype(np.int64)
    return len(np.unique(places, axis=0)) / len(places)
