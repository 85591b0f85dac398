"""Reads the options that a client names, in the query, the form or the JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, TypeVar, get_args

import msgspec
from msgspec import Meta

from offing.kernel.setting_values import BOOLEANS
from offing.ocr import answer_format
from offing.ocr.engine.languages import UnknownLanguage, find
from offing.ocr.engine.options import Orientation, Quality, ReadOptions
from offing.ocr.page_choice import EVERY_PAGE, PageChoice, read_pages
from offing.ocr.problems import InvalidOption
from offing.ocr.settings import OcrSettings

SHORTEST_SIDE, LONGEST_SIDE = 320, 4000
Share = Annotated[float, Meta(ge=0, le=1)]
Side = Annotated[int, Meta(ge=SHORTEST_SIDE, le=LONGEST_SIDE)]
Value = TypeVar("Value")
FormatName = Literal["json", "ndjson", "text", "hocr", "alto", "tsv", "markdown", "pdf", "png"]


class Query(msgspec.Struct, kw_only=True):
    """The options of a reading; each is trimmed and may be in any case, and an empty one is not given."""

    lang: Annotated[
        str | None,
        Meta(
            description="`auto`, or a language by its PaddleOCR name, ISO 639 code or Tesseract name; "
            "`GET /ocr/languages` lists them.",
            examples=["auto"],
        ),
    ] = None
    quality: Annotated[
        Quality | None,
        Meta(description="accurate, fast (half the time), or balanced: fast, what is doubtful once more."),
    ] = None
    format: Annotated[
        FormatName | None,
        Meta(description="Of the answer; else the Accept header says, else JSON. ndjson is a page a line."),
    ] = None
    min_confidence: Annotated[Share | None, Meta(description="Lines below it are dropped.")] = None
    drop_score: Annotated[Share | None, Meta(description="The same as min_confidence.")] = None
    orientation: Annotated[
        Orientation | None, Meta(description="How far the content is turned clockwise, if it is known.")
    ] = None
    det_limit_side_len: Annotated[
        Side | None, Meta(description="Longest side in pixels at which text is searched.")
    ] = None
    pages: Annotated[
        str | None, Meta(description="Of a document, as 1-3,7 or 5-; else all.", examples=["1-3,7"])
    ] = None
    return_words: Annotated[bool | None, Meta(description="Also the place of each word.")] = None


NAMES = Query.__struct_fields__


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What a request asks for."""

    options: ReadOptions
    format: str = answer_format.JSON
    pages: PageChoice = EVERY_PAGE
    return_words: bool = False


def read_asked(given: Mapping[str, str | None], settings: OcrSettings, accept: str = "") -> Asked:
    """What options ask for; the settings and the Accept header where they say nothing.

    Raises InvalidOption, naming what the option takes.
    """
    values = {name: text.strip() for name in NAMES if (text := given.get(name)) and text.strip()}
    score = "min_confidence" if "min_confidence" in values else "drop_score"
    upright: Orientation = "auto" if settings.find_orientation else "0"
    return Asked(
        options=ReadOptions(
            quality=_choice("quality", values, get_args(Quality)) or settings.quality,
            language=_read("lang", values, _language, settings.language),
            orientation=_choice("orientation", values, get_args(Orientation)) or upright,
            min_confidence=_read(score, values, _share, settings.min_confidence, from_=0, to=1),
            side_limit=_read(
                "det_limit_side_len", values, _side, settings.side_limit, from_=SHORTEST_SIDE, to=LONGEST_SIDE
            ),
        ),
        format=_read(
            "format", values, _format, answer_format.accepted(accept), valid_values=answer_format.NAMES
        ),
        pages=_read("pages", values, read_pages, EVERY_PAGE, examples=["1-3,7", "5-"]),
        return_words=_read("return_words", values, _flag, default=False, valid_values=["true", "false"]),
    )


def _read(
    name: str, values: Mapping[str, str], read: Callable[[str], Value], default: Value, **takes: Any
) -> Value:
    """An option's value; the default where it is not given. ``takes`` is what its refusal tells."""
    if name not in values:
        return default
    try:
        return read(values[name])
    except ValueError:
        bounds = {part.rstrip("_"): value for part, value in takes.items()}
        raise InvalidOption(name, values[name], **bounds) from None


def _choice(name: str, values: Mapping[str, str], valid: tuple[str, ...]) -> Any:
    def one_of(text: str) -> str:
        if text.lower() not in valid:
            raise ValueError(text)
        return text.lower()

    return _read(name, values, one_of, "", valid_values=list(valid))


def _language(text: str) -> str:
    if text.lower() != "auto":
        try:
            find(text)
        except UnknownLanguage as unknown:
            raise InvalidOption("lang", text, near=list(unknown.near), listed_at="/ocr/languages") from None
    return text


def _share(text: str) -> float:
    value = float(text)
    if not (math.isfinite(value) and 0 <= value <= 1):
        raise ValueError(text)
    return value


def _side(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and SHORTEST_SIDE <= int(text[:9]) <= LONGEST_SIDE):
        raise ValueError(text)
    return int(text)


def _format(text: str) -> str:
    found = answer_format.named(text)
    if found is None:
        raise ValueError(text)
    return found


def _flag(text: str) -> bool:
    if text.lower() not in BOOLEANS:
        raise ValueError(text)
    return BOOLEANS[text.lower()]
