"""Settings of OCR; the names that its users know from elsewhere are aliases."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from offing.kernel.settings import meaning
from offing.ocr.documents.limits import DocumentLimits
from offing.ocr.engine.options import Quality

MEBIBYTE = 1024 * 1024


class OcrSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What one service reads with, by default and at most."""

    language: Annotated[
        str,
        meaning(
            "Language where a request names none: `auto`, or one that `GET /ocr/languages` lists.",
            aliases=("OCR_LANG",),
        ),
    ] = "auto"
    quality: Annotated[
        Quality, meaning("Quality where a request names none: accurate, balanced or fast.")
    ] = "accurate"
    min_confidence: Annotated[
        float,
        meaning("Lines below this confidence are dropped, 0 to 1.", aliases=("DROP_SCORE",), ge=0, le=1),
    ] = 0.5
    side_limit: Annotated[
        int,
        meaning(
            "Longest side in pixels at which text is searched; larger pages are made smaller for it.",
            aliases=("DET_LIMIT_SIDE_LEN",),
            ge=320,
            le=4000,
        ),
    ] = 960
    find_orientation: Annotated[
        bool,
        meaning("Find out which way up a page is, where a request does not say.", aliases=("USE_ANGLE_CLS",)),
    ] = True
    threads: Annotated[
        int, meaning("Threads that read; 0 for one a processor.", aliases=("CPU_THREADS",), ge=0)
    ] = 0
    runtime: Annotated[
        Literal["auto", "openvino", "onnxruntime"],
        meaning("What runs the models; `auto` takes OpenVINO where it is installed."),
    ] = "auto"
    precision: Annotated[
        Literal["auto", "bf16", "int8", "f32"],
        meaning("Arithmetic of OpenVINO; `auto` takes what this processor is fastest with."),
    ] = "auto"
    version: Annotated[
        Literal["PP-OCRv6", "PP-OCRv5", "PP-OCRv4"],
        meaning(
            "Which PP-OCR reads; of v4 the folders below must bring the models.", aliases=("OCR_VERSION",)
        ),
    ] = "PP-OCRv6"
    det_model_dir: Annotated[
        str,
        meaning("Folder of a detection model in place of the packaged one.", aliases=("DET_MODEL_DIR",)),
    ] = ""
    rec_model_dir: Annotated[
        str,
        meaning("Folder of a recognition model in place of the packaged one.", aliases=("REC_MODEL_DIR",)),
    ] = ""
    cls_model_dir: Annotated[
        str,
        meaning(
            "Folder of a page orientation model in place of the packaged one.", aliases=("CLS_MODEL_DIR",)
        ),
    ] = ""
    max_bytes: Annotated[int, meaning("Largest file, in bytes.", aliases=("MAX_IMAGE_SIZE",), ge=1)] = (
        50 * MEBIBYTE
    )
    max_pixels: Annotated[
        int, meaning("Most pixels of an image or a rendered page, width times height.", ge=1)
    ] = 50_000_000
    max_pages: Annotated[int, meaning("Most pages of a document.", ge=1)] = 500
    max_scans: Annotated[int, meaning("Most scans of a JPEG that are decoded; beyond it 422.", ge=1)] = 64
    pdf_dpi: Annotated[
        int, meaning("Resolution at which pages of a PDF are rendered, in pixels an inch.", ge=36, le=1200)
    ] = 200
    queue: Annotated[
        int, meaning("Requests that may be worked on or wait; beyond it they get 503.", ge=1)
    ] = 64
    decoders: Annotated[
        int,
        meaning("Pages decoded at once; 0 for one a processor. One process more takes small images.", ge=0),
    ] = 0
    decoder_memory: Annotated[
        int, meaning("Private memory of a process that decodes, in bytes.", ge=96 * MEBIBYTE)
    ] = 640 * MEBIBYTE
    decoder_seconds: Annotated[
        float, meaning("Processor time that decoding a page may take, in seconds; beyond it 422.", gt=0)
    ] = 10.0


def limits_of(settings: OcrSettings) -> DocumentLimits:
    """The settings that are about documents."""
    return DocumentLimits(
        max_pixels=settings.max_pixels,
        max_pages=settings.max_pages,
        max_scans=settings.max_scans,
        dpi=settings.pdf_dpi,
        worker_memory=settings.decoder_memory,
        processor_seconds=settings.decoder_seconds,
        workers=settings.decoders,
        queue=2 * settings.queue,  # a batch has two of its files open
    )
