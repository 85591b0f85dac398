"""Reads the image out of an upload, with v1's checks in v1's order."""

from __future__ import annotations

from starlette.requests import Request

from offing.insights.problems import BadForm, EmptyImage, ImageTooLarge, MissingField, UnsupportedType
from offing.kernel.multipart import Part, read_form
from offing.kernel.problems import BadRequest, TooLarge

FIELD = "image"


async def read_upload(request: Request, types: tuple[str, ...], max_bytes: int) -> bytearray:
    """The bytes of the field ``image``; of several the last, as browsers' forms are read.

    Raises BadForm, MissingField, UnsupportedType, ImageTooLarge or EmptyImage.
    """
    declared = request.headers.get("content-type", "")
    if not declared.lower().startswith("multipart/form-data"):
        raise MissingField(FIELD)
    try:
        parts = await read_form(request.stream(), declared)
    except TooLarge as problem:
        raise ImageTooLarge(max_bytes, problem.members["received_size_bytes"]) from None
    except BadRequest as problem:
        raise BadForm(details=problem.public_text) from None
    part = _image(parts)
    if part.content_type not in types:
        raise UnsupportedType(allowed_types=list(types), received_type=part.content_type)
    if len(part.data) > max_bytes:
        raise ImageTooLarge(max_bytes, len(part.data))
    if not part.data:
        raise EmptyImage
    return part.data


def _image(parts: list[Part]) -> Part:
    named = [part for part in parts if part.name == FIELD]
    if not named:
        raise MissingField(FIELD)
    if named[-1].filename is None:
        raise MissingField(FIELD, "Value error, expected a file", "value_error")
    return named[-1]
