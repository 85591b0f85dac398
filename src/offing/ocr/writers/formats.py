"""The table of formats: what each is called, how it is announced, what writes it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from offing.ocr.engine.page import Page
from offing.ocr.writers.alto import AltoWriter
from offing.ocr.writers.annotated import AnnotatedWriter
from offing.ocr.writers.hocr import HocrWriter
from offing.ocr.writers.markdown import MarkdownWriter
from offing.ocr.writers.pdf import PdfWriter
from offing.ocr.writers.plain import PlainWriter
from offing.ocr.writers.tsv import TsvWriter
from offing.ocr.writers.writer import PageImage, Writer


@dataclass(frozen=True)
class Format:
    """One format."""

    name: str
    media_type: str
    extension: str
    """Of file names, with its dot."""
    writer: Callable[[], Writer]
    """Makes the writer of one document."""
    shows_image: bool = False
    """Whether each page needs its :class:`PageImage`."""
    many_pages: bool = True
    """Whether a file may have more than one page."""

    @property
    def content_type(self) -> str:
        """The media type as a header says it: with the charset, where there is one."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        each.name: each
        for each in (
            Format("text", "text/plain", ".txt", PlainWriter),
            Format("hocr", "text/vnd.hocr+html", ".hocr", HocrWriter),
            Format("alto", "application/xml", ".xml", AltoWriter),
            Format("tsv", "text/tab-separated-values", ".tsv", TsvWriter),
            Format("markdown", "text/markdown", ".md", MarkdownWriter),
            Format("pdf", "application/pdf", ".pdf", PdfWriter, shows_image=True),
            Format("png", "image/png", ".png", AnnotatedWriter, shows_image=True, many_pages=False),
        )
    }
)
"""By name."""


def find(name: str) -> Format | None:
    """The format of this name or file extension (``md``, ``.md``, ``txt``), in any case."""
    wanted = name.strip().lower().removeprefix(".")
    if wanted in FORMATS:
        return FORMATS[wanted]
    return next((each for each in FORMATS.values() if each.extension == f".{wanted}"), None)


def written(format_: Format, pages: Iterable[tuple[Page, PageImage | None]]) -> Iterator[bytes]:
    """A whole document, a piece a page: each page is asked for only when the one before is written."""
    writer = format_.writer()
    yield writer.begin()
    for page, image in pages:
        yield writer.page(page, image)
    yield writer.end()
