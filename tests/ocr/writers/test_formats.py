"""The table of formats."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from offing.ocr.engine.page import Page
from offing.ocr.writers import FORMATS, PageImage, find, written
from tests.ocr.writers.pages import line, page, white


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_found_by_its_name_and_its_extension(name: str) -> None:
    assert find(name) is find(FORMATS[name].extension) is FORMATS[name]
    assert find(f" {name.upper()} ") is FORMATS[name]


def test_md_and_txt_are_extensions_and_what_is_unknown_is_none() -> None:
    assert (find("md"), find("txt"), find("docx"), find("")) == (
        FORMATS["markdown"],
        FORMATS["text"],
        None,
        None,
    )


def test_no_two_formats_share_a_media_type_or_an_extension() -> None:
    assert len({each.media_type for each in FORMATS.values()}) == len(FORMATS)
    assert len({each.extension for each in FORMATS.values()}) == len(FORMATS)


def test_text_says_its_charset_and_the_rest_does_not() -> None:
    assert FORMATS["hocr"].content_type == "text/vnd.hocr+html; charset=utf-8"
    assert FORMATS["pdf"].content_type == "application/pdf"


@pytest.mark.parametrize("name", FORMATS)
def test_formats_that_show_the_image_say_so(name: str) -> None:
    pieces = written(FORMATS[name], [(page([line("One")]), None)])
    if FORMATS[name].shows_image:
        with pytest.raises(ValueError, match="none is given"):
            list(pieces)
    else:
        assert b"".join(pieces)


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_pages_give_the_same_bytes(name: str) -> None:
    one = page([line("One", "🎉")])
    first, second = (b"".join(written(FORMATS[name], [(one, white(one))])) for _ in range(2))
    assert first == second


def test_a_page_is_asked_for_only_when_the_one_before_is_written() -> None:
    asked = []

    def pages() -> Iterator[tuple[Page, PageImage]]:
        for number in range(3):
            asked.append(number)
            one = page([line(f"page{number}")])
            yield one, white(one)

    pieces = written(FORMATS["pdf"], pages())
    next(pieces)
    assert asked == []
    next(pieces)
    assert asked == [0]


def test_the_table_loads_neither_numpy_nor_opencv() -> None:
    code = "import sys, offing.ocr.writers; print({'numpy', 'cv2', 'PIL'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "set()\n"
