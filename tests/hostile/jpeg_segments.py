"""Hostile JPEG segments: odd components, broken tables, restarts, metadata."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import partial

from tests.hostile import jpeg_writer as jpeg
from tests.hostile.jpeg_files import CMYK, YCC, one
from tests.hostile.jpeg_writer import Component
from tests.hostile.upload import BROKEN, EITHER, FINE, Upload


def files() -> Iterator[Upload]:
    """All of them."""
    for group in (_components, _huffman, _segments, _restarts, _metadata):
        yield from group()


def _components() -> Iterator[Upload]:
    for count in (0, 2, 5, 255):
        components = tuple((number, 1, 1) for number in range(count))
        content = jpeg.file(jpeg.tables(), jpeg.frame(16, 16, components), jpeg.scan(bytes(99), [0]))
        yield one(f"{count}-components", BROKEN, content, representative=count == 5)
    for across, down in ((0, 1), (1, 0), (5, 1), (15, 15)):
        content = jpeg.file(jpeg.tables(), jpeg.frame(16, 16, [(1, across, down)]), jpeg.scan(bytes(9)))
        yield one(f"sampling-{across}x{down}", BROKEN, content)
    wide: tuple[Component, ...] = ((1, 4, 4), (2, 4, 4), (3, 4, 4))
    yield one("sampling-4x4-thrice", BROKEN, jpeg.flat_of(wide))
    for name, sampled in (
        ("3-to-2", ((1, 3, 1), (2, 2, 1), (3, 2, 1))),
        ("4-to-1", ((1, 4, 1), (2, 1, 1), (3, 1, 2))),
    ):
        yield one(f"sampling-{name}", EITHER, partial(jpeg.flat_of, sampled, 40, 40))
    yield one("4-components-without-adobe", FINE, partial(jpeg.flat_of, CMYK))
    yield one(
        "4-components-of-mixed-sampling",
        EITHER,
        partial(jpeg.flat_of, ((1, 2, 2), (2, 1, 1), (3, 1, 2), (4, 2, 1))),
    )
    for transform in (1, 2, 99, 255):
        adobe = jpeg.segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))
        for name, components in (("cmyk", CMYK), ("colour", YCC)):
            yield one(
                f"adobe-transform-{transform}-{name}",
                EITHER,
                partial(jpeg.flat_of, components, 16, 16, adobe),
            )
    yield one("component-named-twice", EITHER, jpeg.flat_of(((1, 1, 1), (1, 1, 1), (1, 1, 1))))
    for name, names in (("unknown-component", [9]), ("no-component", []), ("five-components", [1] * 5)):
        content = jpeg.file(jpeg.tables(), jpeg.frame(16, 16), jpeg.scan(bytes(9), names))
        yield one(f"scan-of-{name}", BROKEN, content)


def _huffman() -> Iterator[Upload]:
    head, data = jpeg.frame(16, 16), jpeg.scan(bytes(99))
    dc = jpeg.huffman(0)
    for name, right, table in (
        ("of-300-symbols", BROKEN, jpeg.huffman(1, symbols=bytes(300), counts=[0] * 14 + [150, 150])),
        ("of-too-many-short-codes", BROKEN, jpeg.huffman(1, symbols=bytes(3), counts=[3])),
        ("with-the-code-of-all-ones", EITHER, jpeg.huffman(1, symbols=bytes(2), counts=[2])),
        ("without-symbols", EITHER, jpeg.huffman(1, symbols=b"", counts=[0])),
        ("shorter-than-it-says", BROKEN, jpeg.huffman(1, symbols=b"", counts=[9])),
        ("number-9", BROKEN, jpeg.huffman(1, 9)),
        ("of-a-third-kind", BROKEN, jpeg.huffman(5)),
        ("of-length-2", EITHER, jpeg.segment(jpeg.DHT)),
        ("dc-of-category-255", BROKEN, jpeg.huffman(0, symbols=b"\xff") + jpeg.huffman(1)),
        ("ac-that-runs-past-the-block", EITHER, jpeg.huffman(1, symbols=b"\xf1")),
    ):
        content = jpeg.file(jpeg.quantisation(), dc, table, head, data)
        yield one(f"huffman-{name}", right, content, representative=name == "of-300-symbols")
    for name, right, table in (
        ("of-zeros", FINE, jpeg.quantisation(values=bytes(64))),
        ("number-15", BROKEN, jpeg.quantisation(15)),
        ("cut-short", BROKEN, jpeg.quantisation(values=bytes(10))),
    ):
        content = jpeg.file(table, jpeg.huffman(0), jpeg.huffman(1), head, data)
        yield one(f"quantisation-{name}", right, content)


def _segments() -> Iterator[Upload]:
    comment = jpeg.segment(jpeg.COM, b"x")
    full = jpeg.segment(jpeg.COM, bytes(65_533))
    yield one("20000-comments", FINE, partial(jpeg.flat, 16, 16, comment * 20_000), representative=True)
    yield one(
        "900000-empty-comments",
        BROKEN,  # past any limit of sense: each segment costs a decoder time
        partial(jpeg.flat, 16, 16, jpeg.segment(jpeg.COM) * 900_000),
        representative=True,
    )
    yield one("79-comments-of-64-kilobytes", FINE, partial(jpeg.flat, 16, 16, full * 79))
    for marker in (0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xEF):
        many = jpeg.segment(marker, b"x") * 20_000
        yield one(f"20000-segments-{marker:02x}", FINE, partial(jpeg.flat, 16, 16, many))
    for length in (0, 1):
        wrong = jpeg.segment(jpeg.COM, b"", length=length)
        yield one(
            f"comment-of-length-{length}",
            EITHER,
            partial(jpeg.flat, 16, 16, wrong),
            representative=length == 0,
        )
    yield one("comment-past-the-end", BROKEN, jpeg.SOI + jpeg.segment(jpeg.COM, b"x", length=65_535))
    yield one(
        "scan-header-past-the-end",
        BROKEN,
        jpeg.SOI + jpeg.tables() + jpeg.frame(16, 16) + jpeg.segment(jpeg.SOS, b"\1", length=65_535),
    )
    tables = jpeg.tables() * 10_000
    yield one("30000-tables", FINE, partial(jpeg.flat, 16, 16, tables))


def _restarts() -> Iterator[Upload]:
    every = jpeg.segment(jpeg.DRI, b"\0\1")
    head = jpeg.tables(), jpeg.frame(16, 16)
    sound = b"\x1f\xff\xd0\x1f\xff\xd1\x1f\xff\xd2\x1f"
    marks = b"".join(b"\xff" + bytes([jpeg.RST0 + number % 8]) for number in range(50_000))
    for name, right, segments in (
        ("none-where-each-block-has-one", EITHER, (every, jpeg.scan(bytes(99)))),
        ("out-of-order", EITHER, (every, jpeg.scan(b"\x1f\xff\xd5\x1f\xff\xd2\x1f\xff\xd0\x1f"))),
        ("that-nobody-announced", EITHER, (jpeg.scan(sound),)),
        ("50000-and-no-data", EITHER, (every, jpeg.scan(marks))),
        ("interval-of-wrong-length", BROKEN, (jpeg.segment(jpeg.DRI, b"\1"), jpeg.scan(bytes(99)))),
        ("interval-of-65535", FINE, (jpeg.segment(jpeg.DRI, b"\xff\xff"), jpeg.scan(bytes(99)))),
        ("as-they-should-be", FINE, (every, jpeg.scan(sound))),
    ):
        yield one(f"restarts-{name}", right, jpeg.file(*head, *segments), representative=name.startswith("5"))
    noise = bytes(number * 167 % 255 for number in range(40_000))
    yield one("entropy-of-random-bytes", EITHER, jpeg.file(*head, jpeg.scan(noise)))
    yield one("entropy-of-ones", EITHER, jpeg.file(*head, jpeg.scan(b"\xff\0" * 9_000)))


def _exif(tags: bytes) -> bytes:
    return jpeg.segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0" + tags)


def _directory(tag: int, kind: int, count: int, value: int, following: int = 0) -> bytes:
    return struct.pack("<HHHIII", 1, tag, kind, count, value, following)


def _metadata() -> Iterator[Upload]:
    """What v1 does not read: EXIF, profiles, previews. None of it may matter."""
    for name, tags in (
        ("next-directory-is-itself", _directory(0x0112, 3, 1, 6, 8)),
        ("sub-directory-is-itself", _directory(0x8769, 4, 1, 8)),
        ("count-of-4294967295", _directory(0x0112, 3, 0xFFFFFFFF, 6)),
        ("offset-past-the-end", _directory(0x010E, 2, 1000, 0xFFFFFFF0)),
        ("65535-entries", b"\xff\xff" + bytes(5_000)),
        ("unknown-type", _directory(0x0112, 99, 1, 6)),
        ("orientation-99", _directory(0x0112, 3, 1, 99)),
        ("orientation-of-zero-values", _directory(0x0112, 3, 0, 0)),
        ("resolution-over-zero", _directory(0x011A, 5, 1, 26) + bytes(8)),
        ("empty", b""),
        ("garbage", b"\xfe" * 3_000),
    ):
        yield one(
            f"exif-{name}",
            FINE,
            jpeg.flat(16, 16, _exif(tags)),
            representative=name == "next-directory-is-itself",
        )
    profile = b"ICC_PROFILE\0"
    for name, payload in (
        ("garbage", b"\1\1garbage"), ("part-255-of-255", b"\xff\xffgarbage"), ("part-0-of-0", b"\0\0"),
    ):  # fmt: skip
        yield one(f"icc-{name}", FINE, jpeg.flat(16, 16, jpeg.segment(0xE2, profile + payload)))
    thumbnail = jpeg.segment(jpeg.APP0, b"JFIF\0\1\2\0\0\1\0\1\xff\xff" + bytes(60))
    for name, extra in (
        ("jfif-with-a-missing-thumbnail", thumbnail),
        ("jfif-of-zero-density", jpeg.segment(jpeg.APP0, b"JFIF\0\1\1\1\0\0\0\0\0\0")),
        ("photoshop-garbage", jpeg.segment(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\xff" * 100)),
        (
            "photoshop-resource-past-the-end",
            jpeg.segment(0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\xff\xff\xff\xff"),
        ),
    ):
        yield one(name, FINE, jpeg.flat(16, 16, extra))
    for name, extra in (
        ("icc-cut", jpeg.segment(0xE2, profile)),
        ("jfif-cut", jpeg.segment(jpeg.APP0, b"JFIF\0")),
        ("adobe-cut", jpeg.segment(0xEE, b"Adobe")),
    ):
        yield one(name, EITHER, jpeg.flat(16, 16, extra))
    yield one("multi-picture-garbage", EITHER, jpeg.flat(16, 16, jpeg.segment(0xE2, b"MPF\0garbage")))
    yield one("multi-picture-of-4294967295", EITHER, jpeg.flat(16, 16, jpeg.segment(0xE2, _pictures())))
    yield one("announces-65535x1", EITHER, jpeg.flat(65_535, 1))


def _pictures() -> bytes:
    """A multi-picture index (CIPA DC-007) that announces more pictures than can be."""
    tags = struct.pack("<HHIIHHIII", 0xB000, 7, 4, 0x30303130, 0xB001, 4, 1, 0xFFFFFFFF, 0)
    return b"MPF\0II*\0\x08\0\0\0" + struct.pack("<H", 2) + tags
