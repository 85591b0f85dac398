"""What image insights refuses, in the v1 body: ``{"detail": {"error": …}}``."""

from __future__ import annotations

from typing import Any, ClassVar

from offing.kernel.problems import Problem


class InsightsProblem(Problem):
    """Base of this service's problems; ``members`` follow ``error`` in the body, in their order."""

    media_type: ClassVar[str] = "application/json"
    status = 400
    exit_code = 3

    def body(self, request_id: str = "") -> dict[str, Any]:
        """The v1 body."""
        del request_id  # it is in the X-Request-ID header; v1 promises this body and no more
        return {"detail": {"error": self.public_text, **self.members}}


class InvalidImage(InsightsProblem):
    """The bytes are not an image of an allowed format, or a broken one."""

    code = "invalid-image"
    text = "Invalid or corrupted image file"
    remedy = "Send a whole JPEG or PNG file."

    def __init__(self, details: str) -> None:
        super().__init__(details=details)


class TooManyPixels(InsightsProblem):
    """The image's header tells of more pixels than are decoded."""

    code = "too-many-pixels"
    status = 413
    text = "Image exceeds maximum allowed pixels"
    remedy = "Send a smaller image, or raise OFFING_INSIGHTS_MAX_PIXELS."


class ImageTooLarge(InsightsProblem):
    """The file has more bytes than are taken."""

    code = "image-too-large"
    status = 413
    remedy = "Send a smaller file, or raise OFFING_INSIGHTS_MAX_BYTES."

    def __init__(self, max_bytes: int, received: int, what: str = "Image") -> None:
        super().__init__(
            f"{what} exceeds maximum allowed size ({max_bytes / 1024**2:.0f}MB)",
            max_size_bytes=max_bytes,
            received_size_bytes=received,
        )


class UnsupportedType(InsightsProblem):
    """The declared or the real type is not among the allowed ones."""

    code = "unsupported-type"
    status = 415
    text = "Unsupported image type"
    remedy = "Send one of the allowed types, or allow more by OFFING_INSIGHTS_FORMATS."


class DecoderMissing(UnsupportedType):
    """The type is allowed, but what decodes it is not installed."""

    code = "decoder-missing"
    text = "Images of this type cannot be decoded on this server"
    remedy = "Install offing[heif], or take HEIF out of OFFING_INSIGHTS_FORMATS."

    def __init__(self, received_type: str = "image/heif") -> None:
        super().__init__(received_type=received_type)


class EmptyImage(InsightsProblem):
    """The file has no bytes."""

    code = "empty-image"
    text = "Empty image file"
    remedy = "Send a whole JPEG or PNG file."


class InvalidOption(InsightsProblem):
    """An option's value is not one of those it knows."""

    code = "invalid-option"
    remedy = "The answer lists the valid values."
    exit_code = 2


class BadForm(InsightsProblem):
    """The upload is not a form that can be read."""

    code = "bad-form"
    text = "There was an error parsing the body"
    remedy = "Send multipart/form-data with the file in the field `image`."


class MissingField(InsightsProblem):
    """A field that is needed is not there, or is of the wrong kind."""

    code = "missing-field"
    status = 422
    text = "A field is missing"
    remedy = "Send the file in the field `image`, or JSON with `url`."

    def __init__(self, field: str, message: str = "Field required", kind: str = "missing") -> None:
        self.field, self.message, self.kind = field, message, kind
        super().__init__()

    def body(self, request_id: str = "") -> dict[str, Any]:
        """The v1 body of validation errors: a list with the place and the reason."""
        del request_id
        return {"detail": [{"type": self.kind, "loc": ["body", self.field], "msg": self.message}]}


class DownloadFailed(InsightsProblem):
    """The URL could not be fetched."""

    code = "download-failed"
    remedy = "Check that the URL answers 200 with a JPEG or PNG from a public address."


class DownloadTimedOut(DownloadFailed):
    """The URL took too long."""

    code = "download-timed-out"
    status = 408
    text = "Request timeout while downloading image"


KINDS: dict[str, type[InsightsProblem]] = {
    kind.code: kind for kind in (InvalidImage, TooManyPixels, UnsupportedType, DecoderMissing)
}
"""What the engine raises, by code: how a worker process names a problem to the server."""
