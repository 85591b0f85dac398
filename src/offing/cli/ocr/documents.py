"""Documents that the command is given: what they are called, and where their outputs go."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from offing.cli.files import STDIN, Refusals, files_below
from offing.ocr.problems import DocumentTooLarge, EmptyDocument

SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".tif", ".tiff", ".webp", ".gif", ".pdf",
)  # fmt: skip
"""What documents are called; only in a folder does the name of a file matter."""
REFUSALS = Refusals(
    lambda most, _: DocumentTooLarge(most), EmptyDocument, "No image and no PDF is in this folder."
)


@dataclass(frozen=True)
class Document:
    """A file to be read."""

    name: str
    """As it was named, or found below a folder that was."""
    below: str
    """Its path below that folder; of a file that was named, the last part."""


def expand(named: Sequence[str], output: str | None = None) -> list[Document]:
    """The documents, each folder replaced by those below it, in the order of their names.

    Hidden files, links to folders and the folder of outputs are left out. A folder without documents stays,
    to be told of where it is read. Raises ``click.UsageError`` where standard input cannot be read.
    """
    if named.count(STDIN) > 1:
        raise click.UsageError("Standard input can be read only once.")
    if STDIN in named and sys.stdin.isatty():
        raise click.UsageError("Standard input is a terminal. Give it a document: offing ocr - < FILE")
    without = os.path.realpath(output) if output else ""
    expanded: list[Document] = []
    for each in named:
        if each == STDIN:
            expanded.append(Document(STDIN, "stdin"))
        elif Path(each).is_dir():
            below = [Document(file, os.path.relpath(file, each)) for file in _documents(each, without)]
            expanded += below or [Document(each, Path(each).name)]
        else:
            expanded.append(Document(each, Path(each).name))
    return expanded


def targets(documents: Sequence[Document], folder: Path, extension: str) -> list[Path]:
    """Where the output of each document goes: its own place and name with another end.

    Where two documents would have one output, as ``a.jpg`` and ``a.png``, theirs keep both ends:
    ``a.jpg.txt``. Raises ``click.UsageError`` where that does not tell them apart either, and where an
    output would replace a document.
    """
    short = [_stem(each.below) + extension for each in documents]
    uses = Counter(map(str.casefold, short))  # some file systems take A and a for one
    names = [
        each.below + extension if uses[name.casefold()] > 1 else name
        for each, name in zip(documents, short, strict=True)
    ]
    _refuse_twice(documents, names)
    paths = [folder / name for name in names]
    inputs = {_identity(each.name) for each in documents if each.name != STDIN} - {None}
    for path in paths:
        if _identity(path) in inputs:
            raise click.UsageError(f"{path} is one of the documents. Choose another folder for the outputs.")
    return paths


def _documents(folder: str, without: str) -> Iterable[str]:
    return files_below(folder, SUFFIXES, without=without)


def _stem(name: str) -> str:
    """The name without a document's end; of any other, such as ``minutes.2024``, all."""
    stem, end = os.path.splitext(name)  # noqa: PTH122  a Path drops a "./"
    return stem if end.lower() in SUFFIXES else name


def _refuse_twice(documents: Sequence[Document], names: Sequence[str]) -> None:
    seen: dict[str, str] = {}
    for document, name in zip(documents, names, strict=True):
        other = seen.setdefault(name.casefold(), document.name)
        if other != document.name or list(documents).count(document) > 1:
            raise click.UsageError(
                f"The outputs of {other} and {document.name} would both be {name}. Read one of them into "
                "another folder."
            )


def _identity(path: str | Path) -> tuple[int, int] | None:
    """What tells a file from every other, however it is named; None where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116  a name that holds a NUL is no Path, but may be given
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino
