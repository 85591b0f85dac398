"""What a user of the command line can do about a problem; its own remedy is meant for HTTP clients."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from offing.xet.problems import (
    BadName,
    EntryNotFound,
    Gated,
    NoRight,
    RateLimited,
    RepositoryNotFound,
    RevisionNotFound,
    XetProblem,
)

REMEDIES: Mapping[type[XetProblem], str] = {
    BadName: "Write OWNER/REPO as the hub has it; --revision takes a branch, a tag or a commit.",
    EntryNotFound: "`offing xet ls` lists the files; --revision chooses another version.",
    NoRight: "Set HF_TOKEN, or name a file that holds the token by --token-file; the name may also be wrong.",
    RateLimited: "Try again later; a token raises the hub's limit.",
    RepositoryNotFound: "Check the name, whether it is a --dataset or a --space, and the token.",
    RevisionNotFound: "Name a branch, a tag or a commit by --revision.",
}


def advise(problem: XetProblem) -> XetProblem:
    """The problem with a remedy for the command line, unless it came with one of its own."""
    if problem.public_remedy == problem.remedy:
        remedy = REMEDIES.get(type(problem), problem.remedy)
        if isinstance(problem, Gated) and "page" in problem.members:
            remedy = f"Accept its conditions at {problem.members['page']} and try again, with your token."
        problem.public_remedy = remedy
    return problem


@contextmanager
def advised() -> Iterator[None]:
    """Give what is raised its remedy for the command line."""
    try:
        yield
    except XetProblem as problem:
        advise(problem)
        raise
