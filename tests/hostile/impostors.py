"""Files that are not what they say: other formats, polyglots, wrong declared types."""

from __future__ import annotations

import gzip
import io
import json
import random
import struct
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from PIL import Image

from tests.hostile import jpeg_writer as jpeg
from tests.hostile import png_writer as png
from tests.hostile.upload import (
    BROKEN,
    EITHER,
    FINE,
    FORBIDDEN_TYPE,
    JPEG,
    LARGEST,
    NOT_AN_IMAGE_OF_OURS,
    PNG,
    Upload,
)  # fmt: skip

HTML = b"<!doctype html><script>alert(document.domain)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><image href="file:///etc/passwd"/></svg>'
XML_BOMB = (
    b'<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]><svg>&c;&c;&c;</svg>'
)
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (w) file\nshowpage\n%%EOF\n"
PHOTOSHOP = b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 4, 4, 8, 3) + bytes(64)
GIF_BOMB = b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02\x4c\x01\0;"
TIFF_LOOP = b"II*\0\x08\0\0\0\0\0\x08\0\0\0"
WMF = b"\xd7\xcd\xc6\x9a" + bytes(60)
WRITTEN_BY_PILLOW = (
    "GIF", "BMP", "WEBP", "TIFF", "ICO", "PPM", "PCX", "TGA", "SGI", "DDS", "ICNS", "MSP", "AVIF",
    "JPEG2000",
)  # fmt: skip


def files() -> Iterator[Upload]:
    """All of them."""
    yield from _other_formats()
    yield from _no_formats()
    yield from _polyglots()
    yield from _wrong_types()
    yield from _several_pictures()


def _saved(kind: str, **options: Any) -> bytes:
    mode = "1" if kind == "MSP" else "RGB"
    buffer = io.BytesIO()
    Image.new(mode, (32, 32)).save(buffer, kind, **options)
    return buffer.getvalue()


def _other_formats() -> Iterator[Upload]:
    """A whole image, but of no format that v1 takes."""
    Image.init()
    for kind in WRITTEN_BY_PILLOW:
        if kind in Image.SAVE:
            for declared in (PNG, JPEG) if kind in {"GIF", "WEBP", "TIFF"} else (PNG,):
                yield _other(f"{kind.lower()}-declared-{declared[6:]}", partial(_saved, kind), declared)
    frames = [Image.new("L", (16, 16), value) for value in range(100)]
    yield _other("gif-animation", partial(_saved, "GIF", save_all=True, append_images=frames))
    for name, content in {
        "gif-of-65535x65535": GIF_BOMB, "pdf": b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n",
        "svg": SVG,
        "xml-entities": XML_BOMB, "html": HTML, "postscript": POSTSCRIPT, "photoshop": PHOTOSHOP,
        "tiff-that-loops": TIFF_LOOP,
        "wmf": WMF, "fits": b"SIMPLE  =                    T" + b" " * 2850,
        "heic": struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + bytes(64),
        "jpeg-xl": b"\xff\x0a" + bytes(64), "mpeg": b"\0\0\1\xb3" + bytes(64),
        "mng": b"\x8aMNG\r\n\x1a\n" + bytes(64),
        "ole": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "elf": b"\x7fELF\2\1\1" + bytes(600),
    }.items():  # fmt: skip
        yield _other(name, partial(bytes, content))


def _other(name: str, make: Callable[[], bytes], declared: str = PNG) -> Upload:
    names = {
        "gif-declared-png",
        "webp-declared-png",
        "tiff-declared-jpeg",
        "svg",
        "html",
        "postscript",
        "pdf",
    }
    return Upload(f"impostor-{name}", make, NOT_AN_IMAGE_OF_OURS, declared, representative=name in names)


def _no_formats() -> Iterator[Upload]:
    numbers = random.Random(20_000)  # noqa: S311  nothing secret
    for name, content in {
        "empty": b"", "one-byte": b"\x89", "one-zero": b"\0", "two-bytes-of-jpeg": b"\xff\xd8",
        "spaces": b" " * 4096,
        "zeros-of-5-megabytes": bytes(LARGEST), "random-kilobyte": numbers.randbytes(1024),
        "random-megabyte": numbers.randbytes(1_000_000), "json": json.dumps({"image": "x"}).encode(),
        "utf-16": "an image".encode("utf-16"), "gzip": gzip.compress(png.gray(), mtime=0),
        "base64": b"iVBORw0KGgoAAAANSUhEUg==",
        "data-url": b"data:image/png;base64,iVBORw0KGgo=", "pickle": b"\x80\x04cos\nsystem\n.",
        "path": b"/etc/passwd",
        "random-after-png-signature": png.SIGNATURE + numbers.randbytes(4096),
        "random-after-jpeg-start": jpeg.SOI + numbers.randbytes(4096),
    }.items():  # fmt: skip
        marked = name in {
            "empty",
            "one-byte",
            "random-megabyte",
            "zeros-of-5-megabytes",
            "random-after-jpeg-start",
        }
        yield Upload(f"nothing-{name}", partial(bytes, content), BROKEN, PNG, representative=marked)
    yield Upload(
        "too-large-by-a-byte", partial(bytes, LARGEST + 1), frozenset({413}), PNG, representative=True
    )


def _archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("index.html"), HTML)
    return buffer.getvalue()


def _polyglots() -> Iterator[Upload]:
    """Whole images of ours that are also something else; and others that only begin like it."""
    for name, right, declared, make in (
        ("png-and-zip", FINE, PNG, lambda: png.gray() + _archive()),
        ("png-with-html-inside", FINE, PNG, lambda: png.gray(4, 4, png.chunk(b"tEXt", b"k\0" + HTML))),
        ("jpeg-with-html-inside", FINE, JPEG, lambda: jpeg.flat(16, 16, jpeg.segment(jpeg.COM, HTML))),
        ("jpeg-and-zip", FINE, JPEG, lambda: jpeg.flat() + _archive()),
        ("jpeg-then-png", FINE, JPEG, lambda: jpeg.flat() + png.gray()),
        ("png-then-jpeg", FINE, PNG, lambda: png.gray() + jpeg.flat()),
        ("zip-then-png", BROKEN, PNG, lambda: _archive() + png.gray()),
        ("gif-header-then-png", NOT_AN_IMAGE_OF_OURS, PNG, lambda: b"GIF89a" + png.gray()),
        ("pdf-header-then-jpeg", NOT_AN_IMAGE_OF_OURS, JPEG, lambda: b"%PDF-1.7\n" + jpeg.flat()),
        ("space-then-png", BROKEN, PNG, lambda: b"\n" + png.gray()),
    ):
        yield Upload(f"polyglot-{name}", make, right, declared, representative=name == "png-and-zip")


def _wrong_types() -> Iterator[Upload]:
    """A sound image under another type. Between PNG and JPEG v1 does not mind."""
    yield Upload("png-declared-jpeg", png.gray, FINE, JPEG)
    yield Upload("jpeg-declared-png", jpeg.flat, FINE, PNG)
    for declared in (
        "image/gif", "image/jpg", "image/pjpeg", "image/x-png", "image/*", "*/*", "image/svg+xml",
        "image/webp", "text/html",
        "application/octet-stream", "image/png, image/jpeg", "image/png;x=" + "y" * 2000, "IMAGE/PNG",
        "png", None,
    ):  # fmt: skip
        name = (declared or "nothing").replace("/", "-").replace(" ", "")[:24]
        yield Upload(
            f"png-declared-{name}", png.gray, FORBIDDEN_TYPE, declared, representative=declared == "image/gif"
        )


def _several_pictures() -> Iterator[Upload]:
    others = [Image.new("RGB", (32, 32), (value, 0, 0)) for value in range(40)]
    make = partial(_saved, "MPO", save_all=True, append_images=others)
    yield Upload("multi-picture-of-41", make, FINE, JPEG, representative=True)
    yield Upload("multi-picture-cut", lambda: make()[:2000], EITHER, JPEG)
