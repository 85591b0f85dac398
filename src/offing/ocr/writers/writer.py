"""What every format is: a document written page by page, so that a long one is never held whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from offing.ocr.engine.page import Page

if TYPE_CHECKING:  # numpy takes longer to load than all of this room's text formats
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class PageImage:
    """The picture that a page was read from, for the formats that show it."""

    pixels: NDArray[np.uint8]
    """RGB, (height, width, 3), as displayed: EXIF orientation applied."""
    jpeg: bytes | None = None
    """The file itself, where it is a JPEG of this page alone: it may be shown as it is."""


class Writer:
    """One document in one format: ``begin``, then ``page`` for each page in order, then ``end``.

    The answers joined are the file. A writer belongs to one document and is not shared.
    """

    def begin(self) -> bytes:
        """What stands before the first page."""
        return b""

    def page(self, page: Page, image: PageImage | None = None) -> bytes:
        """One page. Formats that show the image raise ``ValueError`` where there is none."""
        raise NotImplementedError

    def end(self) -> bytes:
        """What stands after the last page."""
        return b""
