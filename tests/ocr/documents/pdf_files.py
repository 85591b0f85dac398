"""Writes PDF files object by object (ISO 32000-1, section 7.5), valid or broken on purpose."""

from __future__ import annotations

import hashlib
import math
import zlib
from collections.abc import Sequence

A4 = (0, 0, 595, 842)
CATALOG, TREE, FONT, FIRST = 1, 2, 3, 4
"""Numbers of the objects that every document here has; extra ones follow from FIRST on."""
PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
PERMISSIONS = (-4).to_bytes(4, "little", signed=True)
IDENTIFIER = b"0123456789abcdef"


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """A stream object."""
    return b"<<%b/Length %d>>stream\n%b\nendstream" % (entries, len(data), data)


def image(width: int, height: int, samples: bytes, *, space: bytes = b"/DeviceGray", bits: int = 8) -> bytes:
    """An image of deflated samples."""
    entries = b"/Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace %b/BitsPerComponent %d" % (
        width, height, space, bits,
    )  # fmt: skip
    return stream(zlib.compress(samples, 9), entries + b"/Filter/FlateDecode")


def text(  # noqa: PLR0913  where, how and what
    x: float, y: float, size: float, words: str, *, mode: int = 0, degrees: float = 0.0, font: bytes = b"F"
) -> bytes:
    """A line in Helvetica from a point on its baseline on; ``degrees`` turn it counterclockwise."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    escaped = words.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)").encode("cp1252")
    return b"BT %d Tr /%b %g Tf %.5f %.5f %.5f %.5f %g %g Tm (%b) Tj ET\n" % (
        mode, font, size, c, s, -s, c, x, y, escaped,
    )  # fmt: skip


def paragraph(x: float, top: float, size: float, lines: Sequence[str], *, mode: int = 0) -> bytes:
    """Lines below each other."""
    rows = enumerate(lines)
    return b"".join(text(x, top - 1.3 * size * row, size, line, mode=mode) for row, line in rows)


def drawn(name: bytes, box: Sequence[float] = A4) -> bytes:
    """An image or a form that fills a box."""
    return b"q %g 0 0 %g %g %g cm /%b Do Q\n" % (box[2] - box[0], box[3] - box[1], box[0], box[1], name)


def document(  # noqa: PLR0913  what a page may have
    *contents: bytes,
    extra: Sequence[bytes] = (),
    named: bytes = b"",
    box: Sequence[float] = A4,
    rotate: int = 0,
    page: bytes = b"",
    catalog: bytes = b"",
    fonts: bytes = b"",
    password: str | None = None,
) -> bytes:
    """A document of pages with these contents.

    ``extra`` objects have the numbers from FIRST on; ``named`` is what the resources call them, as in
    ``/I 4 0 R``; ``page`` and ``catalog`` are further entries. With a ``password`` the streams are
    encrypted so that it opens the file (section 7.6.3, revision 2).
    """
    start = FIRST + len(extra)
    kids = b" ".join(b"%d 0 R" % (start + 2 * number) for number in range(len(contents)))
    sides = " ".join(f"{side:.2f}" for side in box).encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%b>>" % catalog,
        b"<</Type/Pages/Kids[%b]/Count %d>>" % (kids, len(contents)),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        *extra,
    ]
    for number, content in enumerate(contents):
        own = start + 2 * number
        objects += [
            b"<</Type/Page/Parent 2 0 R/MediaBox[%b]/Rotate %d/Contents %d 0 R"
            b"/Resources<</Font<</F 3 0 R%b>>/XObject<<%b>>>>%b>>"
            % (sides, rotate, own + 1, fonts, named, page),
            stream(content if password is None else _encrypted(content, own + 1, password)),
        ]
    return file(objects, _encryption(password) if password is not None else b"")


def file(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """The file with these objects, numbered from 1; the first is the catalog."""
    data, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    end = b"trailer<</Size %d/Root 1 0 R%b>>\nstartxref\n%d\n%%%%EOF" % (size, trailer, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + end


def _padded(password: str) -> bytes:
    return (password.encode() + PADDING)[:32]


def _key(password: str) -> bytes:
    return hashlib.md5(_padded(password) + _owner(password) + PERMISSIONS + IDENTIFIER).digest()[:5]  # noqa: S324


def _owner(password: str) -> bytes:
    return _rc4(hashlib.md5(_padded("owner")).digest()[:5], _padded(password))  # noqa: S324


def _encryption(password: str) -> bytes:
    user = _rc4(_key(password), PADDING)
    strings = (IDENTIFIER, IDENTIFIER, _owner(password), user)
    return b"/ID[<%b><%b>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%b>/U<%b>>>" % tuple(
        each.hex().encode() for each in strings
    )


def _encrypted(data: bytes, number: int, password: str) -> bytes:
    key = hashlib.md5(_key(password) + number.to_bytes(3, "little") + bytes(2)).digest()[:10]  # noqa: S324
    return _rc4(key, data)


def _rc4(key: bytes, data: bytes) -> bytes:
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
