"""A searchable PDF, page by page: what is kept of a page is where its objects are.

Sources: ISO 32000-1, 7.7 document structure, 8.9 images, 9.7 composite fonts.
"""

from __future__ import annotations

from offing import __version__
from offing.ocr.engine.page import Block, Page, Quad, upright
from offing.ocr.writers.pdf.glyphless_font import (
    ADVANCE,
    ASCENT,
    DESCENT,
    font_file,
    glyph_of_each_code,
    to_unicode,
)
from offing.ocr.writers.pdf.objects import PdfFile, Reference
from offing.ocr.writers.pdf.picture import displayed_corners, picture
from offing.ocr.writers.pdf.text_layer import TextLayer
from offing.ocr.writers.writer import PageImage, Writer

_POINTS = 72
_LONGEST = 14_400
"""Points: the longest side of a page that every viewer takes (ISO 32000-1, annex C.2)."""

_A4 = 297 / 25.4
"""Inches: the longer side given to pages whose resolution is not known, unless they are smaller at 72 dpi."""


class PdfWriter(Writer):
    """Each page stands upright and has the size that its resolution gives it."""

    def __init__(self) -> None:
        self._file = PdfFile()
        self._catalog, self._tree, self._fonts, self._information = (self._file.reserve() for _ in range(4))
        self._pages: list[Reference] = []
        self._text = TextLayer()

    def begin(self) -> bytes:
        """The header."""
        return self._file.header()

    def page(self, page: Page, image: PageImage | None = None) -> bytes:
        """The page's image, its content and the page itself."""
        if image is None:
            raise ValueError("a searchable PDF shows the page's image, and none is given")
        standing, scale, shown = upright(page), _scale(page), picture(page, image)
        corners = shown.placed(_turned(displayed_corners(page), page))
        drawn = f"q {_image_matrix(corners, standing, scale)} cm /Image Do Q\n"
        content = (drawn + self._text.page(standing, scale)).encode("ascii")
        reference, picture_reference, content_reference = (self._file.reserve() for _ in range(3))
        self._pages.append(reference)
        return (
            self._file.stream(picture_reference, shown.entries, shown.data)
            + self._file.deflated(content_reference, content)
            + self._file.object(
                reference,
                f"<< /Type /Page /Parent {self._tree} 0 R /Contents {content_reference} 0 R "
                f"/MediaBox [0 0 {standing.width * scale:.3f} {standing.height * scale:.3f}] "
                f"/Resources << /Font {self._fonts} 0 R /XObject << /Image {picture_reference} 0 R >> >> >>",
            )
        )

    def end(self) -> bytes:
        """Fonts, the page tree, the catalog and the table of all objects."""
        kids = " ".join(f"{page} 0 R" for page in self._pages)
        tree = f"<< /Type /Pages /Count {len(self._pages)} /Kids [{kids}] >>"
        return (
            self._all_fonts()
            + self._file.object(self._tree, tree)
            + self._file.object(self._catalog, f"<< /Type /Catalog /Pages {self._tree} 0 R >>")
            + self._file.object(self._information, f"<< /Producer (Offing {__version__}) >>")
            + self._file.trailer(self._catalog, self._information)
        )

    def _all_fonts(self) -> bytes:
        file = self._file
        program, glyphs, descriptor, descendant = (file.reserve() for _ in range(4))
        data, name = font_file(), "/BaseFont /Glyphless"
        written = (
            file.deflated(program, data, f"/Length1 {len(data)}")
            + file.deflated(glyphs, glyph_of_each_code())
            + file.object(
                descriptor,
                f"<< /Type /FontDescriptor /FontName /Glyphless /Flags 4 /ItalicAngle 0 /StemV 80 "
                f"/FontBBox [0 {DESCENT} {ADVANCE} {ASCENT}] /Ascent {ASCENT} /Descent {DESCENT} "
                f"/CapHeight {ASCENT} /FontFile2 {program} 0 R >>",
            )
            + file.object(
                descendant,
                f"<< /Type /Font /Subtype /CIDFontType2 {name} /DW {ADVANCE} /CIDToGIDMap {glyphs} 0 R "
                "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
                f"/FontDescriptor {descriptor} 0 R >>",
            )
        )
        fonts = {}
        for plane in sorted(self._text.planes):
            fonts[plane], meaning = file.reserve(), file.reserve()
            written += file.deflated(meaning, to_unicode(plane))
            written += file.object(
                fonts[plane],
                f"<< /Type /Font /Subtype /Type0 {name} /Encoding /Identity-H "
                f"/DescendantFonts [{descendant} 0 R] /ToUnicode {meaning} 0 R >>",
            )
        entries = " ".join(f"/P{plane} {font} 0 R" for plane, font in fonts.items())
        return written + file.object(self._fonts, f"<< {entries} >>")


def _scale(page: Page) -> float:
    """Points to the pixel."""
    longest = max(page.width, page.height)
    dpi = page.dpi if page.dpi >= 1 else max(_POINTS, longest / _A4)
    return min(_POINTS / dpi, _LONGEST / longest)


def _turned(quad: Quad, page: Page) -> Quad:
    """Where displayed corners go when the page is turned upright: they turn as its text does."""
    return (
        upright(Page(page.width, page.height, (Block((), quad),), orientation=page.orientation))
        .blocks[0]
        .bbox
    )


def _image_matrix(corners: Quad, page: Page, scale: float) -> str:
    """What puts the unit square, in which images are drawn, on these corners (ISO 32000-1, 8.9.5.1)."""
    (left, top), _, (right_x, right_y), (x, y) = corners
    points = (right_x - x, y - right_y, left - x, y - top, x, page.height - y)
    return " ".join(f"{value * scale:.4f}" for value in points)
