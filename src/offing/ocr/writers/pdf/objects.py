"""The file structure of a PDF: numbered objects, and a table of where each begins.

Sources: ISO 32000-1 (PDF 1.7), 7.3 objects, 7.5 file structure.
"""

from __future__ import annotations

import zlib

Reference = int
"""Number of an object; a reference to it is written ``NUMBER 0 R``."""


class PdfFile:
    """Gives objects their bytes and remembers offsets: what it answered, joined in order, is the file."""

    def __init__(self) -> None:
        self._offsets: dict[Reference, int] = {}
        self._last = 0
        self._length = 0

    def header(self) -> bytes:
        """Version, and a comment whose high bytes tell transfer programs that this is no text (7.5.2)."""
        return self._counted(b"%PDF-1.7\n%\xc7\xec\x8f\xa2\n")

    def reserve(self) -> Reference:
        """The number of an object that is written later."""
        self._last += 1
        return self._last

    def object(self, reference: Reference, content: str) -> bytes:
        """An indirect object (7.3.10)."""
        return self._object(reference, content.encode("ascii"))

    def stream(self, reference: Reference, entries: str, data: bytes) -> bytes:
        """A stream whose data is as its entries say (7.3.8)."""
        head = f"<< {entries} /Length {len(data)} >>\nstream\n".encode("ascii")
        return self._object(reference, head + data + b"\nendstream")

    def deflated(self, reference: Reference, data: bytes, entries: str = "") -> bytes:
        """A stream that is deflated here."""
        return self.stream(reference, f"{entries} /Filter /FlateDecode", zlib.compress(data))

    def trailer(self, root: Reference, information: Reference) -> bytes:
        """Cross-reference table and trailer (7.5.4, 7.5.5), the end of the file."""
        start, size = self._length, self._last + 1
        rows = "".join(f"{self._offsets[number]:010} 00000 n \n" for number in range(1, size))
        entries = f"/Size {size} /Root {root} 0 R /Info {information} 0 R"
        return self._counted(
            f"xref\n0 {size}\n0000000000 65535 f \n{rows}"
            f"trailer\n<< {entries} >>\nstartxref\n{start}\n%%EOF\n".encode("ascii")
        )

    def _object(self, reference: Reference, content: bytes) -> bytes:
        self._offsets[reference] = self._length
        return self._counted(b"%d 0 obj\n%b\nendobj\n" % (reference, content))

    def _counted(self, data: bytes) -> bytes:
        self._length += len(data)
        return data
