"""What the OpenAPI document says of the routes."""

from __future__ import annotations

from typing import Any

from offing.kernel.operation import Answer, Body, Endpoint, Operation
from offing.ocr.answer import Batch, Recognition
from offing.ocr.answer_format import LINES_TYPE
from offing.ocr.documents.media_types import ACCEPTED
from offing.ocr.language_list import LanguageList
from offing.ocr.parameters import NAMES, Query
from offing.ocr.writers import FORMATS

TAG = "ocr"
FORM = "multipart/form-data"
PROBLEM = "application/problem+json"
ERROR: dict[str, Any] = {
    "type": "object",
    "title": "OcrError",
    "description": "RFC 9457 problem details, with `success` and `error` beside them.",
    "properties": {
        "success": {"const": False},
        "error": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "remedy": {"type": "string"},
        "request_id": {"type": "string"},
    },
    "required": ["success", "error", "status", "code", "detail", "remedy", "request_id"],
}
FILE = {"type": "string", "format": "binary", "description": "An image or a PDF."}
OPTION = {"type": "string", "description": "As in the query, before which it goes."}
OPTIONS: dict[str, Any] = dict.fromkeys(NAMES, OPTION)
UPLOAD_SCHEMA = {"type": "object", "properties": {"file": FILE, **OPTIONS}, "required": ["file"]}
BATCH_SCHEMA = {
    "type": "object",
    "properties": {"file": {"type": "array", "items": FILE, "minItems": 1, "maxItems": 32}, **OPTIONS},
    "required": ["file"],
}
ANY_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean", "null"]}
BASE64_SCHEMA = {
    "type": "object",
    "properties": {
        "image": {
            "type": "string",
            "description": "The file in base64 (RFC 4648, section 4), or a data: URL of it.",
        },
        **dict.fromkeys(NAMES, ANY_SCALAR),
    },
    "required": ["image"],
}
LINE = [[24.0, 31.5], [311.0, 31.5], [311.0, 58.0], [24.0, 58.0]]
EXAMPLE = {
    "success": True,
    "processing_time_ms": 48.31,
    "image_size": {"width": 480, "height": 160},
    "results": [{"text": "Beyond the harbour", "confidence": 0.9981, "bbox": LINE}],
    "text": "Beyond the harbour",
}
REFUSED = {
    400: Answer("A form or JSON that cannot be read.", ERROR, PROBLEM),
    413: Answer("Too many bytes, pixels or pages.", ERROR, PROBLEM),
    415: Answer("Neither a form nor an image or a PDF.", ERROR, PROBLEM),
    422: Answer("A broken file, or an option that is not known; the answer says which.", ERROR, PROBLEM),
}
FORMAT_TYPES = (LINES_TYPE, *(each.media_type for each in FORMATS.values()))


def upload(endpoint: Endpoint, check: Endpoint) -> Operation:
    """``POST /ocr``, and what refuses before it works."""
    return Operation(
        "POST",
        "/ocr",
        endpoint,
        "Read an image or a PDF",
        "Send the file in the form field `file`, or as the body itself with its own Content-Type. "
        "Options go into the query or the form.",
        tag=TAG,
        query=Query,
        body=Body(FORM, UPLOAD_SCHEMA, also=ACCEPTED),
        answers={200: Answer("The text.", Recognition, example=EXAMPLE, also=FORMAT_TYPES), **REFUSED},
        check=check,
    )


def base64(endpoint: Endpoint) -> Operation:
    """``POST /ocr/base64``."""
    return Operation(
        "POST",
        "/ocr/base64",
        endpoint,
        "Read an image or a PDF in JSON",
        "Send the file in the member `image`; options are members beside it, or in the query.",
        tag=TAG,
        query=Query,
        body=Body("application/json", BASE64_SCHEMA),
        answers={200: Answer("The text.", Recognition, example=EXAMPLE, also=FORMAT_TYPES), **REFUSED},
    )


def batch(endpoint: Endpoint) -> Operation:
    """``POST /ocr/batch``."""
    return Operation(
        "POST",
        "/ocr/batch",
        endpoint,
        "Read several files",
        "Send each in a form field `file`. Each has its own answer or error, in the order they came; "
        "with `format=ndjson` a line each, as soon as it is read.",
        tag=TAG,
        query=Query,
        body=Body(FORM, BATCH_SCHEMA),
        answers={200: Answer("The files' answers.", Batch, also=(LINES_TYPE,)), **REFUSED},
    )


def languages(endpoint: Endpoint) -> Operation:
    """``GET /ocr/languages``."""
    return Operation(
        "GET",
        "/ocr/languages",
        endpoint,
        "Languages and scripts that can be read",
        "What `lang` takes, what reads it, and whether it is installed on this server.",
        tag=TAG,
        answers={200: Answer("All of them.", LanguageList)},
    )
