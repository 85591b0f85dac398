"""The JSON of an answer: the seed's members, and what else is known of each page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from offing.ocr.engine.page import Block, Line, Page, Quad, Word
from offing.ocr.engine.script_names import UNKNOWN

Confidence = Annotated[float, Meta(ge=0, le=1)]
Corners = Annotated[
    list[tuple[float, float]],
    Meta(
        description="Where the text's own top left, top right, bottom right and bottom left corner are, "
        "in pixels of the page as displayed.",
        min_length=4,
        max_length=4,
    ),
]


class Size(msgspec.Struct, frozen=True):
    """Pixels of a page as displayed."""

    width: int
    height: int


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A line, as the seed tells it."""

    text: str
    confidence: Confidence
    bbox: Corners
    page: Annotated[int | UnsetType, Meta(description="Where several pages are read.")] = UNSET


class WordAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A word."""

    text: str
    confidence: Confidence
    bbox: Corners


class LineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A line with what read it."""

    text: str
    confidence: Confidence
    bbox: Corners
    script: Annotated[str, Meta(description="ISO 15924 code of most of its letters.")]
    engine: Annotated[str, Meta(description="What read it: pp-ocrv6-small, tesseract, pdf …")]
    vertical: bool
    words: Annotated[list[WordAnswer] | UnsetType, Meta(description="With return_words.")] = UNSET


class BlockAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Lines that belong together."""

    text: str
    bbox: Corners
    lines: list[LineAnswer]


class PageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A page in reading order."""

    number: int
    width: int
    height: int
    orientation: Annotated[int, Meta(description="Degrees by which its content is turned clockwise.")]
    skew: Annotated[float, Meta(description="Degrees clockwise by which its lines descend beside that.")]
    source: Literal["image", "pdf-text", "pdf-scan"]
    dpi: Annotated[float, Meta(ge=0, description="Pixels an inch; 0 where it is not known.")]
    scripts: Annotated[list[str], Meta(description="ISO 15924 codes of its lines, the most frequent first.")]
    blocks: list[BlockAnswer]


class PageLine(PageAnswer, frozen=True, kw_only=True):
    """A page as a line of its own, where pages are streamed."""

    success: Literal[True] = True
    pages: Annotated[int, Meta(description="How many pages the document has.")]
    text: str


class EngineAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What read."""

    runtime: str
    version: str
    precision: str
    quality: str
    language: Annotated[str, Meta(description="As it was asked for, or the server's own.")]
    read_by: Annotated[list[str], Meta(description="What read the lines, the most frequent first.")]


class Timings(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds, those of several pages added up although they may have run side by side."""

    read: Annotated[float, Meta(ge=0, description="Taking in the request.")]
    decode: Annotated[float, Meta(ge=0, description="Opening the document, rendering its pages.")]
    engine: Annotated[float, Meta(ge=0, description="Reading its pages.")]


class Recognition(msgspec.Struct, frozen=True, kw_only=True):
    """A document that was read."""

    success: Literal[True] = True
    processing_time_ms: Annotated[float, Meta(ge=0, description="Since the request had come in whole.")]
    image_size: Annotated[Size, Meta(description="Of the first page that was read.")]
    results: Annotated[list[Result], Meta(description="The lines of all pages in reading order.")]
    text: Annotated[str, Meta(description="Plain text: an empty line between blocks and between pages.")]
    pages: list[PageAnswer]
    engine: EngineAnswer
    timings: Timings


class BatchEntry(Recognition, frozen=True, kw_only=True):
    """A file of a batch that was read."""

    name: Annotated[str, Meta(description="The file's name, as it came.")]


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """The files of a batch, in the order in which they came."""

    success: Annotated[bool, Meta(description="Whether every file was read.")]
    processing_time_ms: Annotated[float, Meta(ge=0)]
    results: Annotated[
        list[Any],
        Meta(description="For each file what POST /ocr would answer, be it an error, and its name."),
    ]


def recognition(
    pages: Sequence[Page], engine: EngineAnswer, timings: Timings, *, milliseconds: float, words: bool
) -> Recognition:
    """What is answered to a document."""
    several = len(pages) > 1
    return Recognition(
        processing_time_ms=round(milliseconds, 2),
        image_size=Size(pages[0].width, pages[0].height),
        results=[
            Result(
                text=line.text,
                confidence=round(line.confidence, 4),
                bbox=corners(line.bbox),
                page=page.number if several else UNSET,
            )
            for page in pages
            for line in page.lines
        ],
        text="\n\n".join(page.text for page in pages),
        pages=[PageAnswer(**page_members(page, words=words)) for page in pages],
        engine=engine,
        timings=timings,
    )


def page_line(page: Page, total: int, *, words: bool) -> PageLine:
    """What is answered as soon as a page is read."""
    return PageLine(**page_members(page, words=words), pages=total, text=page.text)


def page_members(page: Page, *, words: bool) -> dict[str, Any]:
    """The members of a page's answer."""
    return {
        "number": page.number,
        "width": page.width,
        "height": page.height,
        "orientation": page.orientation,
        "skew": round(page.skew, 2),
        "source": page.source,
        "dpi": round(page.dpi, 2),
        "scripts": by_frequency(line.script for line in page.lines if line.script != UNKNOWN),
        "blocks": [_block(block, words=words) for block in page.blocks],
    }


def by_frequency(names: Iterator[str]) -> list[str]:
    """Each name once, the most frequent first; of equals the one that came first."""
    return [name for name, _ in Counter(names).most_common()]


def corners(quad: Quad) -> list[tuple[float, float]]:
    """A place to a tenth of a pixel."""
    return [(round(x, 1), round(y, 1)) for x, y in quad]


def _block(block: Block, *, words: bool) -> BlockAnswer:
    lines = [_line(line, words=words) for line in block.lines]
    return BlockAnswer(text=block.text, bbox=corners(block.bbox), lines=lines)


def _line(line: Line, *, words: bool) -> LineAnswer:
    return LineAnswer(
        text=line.text,
        confidence=round(line.confidence, 4),
        bbox=corners(line.bbox),
        script=line.script,
        engine=line.engine,
        vertical=line.vertical,
        words=[_word(word) for word in line.words] if words else UNSET,
    )


def _word(word: Word) -> WordAnswer:
    return WordAnswer(text=word.text, confidence=round(word.confidence, 4), bbox=corners(word.bbox))
