"""Documents behind workers: nothing a client sends blocks another, takes more than its share, or ends it."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import struct
import sys
import time
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from PIL import Image

from offing.kernel.metrics import Metrics
from offing.kernel.problems import Overloaded
from offing.ocr.documents import guarded
from offing.ocr.documents.document import open_document
from offing.ocr.documents.guarded import GuardedDocuments
from offing.ocr.documents.limits import DocumentLimits
from offing.ocr.problems import (
    BrokenDocument,
    CostlyDocument,
    EncryptedDocument,
    NoSuchPage,
    OcrProblem,
    TooManyPages,
    TooManyPixels,
    UnsupportedDocument,
)
from tests.hostile import png_writer as png
from tests.insights.images import saved, scene
from tests.insights.photographs import photograph
from tests.kernel.probe.processes import alive, children, descriptors, nurseries
from tests.ocr.documents.opening import LOREM
from tests.ocr.documents.pdf_files import document, drawn, image, paragraph, stream, text
from tests.ocr.documents.test_tiff import SHADES, shades

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes as Linux tells of them"),
]

PATIENCE = 30.0
LEAST_MEMORY = 96 * 1024**2
SLOW = document(b"q 1 0 0 1 0 0 cm " + b"0 0 m 595 842 l 300 7 l f " * 150_000)
"""A page that takes long to draw."""


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """The loop that the server runs on."""
    return "asyncio", {"use_uvloop": True}


@asynccontextmanager
async def started(metrics: Metrics | None = None, **limits: Any) -> AsyncIterator[GuardedDocuments]:
    documents = GuardedDocuments(DocumentLimits(**{"workers": 2} | limits), metrics or Metrics())
    await documents.start()
    try:
        yield documents
    finally:
        await documents.stop()


def workers() -> set[int]:
    return {worker for nursery in nurseries(os.getpid()) for worker in children(nursery)}


async def until(holds: Callable[[], bool]) -> None:
    """Return once something holds."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if holds():
                return
            await asyncio.sleep(0.02)


async def size_of(documents: GuardedDocuments, data: bytes, number: int = 1) -> tuple[int, int]:
    async with documents.open(data) as opened:
        page = await opened.page(number)
        return page.width, page.height


def small(number: int = 0) -> bytes:
    return saved(scene(f"small {number}", (160, 90)), "JPEG")


def large() -> bytes:
    """Much more than a tenth of a second of work."""
    return saved(photograph("large", (4200, 2800)), "JPEG", progressive=True)


async def test_every_kind_of_document_is_as_without_workers() -> None:
    files = [
        *(saved(scene("kind", (300, 200)), kind) for kind in ("JPEG", "PNG", "BMP", "WEBP", "GIF")),
        saved(photograph("turned", (1700, 1100)), "JPEG", exif=_turned()),
        shades(),
        document(paragraph(70, 700, 12, LOREM), text(70, 70, 9, "two")),
        document(drawn(b"I"), extra=[image(8, 8, bytes(range(64)))], named=b"/I 4 0 R"),
    ]
    async with started() as documents:
        for data in files:
            async with documents.open(data) as opened:
                with open_document(data) as expected:
                    assert (opened.media_type, opened.pages) == (expected.media_type, expected.pages)
                    for number in range(1, opened.pages + 1):
                        mine, its = await opened.page(number, pixels=True), expected.page(number, pixels=True)
                        assert mine.pixels is not None
                        assert its.pixels is not None
                        assert (mine.pixels == its.pixels).all()
                        assert mine.pixels.flags.writeable
                        assert (mine.number, mine.width, mine.height) == (number, its.width, its.height)
                        assert (mine.source, mine.dpi, mine.text) == (its.source, its.dpi, its.text)


def _turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


async def test_a_page_of_text_comes_without_pixels() -> None:
    async with started() as documents, documents.open(document(paragraph(70, 700, 12, LOREM))) as opened:
        page = await opened.page(1)
    assert page.pixels is None
    assert page.text is not None
    assert page.text.text.splitlines() == list(LOREM)


async def test_problems_come_out_of_a_worker_as_they_were_there() -> None:
    async with started(max_pages=3) as documents:
        cases: list[tuple[bytes, type[OcrProblem], dict[str, Any]]] = [
            (b"nothing known", UnsupportedDocument, {}),
            (small()[:500], BrokenDocument, {}),
            (b"%PDF-1.4 nothing", BrokenDocument, {}),
            (document(b"", password="secret"), EncryptedDocument, {}),  # noqa: S106
            (document(*[b""] * 4), TooManyPages, {"max_pages": 3, "received_pages": 4}),
            (
                png.file(png.header(9000, 9000), png.pixels(b"\0"), png.end()),
                TooManyPixels,
                {"max_pixels": 50_000_000, "received_pixels": 81_000_000},
            ),
        ]
        for data, kind, members in cases:
            with pytest.raises(kind) as caught:
                await size_of(documents, data)
            if members:
                assert caught.value.members == members
        with pytest.raises(NoSuchPage):
            await size_of(documents, small(), 2)


async def test_what_is_no_document_is_refused_without_a_worker() -> None:
    documents = GuardedDocuments(DocumentLimits(), Metrics())  # never started
    with pytest.raises(UnsupportedDocument):
        await size_of(documents, b"GIF90a")


def _tiff_bomb() -> bytes:
    """A bilevel image of 40 million pixels a strip, with nothing in it, 400 times."""
    directory = b"".join(
        struct.pack("<HHII", *entry)
        for entry in (
            (256, 4, 1, 40_000), (257, 4, 1, 40_000), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1),
            (273, 4, 1, 8), (278, 4, 1, 40_000), (279, 4, 1, 2**32 - 1),
        )
    )  # fmt: skip
    return b"II*\0" + struct.pack("<I", 8) + struct.pack("<H", 8) + directory + bytes(4)


def _png_bomb(side: int) -> bytes:
    rows = zlib.compressobj(1)
    data = b"".join(rows.compress(bytes(side + 1)) for _ in range(side)) + rows.flush()
    return png.file(png.header(side, side), png.chunk(b"IDAT", data), png.end())


def _giant_image(entries: bytes, data: bytes) -> bytes:
    """A page filled by an image of 60,000 by 60,000 pixels."""
    giant = stream(data, b"/Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8" + entries)
    return document(drawn(b"I"), extra=[giant], named=b"/I 4 0 R")


BOMBS: dict[str, Callable[[], bytes]] = {
    "a PNG of 1.6 billion pixels": lambda: png.file(png.header(40_000, 40_000), png.pixels(b"\0"), png.end()),
    "a TIFF of 1.6 billion pixels": _tiff_bomb,
    "a PDF as large as a town": lambda: document(b"", box=(0, 0, 10**6, 10**6)),
    "a PDF with a giant flat image": lambda: _giant_image(
        b"/ColorSpace/DeviceRGB/Filter/FlateDecode", zlib.compress(bytes(50_000_000), 9)
    ),
    "a PDF with a giant image, twice packed": lambda: _giant_image(
        b"/ColorSpace/DeviceRGB/Filter[/FlateDecode/FlateDecode]",
        zlib.compress(zlib.compress(bytes(300_000_000), 9), 9),
    ),
    "a PDF with arrays in arrays": lambda: document(b"[" * 400_000),
    "a PDF with dictionaries in dictionaries": lambda: document(b"", page=b"/X" + b"<</A" * 60_000),
    "a PDF with forms in forms": lambda: document(
        b"/X Do",
        extra=[
            stream(
                b"/X Do " * 20,
                b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X %d 0 R>>>>" % (5 + depth),
            )
            for depth in range(12)
        ],
        named=b"/X 4 0 R",
    ),
    "a PDF with a million strokes": lambda: document(b"0 0 m 595 842 l S " * 1_000_000),
    "a PDF with a stream that grows": lambda: document(b"", page=b"/Annots[4 0 R]", extra=[
        stream(zlib.compress(b"[" * 200_000_000, 9), b"/Type/ObjStm/N 9/First 9/Filter/FlateDecode")]),
    "a page tree as deep as the file": lambda: document(b"", catalog=b"/Outlines" + b"[" * 100_000),
}  # fmt: skip


@pytest.mark.parametrize("bomb", BOMBS)
async def test_a_bomb_is_413_or_422_or_a_page_and_small_images_go_on(bomb: str) -> None:
    data = BOMBS[bomb]()
    async with started(workers=1, processor_seconds=0.7) as documents:
        began = time.perf_counter()
        ticking = asyncio.create_task(size_of(documents, small()))
        try:
            await size_of(documents, data)
        except OcrProblem as problem:
            assert problem.status in (413, 422)  # noqa: PT017  either is right
        assert await ticking == (160, 90)
        assert await size_of(documents, small(1)) == (160, 90)
        assert time.perf_counter() - began < PATIENCE
        await until(lambda: len(workers()) == 2)


async def test_the_largest_image_of_the_limit_fits_the_memory_of_a_worker() -> None:
    side = 7_000
    plain = saved(Image.new("RGB", (side, side), "gray"), "JPEG", progressive=True, subsampling=0)
    async with started(workers=1, processor_seconds=60) as documents:
        assert await size_of(documents, plain) == (side, side)
        assert await size_of(documents, _png_bomb(side)) == (side, side)


async def test_a_page_past_the_processor_limit_is_422_and_its_worker_is_replaced() -> None:
    metrics = Metrics()
    async with started(metrics, workers=1, processor_seconds=0.2) as documents:
        before = workers()
        with pytest.raises(CostlyDocument) as caught:
            await size_of(documents, SLOW)
        assert "too long" in caught.value.public_text
        await until(lambda: len(before & workers()) == 1 and len(workers()) == 2)
        assert await size_of(documents, small()) == (160, 90)
    labels = {"engine": "ocr", "reason": "processor-time"}
    assert metrics.registry.get_sample_value("offing_workers_ended_total", labels) == 1


async def test_a_page_past_the_memory_limit_is_422_and_the_next_one_is_answered() -> None:
    async with started(workers=1, worker_memory=LEAST_MEMORY) as documents:
        with pytest.raises(CostlyDocument):
            await size_of(documents, saved(photograph("wide", (6000, 4200)), "JPEG"))
        assert await size_of(documents, small()) == (160, 90)


async def test_a_costly_page_leaves_the_others_of_its_document() -> None:
    slow = b"0 0 m 595 842 l 300 7 l f " * 150_000
    data = document(text(70, 700, 12, "one"), slow, text(70, 700, 12, "three"))
    async with started(workers=1, processor_seconds=0.2) as documents, documents.open(data) as opened:
        with pytest.raises(CostlyDocument):
            await opened.page(2)
        for number, expected in ((1, "one"), (3, "three")):
            page = await opened.page(number)
            assert page.text is not None
            assert page.text.text == expected


async def test_a_document_outlives_the_workers_that_had_it_open() -> None:
    async with started(workers=1) as documents, documents.open(shades()) as opened:
        for number in (1, 2, 3):
            before = workers()
            for worker in before:
                os.kill(worker, signal.SIGKILL)
            await until(lambda: not any(map(alive, before)))  # noqa: B023  it is called at once
            page = await opened.page(number)
            assert page.width == 20 + SHADES[number - 1]


async def test_a_cancelled_page_ends_its_work_and_frees_its_place() -> None:
    async with started(workers=1) as documents, documents.open(SLOW) as opened:
        before = workers()
        call = asyncio.create_task(opened.page(1))
        await asyncio.sleep(0.1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await until(lambda: len(before & workers()) == 1 and len(workers()) == 2)
        assert await size_of(documents, small()) == (160, 90)


async def test_a_small_image_does_not_wait_behind_a_long_document() -> None:
    async with started(workers=1) as documents, documents.open(document(*[b"0 0 9 9 re f"] * 40)) as opened:
        pages = [asyncio.create_task(opened.page(number, pixels=True)) for number in range(1, 41)]
        await asyncio.sleep(0.02)
        assert await size_of(documents, small()) == (160, 90)
        assert not all(page.done() for page in pages[5:])
        assert [page.number for page in await asyncio.gather(*pages)] == list(range(1, 41))


async def test_a_large_image_in_a_small_file_leaves_the_lane_of_small_ones() -> None:
    flat = saved(Image.new("L", (3000, 2000), 7), "PNG")
    assert len(flat) < guarded.LIGHT_BYTES
    async with started(workers=1) as documents:
        assert await size_of(documents, flat) == (3000, 2000)


async def test_documents_beyond_the_queue_are_503_when_they_are_opened_and_never_later() -> None:
    async with started(workers=1, queue=3) as documents, contextlib.AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(documents.open(shades())) for _ in range(3)]
        with pytest.raises(Overloaded) as caught:
            await size_of(documents, small())
        assert int(caught.value.headers["Retry-After"]) >= 1
        pages = await asyncio.gather(*(each.page(number) for each in opened for number in (1, 2, 3, 4)))
        assert [page.width - 20 for page in pages] == [*SHADES] * 3
        await stack.aclose()
        assert await size_of(documents, small()) == (160, 90)


async def test_results_of_many_calls_at_once_are_those_of_single_calls() -> None:
    files = [small(number) for number in range(12)] + [shades(), large()]
    expected = []
    for data in files:
        with open_document(data) as each:
            expected.append(each.page(1).pixels)
    async with started() as documents:

        async def pixels(data: bytes) -> Any:
            async with documents.open(data) as opened:
                return (await opened.page(1)).pixels

        found = await asyncio.gather(*(pixels(data) for data in files * 3))
    for index, one in enumerate(found):
        assert (one == expected[index % len(files)]).all()


async def test_pixels_that_are_still_held_are_not_painted_over() -> None:
    async with started(workers=1) as documents:
        held = []
        for shade in (20, 120, 220):
            async with documents.open(saved(Image.new("L", (64, 64), shade), "PNG")) as opened:
                page = await opened.page(1)
                assert page.pixels is not None
                held.append(page.pixels[8:16, ::2])  # a view of a view
                del page
        assert [np.unique(each).tolist() for each in held] == [[20], [120], [220]]


async def test_a_large_upload_is_read_whole() -> None:
    data = document(text(70, 700, 12, "behind much"), extra=[stream(os.urandom(6_000_000))])
    async with started(workers=1) as documents, documents.open(bytearray(data)) as opened:
        page = await opened.page(1)
    assert page.text is not None
    assert page.text.text == "behind much"


async def test_nothing_is_left_of_documents_that_went_well_or_badly() -> None:
    gc.collect()  # the loops of earlier tests hold some
    files = descriptors(os.getpid())
    async with started(workers=1, processor_seconds=0.3) as documents:
        for _ in range(3):
            for data in (small(), shades(), document(b"0 0 9 9 re f"), small()[:400], b"%PDF-1.4", SLOW):
                with contextlib.suppress(OcrProblem):
                    await size_of(documents, data)
        call = asyncio.create_task(size_of(documents, SLOW))
        await asyncio.sleep(0.1)
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
        gc.collect()
        await until(lambda: len(workers()) == 2)
        in_use = descriptors(os.getpid())
        for worker in workers():
            assert descriptors(worker) <= 6
        for _ in range(20):
            await size_of(documents, small())
        assert descriptors(os.getpid()) <= in_use + 2
    gc.collect()
    assert descriptors(os.getpid()) == files
    assert nurseries(os.getpid()) == []
