"""A document as a worker process handles it: a job and descriptors in, an outcome out."""

from __future__ import annotations

import io
import mmap
import os
import warnings
from importlib import import_module

import msgspec
import numpy as np
from PIL import Image, PngImagePlugin

from offing.kernel.heaps import give_back
from offing.ocr.documents import images
from offing.ocr.documents.document import Document
from offing.ocr.documents.limits import DocumentLimits
from offing.ocr.documents.media_types import PDF
from offing.ocr.documents.message import LIGHT_PIXELS, Job, Outcome
from offing.ocr.documents.page_source import PixelArray
from offing.ocr.documents.shared_memory import CHANNELS, mapped
from offing.ocr.problems import CostlyDocument, OcrProblem

KEPT_PIXELS = 10_000_000
"""A document whose page was larger is not kept open: its decoder may hold on to that page's memory."""
TRIMMED_PIXELS = 1_000_000
"""After a page that was larger the worker's heap is given back, a fiftieth of what decoding it took."""

_encoder, _decoder = msgspec.msgpack.Encoder(), msgspec.msgpack.Decoder(Job)


class _Open:
    """The document that this worker has open; a PDF of many pages is read and parsed once."""

    number: int = -1
    document: Document | None = None

    def of(self, job: Job, upload: int) -> Document:
        """The document of a job; another one that was open is closed."""
        if self.document is None or self.number != job.document:
            self.close()
            size = os.fstat(upload).st_size
            data = memoryview(mmap.mmap(upload, size, prot=mmap.PROT_READ))
            self.document, self.number = Document(job.media_type, data, job.limits), job.document
        return self.document

    def close(self) -> None:
        """Close what is open."""
        document, self.document = self.document, None
        if document is not None:
            document.close()


_open = _Open()


def handle(header: bytes, _: bytearray, upload: int, canvas: int) -> bytes:
    """Do a job. A problem is an outcome; out of memory means that the document asks for too much."""
    job = _decoder.decode(header)
    try:
        outcome = _outcome(job, upload, canvas)
    except OcrProblem as problem:
        outcome = Outcome(problem=problem.code, members=problem.members)
    except MemoryError:
        outcome = Outcome(problem=CostlyDocument.code)
    finally:
        os.close(upload)
        os.close(canvas)
    last = outcome.pages == 1 and job.page == 1 and not outcome.too_heavy
    if outcome.problem or last or outcome.width * outcome.height > KEPT_PIXELS:
        _open.close()
    if outcome.width * outcome.height > TRIMMED_PIXELS:
        give_back()
    return _encoder.encode(outcome)


def _outcome(job: Job, upload: int, canvas: int) -> Outcome:
    document = _open.of(job, upload)
    if job.light and document.cost > LIGHT_PIXELS:
        return Outcome(too_heavy=True)
    if not job.page:
        return Outcome(pages=document.pages)

    def allocate(width: int, height: int) -> PixelArray:
        memory = mapped(canvas, width * height * CHANNELS)
        return np.frombuffer(memory, np.uint8).reshape(height, width, CHANNELS)

    page = document.page(job.page, pixels=job.pixels, allocate=allocate)
    return Outcome(
        pages=document.pages,
        width=page.width,
        height=page.height,
        dpi=page.dpi,
        source=page.source,
        painted=page.pixels is not None,
        text=page.text,
    )


def warm() -> None:
    """A page of every kind of document, so that every module is loaded before the first job."""
    _settle()
    for module, _ in images.DECODERS.values():
        import_module(module)  # before Pillow would look through all of its own for one that saves
    picture = Image.new("RGBA", (16, 16), (0, 0, 0, 99))
    for media_type, (_, name) in images.DECODERS.items():
        file = io.BytesIO()
        kept = picture if media_type == "image/png" else picture.convert("RGB")
        kept.save(file, name.removesuffix("ImageFile").upper())
        _read(media_type, file.getvalue())
    _read(PDF, SMALLEST_PDF)


def _read(media_type: str, data: bytes) -> None:
    document = Document(media_type, data, DocumentLimits())
    document.page(1, pixels=True)
    document.close()


def _settle() -> None:
    """Settings of the whole process, which a library may not make for those who import it."""
    warnings.simplefilter("ignore")  # Pillow's warnings quote what a client sent
    Image.MAX_IMAGE_PIXELS = None  # sizes are checked against our own limit
    PngImagePlugin.MAX_TEXT_CHUNK = 1024 * 1024
    PngImagePlugin.MAX_TEXT_MEMORY = 16 * 1024 * 1024  # plain text counts too, and may fill a file


SMALLEST_PDF = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>endobj
4 0 obj<</Length 32>>stream
BT /F 9 Tf 9 9 Td (Offing) Tj ET
endstream endobj
5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>endobj
trailer<</Root 1 0 R>>
"""
