"""Where files go: below one folder, whatever they are called."""

from __future__ import annotations

from pathlib import Path

from offing.xet.engine.repository import check_path
from offing.xet.engine.target_claim import WORKPLACE
from offing.xet.problems import BadName


class UnsafeName(BadName):
    """A file would not be where its name says."""

    code = "unsafe-name"
    text = "The file's name leads out of the folder, or into what downloads keep there."
    remedy = "Choose another folder with -o, or leave the file out with --exclude."


class Places:
    """The places of files below a folder, which need not be there."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, path: str) -> Path:
        """Where a file of a repository goes. Raises BadName, :class:`UnsafeName`.

        No part of its name leads out of the folder, nor does a link that is there already.
        """
        check_path(path)
        parts = path.split("/")
        if any(part.casefold() == WORKPLACE for part in parts):
            raise UnsafeName
        target = self._folder.joinpath(*parts)
        try:
            inside = target.parent.resolve().is_relative_to(self._folder.resolve())
        except (OSError, RuntimeError):  # links in a circle
            inside = False
        if not inside:
            raise UnsafeName
        return target
