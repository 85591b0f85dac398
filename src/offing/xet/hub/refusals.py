"""What the hub answers where it does not do what it is asked, in the words that its clients know."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import JSONResponse, Response


class Refusal(Exception):  # noqa: N818  an answer, not an error of the hub's
    """An answer of 4xx or 5xx. The text reaches clients: no path and no exception's message."""

    def __init__(
        self, status: int, text: str, *, code: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(text)
        self.status, self.text, self.code = status, text, code
        self.headers = dict(headers or {})

    def answer(self) -> Response:
        """The answer; ``X-Error-Code`` is what huggingface_hub tells failures apart by."""
        headers = {"X-Error-Message": self.text, **self.headers}
        if self.code:
            headers["X-Error-Code"] = self.code
        return JSONResponse({"error": self.text}, self.status, headers)


def bad(text: str) -> Refusal:
    """What was sent cannot be taken."""
    return Refusal(400, text)


def too_large() -> Refusal:
    """More was sent than is taken."""
    return Refusal(413, "The body is larger than this hub takes.")


def no_credentials() -> Refusal:
    """A token is needed, or this one is not good."""
    return Refusal(401, "Invalid credentials in Authorization header")


def no_repository(*, anonymous: bool) -> Refusal:
    """No such repository, or one that the caller may not know of: both look the same."""
    return Refusal(401 if anonymous else 404, "Repository not found", code="RepoNotFound")


def gated(*, anonymous: bool) -> Refusal:
    """The repository's conditions are not accepted."""
    return Refusal(401 if anonymous else 403, "Access to this repository is restricted", code="GatedRepo")


def no_revision() -> Refusal:
    """No such branch, tag or commit."""
    return Refusal(404, "Invalid rev id", code="RevisionNotFound")


def no_entry() -> Refusal:
    """No such file at this revision."""
    return Refusal(404, "Entry not found", code="EntryNotFound")


def no_content() -> Refusal:
    """The content store has nothing of this hash for this token."""
    return Refusal(404, "Not found")
