"""Tesseract's command, run on the images of lines: https://github.com/tesseract-ocr/tesseract.

Lines travel as the pages of one TIFF on standard input, so a single process reads many of them and none
touches a disk.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

from offing.kernel.processors import available
from offing.ocr.engine.languages import LANGUAGES
from offing.ocr.engine.scripts.fragments import Fragment, fragments
from offing.ocr.engine.scripts.guesses import Guess, guesses
from offing.ocr.engine.scripts.line_images import LineImage, tiff
from offing.ocr.engine.scripts.process import CommandFailed, run

SECONDS = 20.0
SECONDS_A_LINE = 1.0
MEMORY = 1 << 30
ENVIRONMENT = {"OMP_THREAD_LIMIT": "1", "LC_ALL": "C.UTF-8"}
"""All that a process gets: one thread each, and no word from the caller's own environment."""

LINES_A_PROCESS = 6
"""Loading a model costs as much as reading a few lines: below this a second process does not pay."""
FEWEST_CHARACTERS = 5
"""What script detection must find in an image, and a fifth of what it looks at. Its own 50 suit pages."""
LINE, VERTICAL_BLOCK, SCRIPT = "7", "5", "0"
"""Page segmentation modes."""


PARTED = frozenset({"Hans", "Hant", "Jpan", "Khmr", "Kore", "Laoo", "Mymr", "Thai"})
"""Scripts that the table of words parts between letters or syllables; the text, asked to preserve the
spaces of the image, does not. (Asked so of Arabic and Hebrew, it loses some.)"""
PARTED_MODELS = frozenset(each.tesseract for each in LANGUAGES if each.script in PARTED)


class TesseractFailed(RuntimeError):  # noqa: N818  the name says what it is
    """The command is missing, took too long, needed too much memory, or ended with an error."""

    def __init__(self, reason: str, written: str = "") -> None:
        self.written = written
        """What it wrote before it failed."""
        super().__init__(reason)


class Tesseract:
    """Runs the command, in a bounded number of processes at once; safe to call from any thread.

    ``command``: its name or path. ``data``: the folder of its models, where not the built-in one.
    ``processes``: how many may run at once; by default as many as this process has processors.
    ``seconds``: wall time of one process, beyond one second a line. ``memory``: address space, in bytes.
    """

    def __init__(
        self,
        command: str = "tesseract",
        *,
        data: str | None = None,
        processes: int | None = None,
        seconds: float = SECONDS,
        memory: int = MEMORY,
    ) -> None:
        self._command = shutil.which(command)
        self._data = ("--tessdata-dir", data) if data else ()
        self._seconds, self._memory = seconds, memory
        self._processes = processes or available()
        # These threads only wait for processes: their number is what bounds the processes.
        self._threads = ThreadPoolExecutor(self._processes, thread_name_prefix="tesseract")

    @property
    def installed(self) -> frozenset[str]:
        """The codes of the models at hand, scripts as ``script/Cyrillic``; empty without the command."""
        return frozenset(self._models)

    def read(
        self, lines: Sequence[LineImage], model: str, *, vertical: bool = False
    ) -> list[tuple[Fragment, ...]]:
        """The words of each line, read with a model of ``installed``. Raises ``TesseractFailed``."""
        count = max(1, min(self._processes, len(lines) // LINES_A_PROCESS))
        # Dealt out in turns: neighbours are alike in length, so the processes end together.
        hands = [lines[first::count] for first in range(count)]
        found: list[tuple[Fragment, ...]] = [()] * len(lines)
        for first, words in enumerate(
            self._threads.map(lambda hand: self._read(hand, model, vertical=vertical), hands)
        ):
            found[first::count] = words
        return found

    def read_with_each(self, line: LineImage, models: Sequence[str]) -> list[tuple[Fragment, ...]]:
        """The words of one line as each model reads it. Raises ``TesseractFailed``."""
        return [
            words
            for (words,) in self._threads.map(lambda model: self._read([line], model, vertical=False), models)
        ]

    def guess_scripts(self, images: Sequence[LineImage]) -> list[Guess]:
        """The script each image seems to be written in. Raises ``TesseractFailed``.

        The command gives up at the first image that it sees no letters in: put the best ones first.
        """
        few = f"min_characters_to_try={FEWEST_CHARACTERS}"
        arguments = ["--psm", SCRIPT, "-c", few]
        try:
            written = self._threads.submit(self._run, images, arguments).result()
        except TesseractFailed as failure:
            written = failure.written
        return guesses(written, len(images))

    def _read(self, lines: Sequence[LineImage], model: str, *, vertical: bool) -> list[tuple[Fragment, ...]]:
        mode = VERTICAL_BLOCK if vertical else LINE
        whole = ("-c", "preserve_interword_spaces=1", "tsv", "txt")
        outputs = whole if model in PARTED_MODELS else ("tsv",)
        arguments = ["-l", self._models[model], "--psm", mode, *outputs]
        return fragments(self._run(lines, arguments), len(lines))

    def _run(self, images: Sequence[LineImage], arguments: Sequence[str]) -> str:
        given = ["stdin", "stdout", *arguments]
        return self._call(given, tiff(images), self._seconds + SECONDS_A_LINE * len(images))

    def _call(self, arguments: Sequence[str], given: bytes, seconds: float) -> str:
        if self._command is None:
            raise TesseractFailed("Tesseract is not installed.")
        # Options of the command stand before those that name its outputs.
        whole = [self._command, *arguments[:2], *self._data, *arguments[2:]]
        try:
            written = run(whole, given, environment=ENVIRONMENT, seconds=seconds, memory=self._memory)
        except CommandFailed as error:
            raise TesseractFailed(str(error), error.written.decode(errors="replace")) from error
        return written.decode(errors="replace")

    @cached_property
    def _models(self) -> dict[str, str]:
        """The command's own name of each model by its code."""
        if self._command is None:
            return {}
        try:
            listed = self._call(["--list-langs"], b"", self._seconds).splitlines()[1:]
        except TesseractFailed:
            return {}
        return {_code(name): name for each in listed if (name := each.strip())}


def _code(name: str) -> str:
    """Debian keeps scripts beside the languages, others in a folder; scripts begin with a capital."""
    return f"script/{name}" if name[0].isupper() else name
