"""A file of a listing as a line: of a table, or JSON."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from offing.cli.wording import printable
from offing.cli.xet.sizes import spell_size
from offing.xet.engine.listing import ListedFile

GAP = "  "
HASH_COLUMNS = 12
WHOLE_HASH = 64
SIZE_COLUMNS, BYTES_COLUMNS = 8, 15
KIND_COLUMNS = 4


class Rows(Protocol):
    """A way to write them."""

    head: str
    """The line before them; empty for none."""

    def row(self, file: ListedFile) -> str:
        """The line of one file."""


def kind_of(file: ListedFile) -> Literal["xet", "lfs", "git"]:
    """What keeps a file."""
    if file.xet_hash:
        return "xet"
    return "lfs" if file.sha256 else "git"


class Short:
    """For reading: the hash, as far as it tells files apart, is that of the content (SHA-256)."""

    head = GAP.join(
        ["size".rjust(SIZE_COLUMNS), "kind".ljust(KIND_COLUMNS), "sha256".ljust(HASH_COLUMNS), "path"]
    )

    def row(self, file: ListedFile) -> str:
        """The line of one file."""
        cells = [
            spell_size(file.size).rjust(SIZE_COLUMNS),
            kind_of(file).ljust(KIND_COLUMNS),
            (file.sha256 or "-")[:HASH_COLUMNS].ljust(HASH_COLUMNS),
            printable(file.path),
        ]
        return GAP.join(cells)


class Long:
    """Everything that is known."""

    head = GAP.join(
        [
            "bytes".rjust(BYTES_COLUMNS),
            "kind".ljust(KIND_COLUMNS),
            "sha256".ljust(WHOLE_HASH),
            "xet hash".ljust(WHOLE_HASH),
            "path",
        ]
    )

    def row(self, file: ListedFile) -> str:
        """The line of one file."""
        cells = [
            str(file.size).rjust(BYTES_COLUMNS),
            kind_of(file).ljust(KIND_COLUMNS),
            (file.sha256 or "-").ljust(WHOLE_HASH),
            (file.xet_hash or "-").ljust(WHOLE_HASH),
            printable(file.path),
        ]
        return GAP.join(cells)


class Json:
    """For programs: a JSON object a line."""

    head = ""

    def row(self, file: ListedFile) -> str:
        """The line of one file."""
        told = {
            "path": file.path,
            "size": file.size,
            "kind": kind_of(file),
            "sha256": file.sha256,
            "xet_hash": file.xet_hash,
        }
        return msgspec.json.encode(told).decode()


ROWS: dict[str, Rows] = {"short": Short(), "long": Long(), "json": Json()}
