"""The font without glyphs, and the maps that tell every character of Unicode."""

from __future__ import annotations

import re
import struct

import pytest

from offing.ocr.writers.pdf.glyphless_font import ADVANCE, encode, font_file, glyph_of_each_code, to_unicode
from tests.ocr.writers.pages import line, page, write
from tests.ocr.writers.readers import opened


@pytest.mark.parametrize("plane", range(17))
def test_each_plane_maps_every_character_to_itself(plane: int) -> None:
    mapped: dict[int, int] = {}
    for low, high, target in re.findall(rb"<(\w{4})> <(\w{4})> <(\w+)>", to_unicode(plane)):
        first, last = int(low, 16), int(high, 16)
        assert first >> 8 == last >> 8
        start = ord(bytes.fromhex(target.decode()).decode("utf-16-be"))
        assert bytes.fromhex(target.decode())[-1] + last - first <= 0xFF
        mapped |= {code: start + code - first for code in range(first, last + 1)}
    surrogates = range(0xD800, 0xE000) if plane == 0 else range(0)
    assert mapped == {code: plane << 16 | code for code in range(0x10000) if code not in surrogates}


def test_no_section_of_a_map_is_too_long() -> None:
    sections = re.findall(rb"(\d+) beginbfrange\n(.*?)endbfrange", to_unicode(1), re.DOTALL)
    assert [int(count) for count, _ in sections] == [rows.count(b"\n") for _, rows in sections]
    assert all(int(count) <= 100 for count, _ in sections)


def test_text_is_cut_where_its_plane_changes() -> None:
    assert list(encode("a😀😁b")) == [(0, b"\0a"), (1, b"\xf6\x00\xf6\x01"), (0, b"\0b")]
    assert list(encode("")) == []


def test_the_fonts_tables_are_in_order_and_their_sums_are_right() -> None:
    font = font_file()
    tables = [struct.unpack_from(">4sIII", font, 12 + 16 * index) for index in range(6)]
    assert [tag for tag, *_ in tables] == sorted(tag for tag, *_ in tables)
    words = struct.unpack(f">{len(font) // 4}I", font)
    assert sum(words) & 0xFFFFFFFF == 0xB1B0AFBA
    for tag, total, offset, length in tables:
        table = font[offset : offset + length] + bytes(-length % 4)
        if tag != b"head":  # its own sum is taken before it holds the file's
            assert sum(struct.unpack(f">{len(table) // 4}I", table)) & 0xFFFFFFFF == total


def test_every_code_is_the_one_glyph() -> None:
    assert set(struct.unpack(">65536H", glyph_of_each_code())) == {1}


def test_only_the_planes_that_are_used_are_written() -> None:
    with opened(write("pdf", page([line("One", "😀")]))) as document:
        fonts = document.pages[0].Resources.Font
        assert set(fonts.keys()) == {"/P0", "/P1"}
        descendant = fonts["/P0"].DescendantFonts[0]
        assert descendant.DW == ADVANCE
        assert descendant.FontDescriptor.FontFile2.read_bytes() == font_file()
        assert fonts["/P1"].DescendantFonts[0].objgen == descendant.objgen
