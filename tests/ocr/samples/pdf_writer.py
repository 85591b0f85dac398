"""A small writer of PDF (ISO 32000-1, section 7.5): pages of text in a standard font, or of one JPEG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

A4 = (595, 842)
"""Points, of which an inch holds 72."""


@dataclass(frozen=True)
class TextPage:
    """Lines of text in Helvetica: left and baseline in points from the lower left corner, size, text."""

    lines: Sequence[tuple[float, float, float, str]]


@dataclass(frozen=True)
class ImagePage:
    """A gray JPEG that fills the page, as a scanner makes it."""

    jpeg: bytes
    width: int
    height: int


def encode(pages: Sequence[TextPage | ImagePage]) -> bytes:
    """The document; every page is A4, upright."""
    kids = " ".join(f"{4 + 3 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        first = 4 + 3 * number
        resources = f"/Font << /F 3 0 R >> /XObject << /I {first + 2} 0 R >>"
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {A4[0]} {A4[1]}] "
            f"/Resources << {resources} >> /Contents {first + 1} 0 R >>".encode(),
            _stream("", _content(page)),
            _image(page) if isinstance(page, ImagePage) else b"null",
        ]
    return _file(objects)


def _content(page: TextPage | ImagePage) -> bytes:
    if isinstance(page, ImagePage):
        return f"q {A4[0]} 0 0 {A4[1]} 0 0 cm /I Do Q".encode()
    shown = [
        f"/F {size:g} Tf 1 0 0 1 {x:g} {y:g} Tm ({_escaped(text)}) Tj" for x, y, size, text in page.lines
    ]
    return "\n".join(["BT", *shown, "ET"]).encode("cp1252")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _image(page: ImagePage) -> bytes:
    return _stream(
        "/Type /XObject /Subtype /Image /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode "
        f"/Width {page.width} /Height {page.height}",
        page.jpeg,
    )


def _stream(entries: str, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries.encode(), len(data), data)


def _file(objects: Sequence[bytes]) -> bytes:
    """Header, objects, cross-reference table and trailer."""
    data = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, each in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    data += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(data)
