"""A file is what its first bytes say, whatever it is called."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from offing.ocr.documents.media_types import ACCEPTED, media_type_of
from offing.ocr.problems import UnsupportedDocument
from tests.ocr.documents import pdf_files


def saved(kind: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (3, 2)).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP", "GIF", "BMP", "PDF"])
def test_each_accepted_type_is_known_by_its_first_bytes(kind: str) -> None:
    expected = "application/pdf" if kind == "PDF" else f"image/{kind.lower()}"
    assert media_type_of(saved(kind)) == expected
    assert expected in ACCEPTED


@pytest.mark.parametrize("head", [b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"])
def test_a_tiff_of_either_byte_order_and_size_is_known(head: bytes) -> None:
    assert media_type_of(head + bytes(20)) == "image/tiff"


@pytest.mark.parametrize(("junk", "is_pdf"), [(0, True), (300, True), (1019, True), (1020, False)])
def test_a_pdf_may_begin_behind_as_much_junk_as_readers_skip(junk: int, is_pdf: bool) -> None:  # noqa: FBT001
    data = b"\n" * junk + pdf_files.document(b"")
    if is_pdf:
        assert media_type_of(data) == "application/pdf"
    else:
        with pytest.raises(UnsupportedDocument):
            media_type_of(data)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xd8", b"BMW is a maker of cars and motorcycles", b"RIFF\0\0\0\0WAVE", b"<svg/>", b"PK\3\4"],
)
def test_anything_else_is_415_and_names_what_is_accepted(data: bytes) -> None:
    with pytest.raises(UnsupportedDocument) as caught:
        media_type_of(data)
    assert caught.value.status == 415
    assert caught.value.members == {"accepted": list(ACCEPTED)}


@given(st.binary(max_size=2000))
def test_any_bytes_are_answered(data: bytes) -> None:
    with contextlib.suppress(UnsupportedDocument):
        assert media_type_of(data) in ACCEPTED
