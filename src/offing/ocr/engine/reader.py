"""The reader: an upright page, its boxes, their lines, in reading order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from offing.kernel.processors import available
from offing.ocr.engine.crew import Crew
from offing.ocr.engine.crops import Pixels, checked
from offing.ocr.engine.layout import arrange
from offing.ocr.engine.lines import line_of
from offing.ocr.engine.loaded import LoadedModels
from offing.ocr.engine.models import ModelSet
from offing.ocr.engine.one_page import OnePage
from offing.ocr.engine.options import Quality, ReadOptions
from offing.ocr.engine.page import Page, laid
from offing.ocr.engine.runtime import Runtime, RuntimeName, open_runtime
from offing.ocr.engine.scripts import ScriptRouter


def nobody_left() -> bool:
    """Whoever asks waits for the answer."""
    return False


class Reader:
    """Reads pages. Built once, used from any thread; no call changes what another gets.

    ``quality`` is how pages are read where no options are given: its models are loaded at once, those of
    another at its first page. ``given`` replaces the packaged models of every quality, ``orientation`` the
    one that finds a page's quarter turns; ``threads`` defaults to the processors that this process may use
    (a container's quota counts). Raises ``ModelsMissing`` and ``RuntimeMissing``.
    """

    def __init__(
        self,
        *,
        quality: Quality = "accurate",
        given: ModelSet | None = None,
        orientation: Path | None = None,
        runtime: RuntimeName | Runtime | None = None,
        threads: int | None = None,
        scripts: ScriptRouter | None = None,
    ) -> None:
        self.runtime: Runtime = (
            open_runtime(runtime or "auto") if runtime is None or isinstance(runtime, str) else runtime
        )
        self._crew = Crew(threads or available())
        self._scripts = scripts or ScriptRouter()
        self._models = LoadedModels(self.runtime, self._crew, given, orientation)
        self._models.of(quality)
        self._options = ReadOptions(quality=quality)

    @property
    def threads(self) -> int:
        """How many threads work."""
        return self._crew.size

    def read(
        self,
        pixels: Pixels,
        options: ReadOptions | None = None,
        *,
        has_left: Callable[[], bool] = nobody_left,
    ) -> Page:
        """Read a page: (height, width, 3) of uint8, red, green, blue.

        Raises ``ValueError`` for another shape or type, ``UnknownLanguage`` and ``LanguageNotInstalled``;
        :class:`Left` soon after ``has_left`` turns true.
        """
        return self._read(checked(pixels), options or self._options, has_left)

    def close(self) -> None:
        """End the threads."""
        self._crew.close()

    def _read(self, pixels: Pixels, options: ReadOptions, has_left: Callable[[], bool]) -> Page:
        language = self._scripts.find(options.language)
        engine = self._models, self._crew, self._scripts
        page = OnePage(pixels, options, language, engine, has_left)
        view, read = page.read()
        lines = [
            line_of(corners, each, way)
            for corners, each, (_, way) in zip(view.boxes, read, view.found, strict=True)
            if each.text and each.confidence >= options.min_confidence
        ]
        height, width = view.pixels.shape[:2]
        blocks, skew = arrange(lines, width, height)
        return laid(Page(width, height, blocks, skew=skew), view.turned)
