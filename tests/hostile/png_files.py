"""Hostile PNG files: bombs, lying lengths, broken rules, strange but valid ones."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from functools import partial

from tests.hostile import png_writer as png
from tests.hostile.upload import ABSURD_SIZE, BROKEN, EITHER, FINE, MEGABYTE, TOO_MANY_PIXELS, Upload

ROWS_OF_4X4 = (b"\0" + b"\x78" * 4) * 4
INFLATES_TO = 64 * MEGABYTE


def files() -> Iterator[Upload]:
    """All of them."""
    for group in (
        _bombs,
        _chunk_bombs,
        _lengths,
        _structure,
        _headers,
        _palettes,
        _data,
        _animations,
        _extras,
    ):
        yield from group()


def _one(
    name: str, right: frozenset[int], make: Callable[[], bytes], *, representative: bool = False
) -> Upload:
    return Upload(f"png-{name}", make, right, representative=representative)


def _announced(width: int, height: int, depth: int = 8, colour: int = png.RGB) -> bytes:
    """A size in the header and next to no pixels."""
    return png.file(png.header(width, height, depth, colour), png.pixels(bytes(1000)), png.end())


def _bombs() -> Iterator[Upload]:
    yield _one("1bit-20000x20000", TOO_MANY_PIXELS, _one_bit_bomb, representative=True)
    for name, right, announced in (
        ("announces-100000x100000", TOO_MANY_PIXELS, (100_000, 100_000)),
        ("announces-16bit-rgba-13000x13000", TOO_MANY_PIXELS, (13_000, 13_000, 16, png.RGBA)),
        ("announces-1bit-65535x65535", TOO_MANY_PIXELS, (65_535, 65_535, 1, png.GRAY)),
        ("announces-200-million-in-a-row", TOO_MANY_PIXELS, (200_000_000, 1, 8, png.GRAY)),
        ("announces-a-column-of-2147483647", TOO_MANY_PIXELS, (1, 2**31 - 1, 8, png.GRAY)),
        ("announces-2147483647x2147483647", ABSURD_SIZE, (2**31 - 1, 2**31 - 1)),
        ("announces-4294967295x4294967295", ABSURD_SIZE, (2**32 - 1, 2**32 - 1)),
        ("announces-a-width-past-31-bits", ABSURD_SIZE, (2**31, 1)),
        ("announces-an-area-that-wraps-32-bits", TOO_MANY_PIXELS, (65_536, 65_536, 8, png.GRAY)),
    ):
        yield _one(name, right, partial(_announced, *announced), representative="100000" in name)
    yield _one(
        "announces-5000x5000-without-pixels", BROKEN, partial(_announced, 5000, 5000), representative=True
    )
    for width, height in ((0, 4), (4, 0), (0, 0)):
        name = f"announces-{width}x{height}"
        yield _one(name, BROKEN, partial(_announced, width, height), representative=height == 0)


def _one_bit_bomb() -> bytes:
    row = b"\0" + bytes(2500)
    return png.file(png.header(20_000, 20_000, 1), png.pixels(row * 20_000, 6), png.end())


def _inflating(kind: bytes, before: bytes) -> bytes:
    return png.gray(4, 4, png.chunk(kind, before + zlib.compress(bytes(INFLATES_TO), 6)))


def _chunk_bombs() -> Iterator[Upload]:
    for kind, before in ((b"zTXt", b"k\0\0"), (b"iTXt", b"k\0\1\0\0\0"), (b"iCCP", b"p\0\0")):
        name = f"{kind.decode()}-inflates-to-64-megabytes"
        yield _one(name, EITHER, partial(_inflating, kind, before), representative=True)
    small = zlib.compress(bytes(MEGABYTE), 6)
    yield _one(
        "300-zTXt-of-a-megabyte", EITHER, lambda: png.gray(4, 4, png.chunk(b"zTXt", b"k\0\0" + small) * 300)
    )
    yield _one(
        "100000-tEXt",
        EITHER,
        lambda: png.gray(4, 4, png.chunk(b"tEXt", b"k\0v") * 100_000),
        representative=True,
    )
    yield _one(
        "tEXt-of-4-megabytes",
        FINE,
        lambda: png.gray(4, 4, png.chunk(b"tEXt", b"k\0" + b"v" * 4 * MEGABYTE)),
    )
    yield _one(
        "IDAT-inflates-far-past-its-image",
        EITHER,
        lambda: png.file(png.header(4, 4), png.pixels(bytes(INFLATES_TO), 6), png.end()),
        representative=True,
    )
    yield _one("50000-empty-IDAT", EITHER, lambda: png.gray(4, 4, png.chunk(b"IDAT") * 50_000))
    yield _one("an-IDAT-for-each-byte", FINE, _byte_by_byte)
    yield _one("200000-unknown-chunks", EITHER, lambda: png.gray(4, 4, png.chunk(b"abCd") * 200_000))


def _byte_by_byte() -> bytes:
    data = zlib.compress((b"\0" + bytes(range(200))) * 200, 0)
    parts = b"".join(png.chunk(b"IDAT", data[at : at + 1]) for at in range(len(data)))
    return png.file(png.header(200, 200), parts, png.end())


def _lengths() -> Iterator[Upload]:
    size = struct.pack(">IIBB", 4, 4, 8, 0) + b"\0\0\0"
    idat = zlib.compress(ROWS_OF_4X4)
    for length in (0xFFFFFFFF, 0x80000000, 0x7FFFFFFF):
        announced = f"{length:08x}"
        endless = png.file(png.header(4, 4), png.chunk(b"IDAT", idat, length=length))
        marked = length == 0xFFFFFFFF
        yield _one(f"IDAT-length-{announced}", EITHER, partial(bytes, endless), representative=marked)
        text = png.chunk(b"tEXt", b"k\0v", length=length)
        yield _one(f"tEXt-length-{announced}", BROKEN, partial(png.gray, 4, 4, text))
    yield _one("IHDR-length-ffffffff", BROKEN, lambda: png.file(png.chunk(b"IHDR", size, length=0xFFFFFFFF)))
    yield _one(
        "IHDR-too-short", BROKEN, lambda: png.file(png.chunk(b"IHDR", size[:12]), png.pixels(ROWS_OF_4X4))
    )
    yield _one("IHDR-empty", BROKEN, lambda: png.file(png.chunk(b"IHDR"), png.pixels(ROWS_OF_4X4), png.end()))
    yield _one(
        "IDAT-length-too-short",
        EITHER,
        lambda: png.file(png.header(4, 4), png.chunk(b"IDAT", idat, length=len(idat) - 3), png.end()),
    )


def _structure() -> Iterator[Upload]:
    data, last = png.pixels(ROWS_OF_4X4), png.end()
    head = png.header(4, 4)
    crc = 0xDEADBEEF
    for name, right, content in (
        ("signature-alone", BROKEN, png.SIGNATURE),
        ("signature-with-converted-newlines", BROKEN, png.gray().replace(b"\r\n", b"\n", 1)),
        ("IHDR-alone", BROKEN, png.file(head)),
        ("without-IHDR", BROKEN, png.file(data, last)),
        ("without-IDAT", BROKEN, png.file(head, last)),
        ("IEND-before-IDAT", BROKEN, png.file(head, last, data)),
        ("without-IEND", EITHER, png.file(head, data)),
        (
            "second-IHDR-of-another-size",
            EITHER | TOO_MANY_PIXELS,
            png.file(head, png.header(9000, 9000), data, last),
        ),
        ("second-IHDR-after-the-pixels", EITHER, png.file(head, data, png.header(1, 1), last)),
        ("IHDR-with-a-wrong-checksum", BROKEN, png.file(_spoiled(head, crc), data, last)),
        ("IDAT-with-a-wrong-checksum", EITHER, png.file(head, _spoiled(data, crc), last)),
        ("IEND-with-a-wrong-checksum", EITHER, png.file(head, data, _spoiled(last, crc))),
        ("tEXt-with-a-wrong-checksum", EITHER, png.gray(4, 4, png.chunk(b"tEXt", b"k\0v", crc=crc))),
        ("PLTE-with-a-wrong-checksum", EITHER, png.gray(4, 4, png.chunk(b"PLTE", bytes(3), crc=crc))),
        ("chunk-name-of-no-letters", BROKEN, png.gray(4, 4, png.chunk(b"\0\1\2\3", b"x"))),
        ("unknown-critical-chunk", EITHER, png.gray(4, 4, png.chunk(b"ABCD", b"x"))),
        ("text-between-two-IDAT", EITHER, _interrupted()),
        ("4-megabytes-after-IEND", FINE, png.gray() + bytes(4 * MEGABYTE)),
    ):
        yield _one(
            name, right, partial(bytes, content), representative=name in {"without-IDAT", "IHDR-alone"}
        )


def _spoiled(whole: bytes, crc: int) -> bytes:
    return whole[:-4] + struct.pack(">I", crc)


def _interrupted() -> bytes:
    data = zlib.compress(ROWS_OF_4X4)
    parts = png.chunk(b"IDAT", data[:5]), png.chunk(b"tEXt", b"k\0v"), png.chunk(b"IDAT", data[5:])
    return png.file(png.header(4, 4), *parts, png.end())


def _headers() -> Iterator[Upload]:
    """Depths, colour types and methods that the specification does not have (section 11.2.2)."""
    impossible = (
        (0, 0),
        (3, 0),
        (32, 0),
        (255, 0),
        (1, 2),
        (4, 2),
        (16, 3),
        (2, 4),
        (4, 6),
        (8, 1),
        (8, 5),
        (8, 7),
    )
    for depth, colour in impossible:
        content = png.file(png.header(4, 4, depth, colour), png.pixels(bytes(400)), png.end())
        name = f"depth-{depth}-of-colour-type-{colour}"
        yield _one(name, BROKEN, partial(bytes, content), representative=(depth, colour) == (16, 3))
    for rest, meaning in ((b"\1\0\0", "compression"), (b"\0\x09\0", "filter"), (b"\0\0\2", "interlace")):
        content = png.file(png.header(4, 4, rest=rest), png.pixels(ROWS_OF_4X4), png.end())
        yield _one(f"unknown-{meaning}-method", EITHER, partial(bytes, content))
    yield _one("interlaced-by-name-only", EITHER, partial(_interlaced_garbage, 40, 40))
    yield _one("interlaced-with-empty-passes", FINE, lambda: png.file(
        png.header(1, 3, rest=b"\0\0\1"), png.pixels(b"\0\x10" * 3), png.end()
    ))  # fmt: skip
    yield _one("1bit-rows-that-end-inside-a-byte", FINE, lambda: png.file(
        png.header(7, 2, 1), png.pixels(b"\0\xff\0\x55"), png.end()
    ))  # fmt: skip


def _interlaced_garbage(width: int, height: int) -> bytes:
    rows = (b"\0" + bytes(width)) * height
    return png.file(png.header(width, height, rest=b"\0\0\1"), png.pixels(rows), png.end())


def _palettes() -> Iterator[Upload]:
    head, last = png.header(4, 4, 8, png.PALETTE), png.end()
    data = png.pixels((b"\0" + b"\xff\x80\x02\x00") * 4)
    for name, right, palette in (
        ("missing", EITHER, b""),
        ("after-the-pixels", EITHER, None),
        ("too-short-for-its-indices", EITHER, png.chunk(b"PLTE", bytes(6))),
        ("not-a-multiple-of-three", EITHER, png.chunk(b"PLTE", bytes(7))),
        ("empty", EITHER, png.chunk(b"PLTE")),
        ("of-257-colours", EITHER, png.chunk(b"PLTE", bytes(771))),
        ("of-a-million-colours", EITHER, png.chunk(b"PLTE", bytes(3_000_000))),
        ("with-too-long-tRNS", EITHER, png.chunk(b"PLTE", bytes(768)) + png.chunk(b"tRNS", bytes(1000))),
        ("with-empty-tRNS", EITHER, png.chunk(b"PLTE", bytes(768)) + png.chunk(b"tRNS")),
    ):
        parts = (head, data, png.chunk(b"PLTE", bytes(768))) if palette is None else (head, palette, data)
        content = png.file(*parts, last)
        yield _one(f"palette-{name}", right, partial(bytes, content), representative=name == "missing")
    short = png.file(png.header(4, 4, 8, png.RGB), png.chunk(b"tRNS", b"\0"), png.pixels(bytes(52)), last)
    yield _one("tRNS-too-short-for-a-colour", EITHER, partial(bytes, short))


def _data() -> Iterator[Upload]:
    whole = zlib.compress(ROWS_OF_4X4)
    dictionary = zlib.compressobj(zdict=b"\0xxxx")
    with_dictionary = dictionary.compress(ROWS_OF_4X4) + dictionary.flush()
    for name, right, data in (
        ("not-deflated", BROKEN, ROWS_OF_4X4),
        ("of-random-bytes", BROKEN, bytes(range(255, 0, -1))),
        ("empty", BROKEN, b""),
        ("needs-a-dictionary", BROKEN, with_dictionary),
        ("with-a-wrong-adler", EITHER, whole[:-4] + b"\0\0\0\0"),
        ("without-adler", EITHER, whole[:-4]),
        ("ends-in-the-middle", BROKEN, zlib.compress(ROWS_OF_4X4[:9])),
        ("has-a-row-too-many", EITHER, zlib.compress(ROWS_OF_4X4 + ROWS_OF_4X4[:5])),
        ("has-filter-type-255", BROKEN, zlib.compress((b"\xff" + bytes(4)) * 4)),
        ("has-filter-type-5", BROKEN, zlib.compress((b"\x05" + bytes(4)) * 4)),
        ("gzip-instead-of-zlib", BROKEN, zlib.compress(ROWS_OF_4X4, wbits=31)),
    ):
        content = png.file(png.header(4, 4), png.chunk(b"IDAT", data), png.end())
        yield _one(
            f"IDAT-{name}", right, partial(bytes, content), representative=name == "has-filter-type-255"
        )


def _animated(frames: int, announced: int, *, left: int = 0, width: int = 4) -> bytes:
    """An animated PNG (third edition, section 11.3.6)."""
    control = png.chunk(b"acTL", struct.pack(">II", announced, 0))
    parts, sequence = [], 0
    for number in range(frames):
        frame = struct.pack(">IIIIIHHBB", sequence, width, 4, left, 0, 1, 100, 0, 0)
        parts.append(png.chunk(b"fcTL", frame))
        if number:
            fdat = struct.pack(">I", sequence + 1) + zlib.compress(ROWS_OF_4X4)
            parts.append(png.chunk(b"fdAT", fdat))
        else:
            parts.append(png.pixels(ROWS_OF_4X4))
        sequence += 2 if number else 1
    return png.file(png.header(4, 4), control, *parts, png.end())


def _animations() -> Iterator[Upload]:
    yield _one("animation-of-20000-frames", FINE, partial(_animated, 20_000, 20_000), representative=True)
    yield _one("animation-announces-4294967295-frames", EITHER, partial(_animated, 3, 2**32 - 1))
    yield _one("animation-announces-no-frames", EITHER, partial(_animated, 3, 0))
    yield _one("animation-frame-outside-the-image", EITHER, partial(_animated, 3, 3, left=2**31 - 1))
    yield _one("animation-frame-of-a-huge-width", EITHER, partial(_animated, 3, 3, width=2**31 - 1))


def _extras() -> Iterator[Upload]:
    """Chunks beside the pixels, which v1 does not read."""
    for kind in (b"gAMA", b"cHRM", b"pHYs", b"sRGB", b"sBIT", b"bKGD", b"tIME", b"hIST", b"sPLT", b"acTL"):
        for name, data in (("empty", b""), ("of-random-bytes", bytes(range(33, 64)))):
            content = png.gray(4, 4, png.chunk(kind, data))
            yield _one(f"{kind.decode()}-{name}", EITHER, partial(bytes, content))
    for name, data in (
        ("garbage", b"p\0\0garbage"),
        ("of-no-profile", b"p\0\0" + zlib.compress(b"not a profile")),
    ):
        yield _one(f"iCCP-{name}", FINE, partial(png.gray, 4, 4, png.chunk(b"iCCP", data)))
    loop = b"II*\0\x08\0\0\0\0\0\x08\0\0\0"
    for name, data in (("garbage", b"garbage"), ("loops", loop), ("empty", b"")):
        yield _one(f"eXIf-{name}", FINE, partial(png.gray, 4, 4, png.chunk(b"eXIf", data)))
