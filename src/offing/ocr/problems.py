"""What OCR refuses, as ``application/problem+json`` with the seed's ``success`` and ``error`` beside it."""

from __future__ import annotations

from typing import Any

from offing.kernel.problems import Problem


class OcrProblem(Problem):
    """Base of this service's problems."""

    status = 422
    exit_code = 3

    def body(self, request_id: str = "") -> dict[str, Any]:
        """The body of every problem, and in it what the seed's clients look for."""
        return {"success": False, "error": self.public_text, **super().body(request_id)}


class UnsupportedDocument(OcrProblem):
    """The bytes do not begin as those of an image or a PDF do."""

    code = "unsupported-document"
    status = 415
    text = "The file is neither an image nor a PDF that can be read."
    remedy = "Send one of the accepted types."


class TooManyPixels(OcrProblem):
    """The image, or the page, has more pixels than are decoded."""

    code = "too-many-pixels"
    status = 413
    text = "The image has more pixels than are read."
    remedy = "Send a smaller image, or raise OFFING_OCR_MAX_PIXELS."


class TooManyPages(OcrProblem):
    """The document has more pages than are taken."""

    code = "too-many-pages"
    status = 413
    text = "The document has more pages than are read."
    remedy = "Send it in parts, or raise OFFING_OCR_MAX_PAGES."


class BrokenDocument(OcrProblem):
    """The file begins as a known type does, and cannot be decoded."""

    code = "broken-document"
    text = "The file is broken or ends early."
    remedy = "Send a whole file; opening it in a viewer and saving it again may mend it."


class EncryptedDocument(OcrProblem):
    """The PDF cannot be opened without a password."""

    code = "encrypted-document"
    text = "The PDF is protected by a password."
    remedy = "Send it without the protection."


class NoSuchPage(OcrProblem):
    """The document ends before this page."""

    code = "no-such-page"
    text = "The document has no such page."
    remedy = "Pages are numbered from 1; the answer names how many there are."
    exit_code = 2


class CostlyDocument(OcrProblem):
    """Decoding took more time or memory than is allowed, or ended the process that did it."""

    code = "costly-document"
    text = "The page cannot be decoded within the limits of time and memory."
    remedy = "Send a simpler or smaller file."


DOCUMENT_PROBLEMS: dict[str, type[OcrProblem]] = {
    kind.code: kind
    for kind in (
        UnsupportedDocument,
        TooManyPixels,
        TooManyPages,
        BrokenDocument,
        EncryptedDocument,
        NoSuchPage,
        CostlyDocument,
    )
}
"""What documents raise, by code: how a worker process names a problem to the server."""


class DocumentTooLarge(OcrProblem):
    """The file has more bytes than are taken."""

    code = "document-too-large"
    status = 413
    remedy = "Send a smaller file, or raise OFFING_OCR_MAX_BYTES."

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"The file is larger than {max_bytes:,} bytes.", max_size_bytes=max_bytes)


class EmptyDocument(OcrProblem):
    """There are no bytes to read."""

    code = "empty-document"
    text = "The file is empty."
    remedy = "Send a whole image or PDF."


class UnsupportedBody(OcrProblem):
    """The body's declared type is neither a form nor a file."""

    code = "unsupported-body"
    status = 415
    text = "The body's type is neither a form nor that of an image or a PDF."
    remedy = "Send a form with the field `file`, or the file itself with its own Content-Type."


class MissingField(OcrProblem):
    """A field that is needed is not there, or is of the wrong kind."""

    code = "missing-field"
    text = "The field with the file is missing."
    remedy = "Send multipart/form-data with the file in the field `file`; /docs shows how."
    exit_code = 2


class InvalidBase64(OcrProblem):
    """What should be base64 is not."""

    code = "invalid-base64"
    text = "`image` is not base64."
    remedy = "Send the file's bytes in base64 (RFC 4648, section 4), or as a data: URL in base64."


class InvalidOption(OcrProblem):
    """An option's value is not one that it knows."""

    code = "invalid-option"
    remedy = "The answer names what the option takes; /docs describes it."
    exit_code = 2

    def __init__(self, option: str, received: str, **members: Any) -> None:
        super().__init__(
            f"The option {option} has a value that it does not take.",
            option=option,
            received=received[:LONGEST_ECHO],
            **members,
        )


LONGEST_ECHO = 100
"""Characters of an option's value that its refusal repeats."""


class LanguageMissing(OcrProblem):
    """A language that is known, but that this machine has no data for."""

    code = "language-not-installed"

    def __init__(self, name: str, package: str) -> None:
        super().__init__(
            f"{name} cannot be read on this server: its data is not installed.",
            remedy=f"Install {package} (Debian), or ask for lang=auto; /ocr/languages lists what is here.",
            package=package,
        )


class OnePageOnly(OcrProblem):
    """A format that shows one page is asked for of several."""

    code = "one-page-only"
    text = "This format shows one page, and several are asked for."
    remedy = "Name one by `pages`, or ask for another format."
    exit_code = 2


class PageNotRead(OcrProblem):
    """What reads a page's script gave up on it."""

    code = "page-not-read"
    text = "The page cannot be read within the limits of time and memory."
    remedy = "Send a smaller page, or ask for lang=auto."
