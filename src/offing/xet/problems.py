"""What can go wrong between a caller, the hub and the content store (CAS), as callers are told of it."""

from __future__ import annotations

from offing.kernel.problems import Problem


class XetProblem(Problem):
    """Base of this service's problems."""

    status = 502
    exit_code = 5


class BadName(XetProblem):
    """A repository, revision, path or hash that no hub can have."""

    code = "bad-name"
    status = 422
    text = "This is no name of a repository, revision, file or hash."
    remedy = "Ask as /download/{owner}/{repo}/{path}, or /download-hash/{64 hexadecimal digits}."
    exit_code = 2


class BadRange(XetProblem):
    """The range is outside the file."""

    code = "range-not-satisfiable"
    status = 416
    text = "The file has no bytes in this range."
    remedy = "Ask for bytes within the size that Content-Range names."
    exit_code = 2


class NoRight(XetProblem):
    """The hub wants a token, or does not take this one."""

    code = "no-right"
    status = 401
    text = "The hub wants a token that may read this repository."
    remedy = "Send a valid token as `Authorization: Bearer hf_…`; the name may also be wrong."
    exit_code = 4


class Forbidden(NoRight):
    """The token is good, but not for this."""

    code = "forbidden"
    status = 403
    text = "The hub does not let this token read the repository."
    remedy = "Use a token with the right to read it, or ask its owner for access."


class Gated(XetProblem):
    """The repository's conditions have not been accepted by the token's owner."""

    code = "gated"
    status = 403
    text = "This repository is gated, and this token's owner has no access to it."
    remedy = "Accept its conditions at the page that `page` names, then ask again."
    exit_code = 4


class RepositoryNotFound(XetProblem):
    """No such repository, or a private one of somebody else."""

    code = "repository-not-found"
    status = 404
    text = "The hub has no such repository, or this token may not see it."
    remedy = "Check the name, its kind (models, datasets, spaces), and the token."
    exit_code = 4


class RevisionNotFound(XetProblem):
    """The repository has no such branch, tag or commit."""

    code = "revision-not-found"
    status = 404
    text = "The repository has no such revision."
    remedy = "Name a branch, a tag or a commit; without ?revision= it is main."
    exit_code = 4


class EntryNotFound(XetProblem):
    """The revision has no such file."""

    code = "entry-not-found"
    status = 404
    text = "The repository has no such file at this revision."
    remedy = "GET /repos/{owner}/{repo} lists its files."
    exit_code = 4


class ContentNotFound(XetProblem):
    """The content store knows no file of this hash."""

    code = "content-not-found"
    status = 404
    text = "The content store has no file of this hash."
    remedy = "Check the hash, and that ?repo= names the repository that has the file."
    exit_code = 4


class RateLimited(XetProblem):
    """The hub or the content store asks for fewer requests."""

    code = "rate-limited"
    status = 429
    text = "The hub takes no more requests for now."
    remedy = "Try again after the seconds that Retry-After names; a token raises the hub's limit."


class UpstreamFailed(XetProblem):
    """The hub or the content store failed, or answered what cannot be understood."""

    code = "upstream-failed"
    text = "The hub or its content store failed."
    remedy = "Try again; if it happens again, look at the hub's status page."


class UpstreamTimedOut(XetProblem):
    """Nothing came for too long."""

    code = "upstream-timed-out"
    status = 504
    text = "The hub or its content store did not answer in time."
    remedy = "Try again; a download resumes where it ended."


class Corrupt(XetProblem):
    """What came is not the file whose hash was asked for."""

    code = "corrupt"
    text = "What the content store sent is not this file: its hash is another."
    remedy = "Try again; if it happens again, the stored file is damaged: tell its owner."
    exit_code = 6


class NotCached(XetProblem):
    """The service is offline and does not have the file."""

    code = "not-cached"
    status = 404  # and not 504, after which clients try again for long
    text = "This service is set to be offline, and does not hold this file."
    remedy = "Ask for a file that is cached, or unset OFFING_XET_OFFLINE."


class NothingKept(XetProblem):
    """A file is to be fetched ahead, and nothing would keep it."""

    code = "invalid-option"
    status = 422
    text = "Nothing here would keep the file."
    remedy = (
        "Set OFFING_XET_CACHE_BYTES and OFFING_XET_CACHE_DIR so that there is a cache the file fits into."
    )
    exit_code = 2
