"""Hostile JPEG files: bombs, thousands of scans, lying sizes, broken order, strange processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from tests.hostile import jpeg_writer as jpeg
from tests.hostile.jpeg_writer import Component
from tests.hostile.upload import (
    BROKEN,
    EITHER,
    FINE,
    JPEG,
    LARGEST,
    MEGABYTE,
    TOO_MANY_PIXELS,
    Upload,
)  # fmt: skip

CMYK: tuple[Component, ...] = ((1, 1, 1), (2, 1, 1), (3, 1, 1), (4, 1, 1))
YCC: tuple[Component, ...] = CMYK[:3]


def files() -> Iterator[Upload]:
    """All of them."""
    for group in (_bombs, _scans, _lying, _structure, _kinds):
        yield from group()


def one(
    name: str, right: frozenset[int], make: bytes | Callable[[], bytes], *, representative: bool = False
) -> Upload:
    """A case of this format."""
    maker = partial(bytes, make) if isinstance(make, bytes) else make
    return Upload(f"jpeg-{name}", maker, right, JPEG, representative)


def _bombs() -> Iterator[Upload]:
    yield one("flat-13000x13000", TOO_MANY_PIXELS, partial(jpeg.flat, 13_000, 13_000), representative=True)
    yield one("flat-65500x2600", TOO_MANY_PIXELS, partial(jpeg.flat, 65_500, 2_600))
    yield one(
        "flat-colour-13000x13000", TOO_MANY_PIXELS, partial(_flat_data, YCC, 13_000), representative=True
    )
    yield one("flat-cmyk-13000x13000", TOO_MANY_PIXELS, partial(_flat_data, CMYK, 13_000))
    for components, name in ((jpeg.GRAY, "gray"), (YCC, "colour"), (CMYK, "cmyk")):
        head = jpeg.frame(65_535, 65_535, components)
        yield one(
            f"announces-65535x65535-{name}",
            TOO_MANY_PIXELS,
            jpeg.file(jpeg.tables(), head, jpeg.scan(bytes(100), [each[0] for each in components])),
            representative=name == "colour",
        )
    yield one("progressive-13000x13000", TOO_MANY_PIXELS, partial(_many_scans, 13_000, 5))


def _flat_data(components: tuple[Component, ...], side: int) -> bytes:
    bits = jpeg.blocks(side, side) * 2 * len(components)
    names = [each[0] for each in components]
    return jpeg.file(
        jpeg.tables(), jpeg.frame(side, side, components), jpeg.scan(bytes(bits // 8 + 1), names)
    )


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
    yield one(
        "20000-refinements-of-4000x4000",
        BROKEN,
        partial(_many_scans, 4_000, 20_000, refine=True),
        representative=True,
    )
    yield one("20000-scans-of-4000x4000", BROKEN, partial(_many_scans, 4_000, 20_000), representative=True)
    yield one("100000-scans-of-16x16", BROKEN, partial(_many_scans, 16, 100_000), representative=True)
    yield one("3000-refinements-of-16x16", BROKEN, partial(_many_scans, 16, 3_000, refine=True))
    yield one("2000-first-scans-of-1000x1000", BROKEN, partial(_many_first_scans, 1_000, 2_000))
    yield one("1500-scans-with-tables-between", BROKEN, _scans_and_tables)
    whole = jpeg.scan(bytes(2))
    repeated = jpeg.file(jpeg.tables(), jpeg.frame(16, 16), whole * 20_000)
    yield one("20000-scans-of-a-baseline-image", EITHER, repeated)


def _scans_and_tables() -> bytes:
    again = jpeg.huffman(1, symbols=b"\xe0") + jpeg.scan(bytes(2), spectrum=(1, 63))
    first = jpeg.scan(bytes(2), spectrum=(0, 0))
    return jpeg.file(
        jpeg.tables(jpeg.LONGEST_RUN), jpeg.frame(16, 16, marker=jpeg.SOF2), first, again * 1_500
    )


def _lying() -> Iterator[Upload]:
    data = jpeg.scan(bytes(15_000))
    yield one(
        "announces-5000x5000-has-a-tenth",
        BROKEN,
        jpeg.file(jpeg.tables(), jpeg.frame(5000, 5000), data),
        representative=True,
    )
    yield one(
        "announces-5000x5000-has-nothing",
        BROKEN,
        jpeg.file(jpeg.tables(), jpeg.frame(5000, 5000), jpeg.scan(b"")),
    )
    yield one(
        "announces-4000x4000-ends-at-once",
        BROKEN,
        jpeg.SOI + jpeg.tables() + jpeg.frame(4000, 4000) + jpeg.scan(bytes(9)),
    )
    yield one("announces-less-than-it-has", FINE, jpeg.file(jpeg.tables(), jpeg.frame(8, 8), data))
    for width, height in ((0, 16), (16, 0), (0, 0)):
        content = jpeg.file(jpeg.tables(), jpeg.frame(width, height), jpeg.scan(bytes(9)))
        yield one(f"announces-{width}x{height}", BROKEN, content, representative=width == 0)
    late = jpeg.file(jpeg.tables(), jpeg.frame(16, 0), jpeg.scan(bytes(9)), jpeg.segment(jpeg.DNL, b"\0\x10"))
    yield one("tells-its-height-after-the-scan", BROKEN, late)
    partial_scan = jpeg.file(
        jpeg.tables(jpeg.LONGEST_RUN),
        jpeg.frame(3000, 3000, marker=jpeg.SOF2),
        jpeg.scan(bytes(9), spectrum=(0, 0)),
    )
    yield one("progressive-3000x3000-has-9-bytes", BROKEN, partial_scan)


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
        ("two-frames", BROKEN | TOO_MANY_PIXELS, jpeg.file(tables, head, jpeg.frame(9000, 9000), data)),
        (
            "second-frame-in-the-scan",
            EITHER,
            jpeg.file(tables, head, jpeg.scan(b"\0"), jpeg.frame(9000, 9000), bytes(9)),
        ),
        ("two-images-in-one", FINE, jpeg.flat() + jpeg.flat(24, 24)),
        ("5-megabytes-of-ff", BROKEN, b"\xff" * LARGEST),
        ("start-then-ff", BROKEN, jpeg.SOI + b"\xff" * (LARGEST - 2)),
        ("a-million-fill-bytes", FINE, jpeg.SOI + b"\xff" * MEGABYTE + jpeg.flat()[2:]),
        ("garbage-between-segments", EITHER, jpeg.SOI + tables + b"garbage" * 1000 + head + data + jpeg.EOI),
        ("4-megabytes-after-the-end", FINE, jpeg.flat() + bytes(4 * MEGABYTE)),
        ("starts-with-a-frame", BROKEN, head + tables + data),
    ):
        yield one(name, right, content, representative=name in {"without-frame", "start-then-ff"})


def _kinds() -> Iterator[Upload]:
    """Coding processes other than baseline and progressive Huffman (table B.1)."""
    processes = {
        "lossless": jpeg.SOF3, "differential": jpeg.SOF5, "differential-progressive": jpeg.SOF6,
        "differential-lossless": jpeg.SOF7, "reserved": 0xC8, "arithmetic-lossless": jpeg.SOF11,
        "differential-arithmetic": 0xCD,
        "differential-arithmetic-progressive": 0xCE, "differential-arithmetic-lossless": 0xCF,
    }  # fmt: skip
    for name, marker in processes.items():
        content = jpeg.file(jpeg.tables(), jpeg.frame(16, 16, marker=marker), jpeg.scan(bytes(9)))
        yield one(f"process-{name}", BROKEN, content, representative=name == "differential")
    for name, marker in (("arithmetic", jpeg.SOF9), ("arithmetic-progressive", jpeg.SOF10)):
        content = jpeg.file(
            jpeg.tables(),
            jpeg.segment(jpeg.DAC, b"\0\x10"),
            jpeg.frame(3000, 3000, marker=marker),
            jpeg.scan(bytes(9)),
        )
        yield one(f"process-{name}", EITHER, content)
    for precision in (0, 1, 12, 16, 255):
        content = jpeg.file(
            jpeg.tables(), jpeg.frame(16, 16, precision=precision, marker=jpeg.SOF1), jpeg.scan(bytes(9))
        )
        yield one(f"precision-{precision}", BROKEN, content, representative=precision == 12)
    hierarchical = jpeg.segment(jpeg.DHP, jpeg.frame(16, 16)[4:])
    yield one(
        "hierarchical",
        BROKEN,
        jpeg.file(jpeg.tables(), hierarchical, jpeg.frame(16, 16), jpeg.scan(bytes(9))),
    )
    for name, spectrum, approximation in (
        ("spectrum-backwards", (40, 3), (0, 0)),
        ("spectrum-past-63", (1, 255), (0, 0)),
        ("spectrum-of-both-kinds", (0, 63), (0, 0)),
        ("approximation-15", (0, 0), (0, 15)),
    ):
        odd = jpeg.scan(bytes(9), spectrum=spectrum, approximation=approximation)
        yield one(
            f"progressive-{name}", EITHER, jpeg.file(jpeg.tables(), jpeg.frame(16, 16, marker=jpeg.SOF2), odd)
        )
    only_ac = jpeg.file(
        jpeg.tables(jpeg.LONGEST_RUN),
        jpeg.frame(16, 16, marker=jpeg.SOF2),
        jpeg.scan(bytes(9), spectrum=(1, 63)),
    )
    yield one("progressive-without-first-scan", EITHER, only_ac)
