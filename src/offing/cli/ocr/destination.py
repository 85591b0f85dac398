"""Where what is read goes: one stream, or a file for each document."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from offing.cli.ocr.documents import Document, targets
from offing.ocr.answer_format import JSON, LINES
from offing.ocr.writers import FORMATS

BETWEEN = {"text": b"\f", "markdown": b"\n---\n\n", JSON: b"", LINES: b""}
"""Formats of which several documents make one stream, and what stands between them, as between pages."""
BINARY = frozenset({"pdf", "png"})
ENDINGS = {JSON: ".json", LINES: ".ndjson", **{name: each.extension for name, each in FORMATS.items()}}


@dataclass(frozen=True)
class Destination:
    """The documents that are to be read, each with its file; without one it goes to standard output."""

    documents: Sequence[tuple[Document, Path | None]]

    @property
    def is_stream(self) -> bool:
        """Whether it is standard output."""
        return any(path is None for _, path in self.documents)


def destination(
    documents: Sequence[Document], format_: str, folder: str | None, *, skip_existing: bool = False
) -> Destination:
    """Where documents go in a format. Raises ``click.UsageError`` where that cannot be."""
    if folder is not None:
        paths = targets(documents, _made(folder), ENDINGS[format_])
        pairs = list(zip(documents, paths, strict=True))
        left = [(each, path) for each, path in pairs if not (skip_existing and path.exists())]
        if skipped := len(pairs) - len(left):
            click.echo(f"{skipped} of {len(pairs)} have their output already.", err=True)
        return Destination(left)
    if skip_existing:
        raise click.UsageError("--skip-existing needs -o, the folder of the outputs.")
    if len(documents) > 1 and format_ not in BETWEEN:
        raise click.UsageError(
            f"{len(documents)} documents in {format_} are as many files. Name a folder for them: -o FOLDER"
        )
    if format_ in BINARY and sys.stdout.isatty():
        raise click.UsageError(
            f"{format_} is nothing that a terminal shows. Send it to a file: > FILE{ENDINGS[format_]}, "
            "or name a folder: -o FOLDER"
        )
    return Destination([(each, None) for each in documents])


def _made(folder: str) -> Path:
    """The folder, made if it is not there."""
    path = Path(folder)
    if path.suffix.lower() in ENDINGS.values() and not path.exists():
        raise click.UsageError(
            f"-o names a folder, and {folder} looks like a file. Send the output of one document there: "
            f"> {folder}"
        )
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"The folder {folder} cannot be made: {error.strerror}.") from None
    return path
