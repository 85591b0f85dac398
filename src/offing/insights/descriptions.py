"""What the OpenAPI document says of the routes."""

from __future__ import annotations

from typing import Any

from offing.insights.json_answer import Analysis
from offing.insights.parameters import Query
from offing.kernel.operation import Answer, Body, Endpoint, Operation

TAG = "insights"
V1_ERROR: dict[str, Any] = {
    "type": "object",
    "title": "V1Error",
    "properties": {
        "detail": {
            "anyOf": [
                {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]},
                {"type": "array", "items": {"type": "object"}},
            ]
        }
    },
    "required": ["detail"],
}
EXAMPLE = {
    "brightness_score": 57,
    "average_luminance": 146.28,
    "width": 536,
    "height": 354,
    "algorithm": "rec709",
    "cached": False,
    "processing_time_ms": 4.11,
}
UPLOAD_SCHEMA = {
    "type": "object",
    "properties": {"image": {"type": "string", "format": "binary", "description": "The image file."}},
    "required": ["image"],
}
REFUSED = {
    400: Answer("Not an image that can be read, or an option that is not known.", V1_ERROR),
    413: Answer("Too many bytes or pixels.", V1_ERROR),
    415: Answer("A type that is not allowed.", V1_ERROR),
    422: Answer("A field is missing.", V1_ERROR),
}


def upload(endpoint: Endpoint) -> Operation:
    """``POST /v1/image/analysis``."""
    return Operation(
        "POST",
        "/v1/image/analysis",
        endpoint,
        "Analyze an uploaded image",
        "Send the file in the form field `image`. Every metric is defined in the documentation.",
        tag=TAG,
        query=Query,
        body=Body("multipart/form-data", UPLOAD_SCHEMA),
        answers={200: Answer("The numbers.", Analysis, example=EXAMPLE), **REFUSED},
    )


def by_url(endpoint: Endpoint, asked: type[Any]) -> Operation:
    """``POST /v1/image/analysis/url``."""
    return Operation(
        "POST",
        "/v1/image/analysis/url",
        endpoint,
        "Analyze the image at a URL",
        "Only public addresses are fetched, redirects included.",
        tag=TAG,
        body=Body("application/json", asked),
        answers={
            200: Answer("The numbers.", Analysis, example=EXAMPLE),
            **REFUSED,
            408: Answer("The URL did not answer in time.", V1_ERROR),
        },
    )
