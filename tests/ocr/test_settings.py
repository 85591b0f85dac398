"""The settings of OCR and the names that its users know from elsewhere."""

from __future__ import annotations

import msgspec
import pytest

from offing.kernel.settings import BadSetting, load
from offing.ocr.parameters import read_asked
from offing.ocr.service import max_body, service
from offing.ocr.settings import OcrSettings, limits_of

PREFIX = service.env_prefix


@pytest.mark.parametrize(
    ("alias", "text", "field", "value"),
    [
        ("OCR_LANG", "german", "language", "german"),
        ("OCR_VERSION", "pp-ocrv5", "version", "PP-OCRv5"),
        ("USE_ANGLE_CLS", "False", "find_orientation", False),
        ("DET_MODEL_DIR", "/models/det", "det_model_dir", "/models/det"),
        ("REC_MODEL_DIR", "/models/rec", "rec_model_dir", "/models/rec"),
        ("CLS_MODEL_DIR", "/models/cls", "cls_model_dir", "/models/cls"),
        ("MAX_IMAGE_SIZE", "10485760", "max_bytes", 10_485_760),
        ("CPU_THREADS", "4", "threads", 4),
        ("DET_LIMIT_SIDE_LEN", "1280", "side_limit", 1280),
        ("DROP_SCORE", "0.3", "min_confidence", 0.3),
    ],
)
def test_the_names_of_the_seed_are_understood(alias: str, text: str, field: str, value: object) -> None:
    assert getattr(load(OcrSettings, PREFIX, {alias: text}), field) == value
    own = {PREFIX + field.upper(): text, alias: "never read"}
    assert getattr(load(OcrSettings, PREFIX, own), field) == value


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("OCR_VERSION", "PP-OCRv3"),
        ("OFFING_OCR_QUALITY", "best"),
        ("OFFING_OCR_RUNTIME", "torch"),
        ("DROP_SCORE", "1.1"),
        ("DET_LIMIT_SIDE_LEN", "16"),
        ("OFFING_OCR_QUEUE", "0"),
    ],
)
def test_a_value_that_does_not_fit_is_refused(variable: str, text: str) -> None:
    with pytest.raises(BadSetting, match=variable):
        load(OcrSettings, PREFIX, {variable: text})


def test_requests_that_say_nothing_get_what_the_settings_say() -> None:
    settings = OcrSettings(
        language="german", quality="fast", min_confidence=0.25, side_limit=640, find_orientation=False
    )
    options = read_asked({}, settings).options
    assert (options.language, options.quality, options.min_confidence) == ("german", "fast", 0.25)
    assert (options.side_limit, options.orientation) == (640, "0")
    assert read_asked({}, OcrSettings()).options.orientation == "auto"


def test_a_request_may_be_as_long_as_the_largest_file_is_in_base64() -> None:
    assert max_body(OcrSettings(max_bytes=3_000_000)) > 4_000_000


def test_every_limit_of_documents_follows_a_setting() -> None:
    changed = OcrSettings(
        max_pixels=1,
        max_pages=2,
        max_scans=3,
        pdf_dpi=100,
        decoder_memory=10**9,
        decoder_seconds=1,
        decoders=3,
        queue=5,
    )
    usual, others = (msgspec.structs.asdict(limits_of(each)) for each in (OcrSettings(), changed))
    assert [name for name in usual if usual[name] == others[name]] == []
