"""Hostile JPEG files: bombs, thousands of scans, lying sizes, broken tables, odd components."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from functools import partial

from tests.hostile import jpeg_writer as jpeg
from tests.hostile.jpeg_writer import Component
from tests.hostile.upload import (
    BROKEN, EITHER, FINE, JPEG, LARGEST, MEGABYTE, TOO_MANY_PIXELS, Upload,
)  # fmt: skip

CMYK: tuple[Component, ...] = ((1, 1, 1), (2, 1, 1), (3, 1, 1), (4, 1, 1))
YCC: tuple[Component, ...] = CMYK[:3]


def files() -> Iterator[Upload]:
    """All of them."""
    for group in (_bombs, _scans, _lying, _structure, _kinds, _components, _huffman, _segments, _restarts, _metadata):
        yield from group()


def _one(
    name: str, right: frozenset[int], make: bytes | Callable[[], bytes], *, representative: bool = False
) -> Upload:
    maker = partial(bytes, make) if isinstance(make, bytes) else make
    return Upload(f"jpeg-{name}", maker, right, JPEG, representative)


def _bombs() -> Iterator[Upload]:
    yield _one("flat-13000x13000", TOO_MANY_PIXELS, partial(jpeg.flat, 13_000, 13_000), representative=True)
    yield _one("flat-65500x2600", TOO_MANY_PIXELS, partial(jpeg.flat, 65_500, 2_600))
    yield _one("flat-colour-13000x13000", TOO_MANY_PIXELS, partial(_flat_data, YCC, 13_000), representative=True)
    yield _one("flat-cmyk-13000x13000", TOO_MANY_PIXELS, partial(_flat_data, CMYK, 13_000))
    for components, name in ((jpeg.GRAY, "gray"), (YCC, "colour"), (CMYK, "cmyk")):
        head = jpeg.frame(65_535, 65_535, components)
        yield _one(
            f"announces-65535x65535-{name}",
            TOO_MANY_PIXELS,
            jpeg.file(jpeg.tables(), head, jpeg.scan(bytes(100), [each[0] for each in components])),
            representative=name == "colour",
        )
    yield _one("progressive-13000x13000", TOO_MANY_PIXELS, partial(_many_scans, 13_000, 5))


def _flat_data(components: tuple[Component, ...], side: int) -> bytes:
    bits = jpeg.blocks(side, side) * 2 * len(components)
    names = [each[0] for each in components]
    return jpeg.file(jpeg.tables(), jpeg.frame(side, side, components), jpeg.scan(bytes(bits // 8 + 1), names))


def _many_scans(side: int, count: int, *, refine: bool = False) -> bytes:
    """A progressive image whose coefficients are sent again and again (section G.1).

    Each scan is some bytes long and makes the decoder visit every block of the image.
    """
    blocks = jpeg.blocks(side, side)
    first = jpeg.scan(bytes(blocks // 8 + 1), spectrum=(0, 0))
    run = bytes(-(-(-(-blocks // 16384) * 15) // 8))
    again = jpeg.scan(run, spectrum=(1, 63), approximation=(1, 0) if refine else (0, 0))
    return jpeg.file(
        jpeg.tables(jpeg.LONGEST_RUN), jpeg.frame(side, side, marker=jpeg.SOF2), first, again * count
    )


def _many_first_scans(side: int, count: int) -> bytes:
    first = jpeg.scan(bytes(jpeg.blocks(side, side) // 8 + 1), spectrum=(0, 0))
    return jpeg.file(jpeg.tables(), jpeg.frame(side, side, marker=jpeg.SOF2), first * count)


def _scans() -> Iterator[Upload]:
    yield _one("20000-refinements-of-4000x4000", BROKEN, partial(_many_scans, 4_000, 20_000, refine=True), representative=True)
    yield _one("20000-scans-of-4000x4000", BROKEN, partial(_many_scans, 4_000, 20_000), representative=True)
    yield _one("100000-scans-of-16x16", BROKEN, partial(_many_scans, 16, 100_000), representative=True)
    yield _one("3000-refinements-of-16x16", BROKEN, partial(_many_scans, 16, 3_000, refine=True))
    yield _one("2000-first-scans-of-1000x1000", BROKEN, partial(_many_first_scans, 1_000, 2_000))
    yield _one("1500-scans-with-tables-between", BROKEN, _scans_and_tables)
    whole = jpeg.scan(bytes(2))
    repeated = jpeg.file(jpeg.tables(), jpeg.frame(16, 16), whole * 20_000)
    yield _one("20000-scans-of-a-baseline-image", EITHER, repeated)


def _scans_and_tables() -> bytes:
    again = jpeg.huffman(1, symbols=b"\xe0") + jpeg.scan(bytes(2), spectrum=(1, 63))
    first = jpeg.scan(bytes(2), spectrum=(0, 0))
    return jpeg.file(jpeg.tables(jpeg.LONGEST_RUN), jpeg.frame(16, 16, marker=jpeg.SOF2), first, again * 1_500)


def _lying() -> Iterator[Upload]:
    data = jpeg.scan(bytes(15_000))
    yield _one("announces-5000x5000-has-a-tenth", BROKEN, jpeg.file(jpeg.tables(), jpeg.frame(5000, 5000), data), representative=True)
    yield _one("announces-5000x5000-has-nothing", BROKEN, jpeg.file(jpeg.tables(), jpeg.frame(5000, 5000), jpeg.scan(b"")))
    yield _one("announces-4000x4000-ends-at-once", BROKEN, jpeg.SOI + jpeg.tables() + jpeg.frame(4000, 4000) + jpeg.scan(bytes(9)))
    yield _one("announces-less-than-it-has", FINE, jpeg.file(jpeg.tables(), jpeg.frame(8, 8), data))
    for width, height in ((0, 16), (16, 0), (0, 0)):
        content = jpeg.file(jpeg.tables(), jpeg.frame(width, height), jpeg.scan(bytes(9)))
        yield _one(f"announces-{width}x{height}", BROKEN, content, representative=width == 0)
    late = jpeg.file(jpeg.tables(), jpeg.frame(16, 0), jpeg.scan(bytes(9)), jpeg.segment(jpeg.DNL, b"\0\x10"))
    yield _one("tells-its-height-after-the-scan", BROKEN, late)
    partial_scan = jpeg.file(jpeg.tables(jpeg.LONGEST_RUN), jpeg.frame(3000, 3000, marker=jpeg.SOF2), jpeg.scan(bytes(9), spectrum=(0, 0)))
    yield _one("progressive-3000x3000-has-9-bytes", BROKEN, partial_scan)


def _structure() -> Iterator[Upload]:
    tables, head, data = jpeg.tables(), jpeg.frame(16, 16), jpeg.scan(bytes(9))
    for name, right, content in (
        ("start-and-end-alone", BROKEN, jpeg.file()),
        ("start-alone", BROKEN, jpeg.SOI),
        ("without-end", EITHER, jpeg.SOI + tables + head + data),
        ("without-scan", BROKEN, jpeg.file(tables, head)),
        ("without-frame", BROKEN, jpeg.file(tables, data)),
        ("without-huffman-tables", EITHER, jpeg.file(jpeg.quantisation(), head, data)),
        ("without-quantisation-table", BROKEN, jpeg.file(jpeg.huffman(0), jpeg.huffman(1), head, data)),
        ("frame-after-scan", BROKEN, jpeg.file(tables, data, head)),
        ("two-starts", EITHER, jpeg.SOI + jpeg.flat()),
        ("two-frames", BROKEN, jpeg.file(tables, head, jpeg.frame(9000, 9000), data)),
        ("second-frame-in-the-scan", EITHER, jpeg.file(tables, head, jpeg.scan(b"\0"), jpeg.frame(9000, 9000), bytes(9))),
        ("two-images-in-one", FINE, jpeg.flat() + jpeg.flat(24, 24)),
        ("5-megabytes-of-ff", BROKEN, b"\xff" * LARGEST),
        ("start-then-ff", BROKEN, jpeg.SOI + b"\xff" * (LARGEST - 2)),
        ("a-million-fill-bytes", FINE, jpeg.SOI + b"\xff" * MEGABYTE + jpeg.flat()[2:]),
        ("garbage-between-segments", EITHER, jpeg.SOI + tables + b"garbage" * 1000 + head + data + jpeg.EOI),
        ("4-megabytes-after-the-end", FINE, jpeg.flat() + bytes(4 * MEGABYTE)),
        ("starts-with-a-frame", BROKEN, head + tables + data),
    ):
        yield _one(name, right, content, representative=name in {"without-frame", "start-then-ff"})


def _kinds() -> Iterator[Upload]:
    """Coding processes other than baseline and progressive Huffman (table B.1)."""
    processes = {
        "lossless": jpeg.SOF3, "differential": jpeg.SOF5, "differential-progressive": jpeg.SOF6,
        "differential-lossless": jpeg.SOF7, "reserved": 0xC8, "arithmetic-lossless": jpeg.SOF11, "differential-arithmetic": 0xCD,
        "differential-arithmetic-progressive": 0xCE, "differential-arithmetic-lossless": 0xCF,
    }  # fmt: skip
    for name, marker in processes.items():
        content = jpeg.file(jpeg.tables(), jpeg.frame(16, 16, marker=marker), jpeg.scan(bytes(9)))
        yield _one(f"process-{name}", BROKEN, content, representative=name == "differential")
    for name, marker in (("arithmetic", jpeg.SOF9), ("arithmetic-progressive", jpeg.SOF10)):
        content = jpeg.file(jpeg.tables(), jpeg.segment(jpeg.DAC, b"\0\x10"), jpeg.frame(3000, 3000, marker=marker), jpeg.scan(bytes(9)))
        yield _one(f"process-{name}", EITHER, content)
    for precision in (0, 1, 12, 16, 255):
        content = jpeg.file(jpeg.tables(), jpeg.frame(16, 16, precision=precision, marker=jpeg.SOF1), jpeg.scan(bytes(9)))
        yield _one(f"precision-{precision}", BROKEN, content, representative=precision == 12)
    hierarchical = jpeg.segment(jpeg.DHP, jpeg.frame(16, 16)[4:])
    yield _one("hierarchical", BROKEN, jpeg.file(jpeg.tables(), hierarchical, jpeg.frame(16, 16), jpeg.scan(bytes(9))))
    for name, spectrum, approximation in (
        ("spectrum-backwards", (40, 3), (0, 0)),
        ("spectrum-past-63", (1, 255), (0, 0)),
        ("spectrum-of-both-kinds", (0, 63), (0, 0)),
        ("approximation-15", (0, 0), (0, 15)),
    ):
        odd = jpeg.scan(bytes(9), spectrum=spectrum, approximation=approximation)
        yield _one(f"progressive-{name}", EITHER, jpeg.file(jpeg.tables(), jpeg.frame(16, 16, marker=jpeg.SOF2), odd))
    only_ac = jpeg.file(jpeg.tables(jpeg.LONGEST_RUN), jpeg.frame(16, 16, marker=jpeg.SOF2), jpeg.scan(bytes(9), spectrum=(1, 63)))
    yield _one("progressive-without-first-scan", EITHER, only_ac)


def _components() -> Iterator[Upload]:
    for count in (0, 2, 5, 255):
        components = [(number, 1, 1) for number in range(count)]
        content = jpeg.file(jpeg.tables(), jpeg.frame(16, 16, components), jpeg.scan(bytes(99), [0]))
        yield _one(f"{count}-components", BROKEN, content, representative=count == 5)
    for across, down in ((0, 1), (1, 0), (5, 1), (15, 15)):
        content = jpeg.file(jpeg.tables(), jpeg.frame(16, 16, [(1, across, down)]), jpeg.scan(bytes(9)))
        yield _one(f"sampling-{across}x{down}", BROKEN, content)
    wide: tuple[Component, ...] = ((1, 4, 4), (2, 4, 4), (3, 4, 4))
    yield _one("sampling-4x4-thrice", BROKEN, jpeg.flat_of(wide))
    for name, sampled in (("3-to-2", ((1, 3, 1), (2, 2, 1), (3, 2, 1))), ("4-to-1", ((1, 4, 1), (2, 1, 1), (3, 1, 2)))):
        yield _one(f"sampling-{name}", EITHER, partial(jpeg.flat_of, sampled, 40, 40))
    yield _one("4-components-without-adobe", FINE, partial(jpeg.flat_of, CMYK))
    yield _one("4-components-of-mixed-sampling", EITHER, partial(jpeg.flat_of, ((1, 2, 2), (2, 1, 1), (3, 1, 2), (4, 2, 1))))
    for transform in (1, 2, 99, 255):
        adobe = jpeg.segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))
        for name, components in (("cmyk", CMYK), ("colour", YCC)):
            yield _one(f"adobe-transform-{transform}-{name}", EITHER, partial(jpeg.flat_of, components, 16, 16, adobe))
    yield _one("component-named-twice", EITHER, jpeg.flat_of(((1, 1, 1), (1, 1, 1), (1, 1, 1))))
    for name, names in (("unknown-component", [9]), ("no-component", []), ("five-components", [1] * 5)):
        content = jpeg.file(jpeg.tables(), jpeg.frame(16, 16), jpeg.scan(bytes(9), names))
        yield _one(f"scan-of-{name}", BROKEN, content)


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
        yield _one(f"huffman-{name}", right, content, representative=name == "of-300-symbols")
    for name, right, table in (
        ("of-zeros", FINE, jpeg.quantisation(values=bytes(64))),
        ("number-15", BROKEN, jpeg.quantisation(15)),
        ("cut-short", BROKEN, jpeg.quantisation(values=bytes(10))),
    ):
        content = jpeg.file(table, jpeg.huffman(0), jpeg.huffman(1), head, data)
        yield _one(f"quantisation-{name}", right, content)


def _segments() -> Iterator[Upload]:
    comment = jpeg.segment(jpeg.COM, b"x")
    full = jpeg.segment(jpeg.COM, bytes(65_533))
    yield _one("20000-comments", FINE, partial(jpeg.flat, 16, 16, comment * 20_000), representative=True)
    yield _one("900000-empty-comments", FINE, partial(jpeg.flat, 16, 16, jpeg.segment(jpeg.COM) * 900_000), representative=True)
    yield _one("79-comments-of-64-kilobytes", FINE, partial(jpeg.flat, 16, 16, full * 79))
    for marker in (0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xEF):
        many = jpeg.segment(marker, b"x") * 20_000
        yield _one(f"20000-segments-{marker:02x}", FINE, partial(jpeg.flat, 16, 16, many))
    for length in (0, 1):
        wrong = jpeg.segment(jpeg.COM, b"", length=length)
        yield _one(f"comment-of-length-{length}", EITHER, partial(jpeg.flat, 16, 16, wrong), representative=length == 0)
    yield _one("comment-past-the-end", BROKEN, jpeg.SOI + jpeg.segment(jpeg.COM, b"x", length=65_535))
    yield _one("scan-header-past-the-end", BROKEN, jpeg.SOI + jpeg.tables() + jpeg.frame(16, 16) + jpeg.segment(jpeg.SOS, b"\1", length=65_535))
    tables = jpeg.tables() * 10_000
    yield _one("30000-tables", FINE, partial(jpeg.flat, 16, 16, tables))


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
        yield _one(f"restarts-{name}", right, jpeg.file(*head, *segments), representative=name.startswith("5"))
    noise = bytes(number * 167 % 255 for number in range(40_000))
    yield _one("entropy-of-random-bytes", EITHER, jpeg.file(*head, jpeg.scan(noise)))
    yield _one("entropy-of-ones", EITHER, jpeg.file(*head, jpeg.scan(b"\xff\0" * 9_000)))


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
        yield _one(f"exif-{name}", FINE, jpeg.flat(16, 16, _exif(tags)), representative=name == "next-directory-is-itself")
    profile = b"ICC_PROFILE\0"
    for name, payload in (
        ("garbage", b"\1\1garbage"), ("part-255-of-255", b"\xff\xffgarbage"), ("part-0-of-0", b"\0\0"),
    ):  # fmt: skip
        yield _one(f"icc-{name}", FINE, jpeg.flat(16, 16, jpeg.segment(0xE2, profile + payload)))
    thumbnail = jpeg.segment(jpeg.APP0, b"JFIF\0\1\2\0\0\1\0\1\xff\xff" + bytes(60))
    for name, extra in (
        ("jfif-with-a-missing-thumbnail", thumbnail),
        ("jfif-of-zero-density", jpeg.segment(jpeg.APP0, b"JFIF\0\1\1\1\0\0\0\0\0\0")),
        ("photoshop-garbage", jpeg.segment(0xED, b"Photoshop 3.0\0" + b"8BIM\4\4\xff" * 100)),
        ("photoshop-resource-past-the-end", jpeg.segment(0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\xff\xff\xff\xff")),
    ):
        yield _one(name, FINE, jpeg.flat(16, 16, extra))
    for name, extra in (
        ("icc-cut", jpeg.segment(0xE2, profile)),
        ("jfif-cut", jpeg.segment(jpeg.APP0, b"JFIF\0")),
        ("adobe-cut", jpeg.segment(0xEE, b"Adobe")),
    ):
        yield _one(name, EITHER, jpeg.flat(16, 16, extra))
    yield _one("multi-picture-garbage", EITHER, jpeg.flat(16, 16, jpeg.segment(0xE2, b"MPF\0garbage")))
    yield _one("multi-picture-of-4294967295", EITHER, jpeg.flat(16, 16, jpeg.segment(0xE2, _pictures())))
    yield _one("announces-65535x1", EITHER, jpeg.flat(65_535, 1))


def _pictures() -> bytes:
    """A multi-picture index (CIPA DC-007) that announces more pictures than can be."""
    tags = struct.pack("<HHIIHHIII", 0xB000, 7, 4, 0x30303130, 0xB001, 4, 1, 0xFFFFFFFF, 0)
    return b"MPF\0II*\0\x08\0\0\0" + struct.pack("<H", 2) + tags
