"""PDF files that are locked, broken or too much."""

from __future__ import annotations

import pytest

from offing.ocr.documents.document import open_document
from offing.ocr.documents.limits import DocumentLimits
from offing.ocr.problems import BrokenDocument, EncryptedDocument, OcrProblem, TooManyPages
from tests.ocr.documents.opening import LOREM, first_page, text_of
from tests.ocr.documents.pdf_files import document, file, paragraph, text

BODY = paragraph(70, 760, 12, LOREM)


def test_a_file_that_needs_a_password_is_422_and_says_so() -> None:
    with pytest.raises(EncryptedDocument) as caught, open_document(document(BODY, password="secret")):  # noqa: S106
        pass
    body = caught.value.body()
    assert (body["status"], body["success"]) == (422, False)
    assert "password" in body["error"]


def test_a_file_that_is_encrypted_without_a_password_is_read() -> None:
    assert text_of(document(BODY, password="")).text.splitlines() == list(LOREM)


def test_encryption_of_an_unknown_kind_is_422() -> None:
    whole = document(BODY, password="secret")  # noqa: S106
    with pytest.raises(OcrProblem) as caught, open_document(whole.replace(b"/Standard", b"/Foreigns")):
        pass
    assert caught.value.status == 422


def test_more_pages_than_the_limit_are_413_with_the_limit() -> None:
    data = document(*[b""] * 6)
    with pytest.raises(TooManyPages) as caught, open_document(data, DocumentLimits(max_pages=5)):
        pass
    assert (caught.value.status, caught.value.members) == (413, {"max_pages": 5, "received_pages": 6})
    with open_document(data, DocumentLimits(max_pages=6)) as opened:
        assert opened.pages == 6


@pytest.mark.parametrize(
    "data",
    [
        b"%PDF-1.4",
        b"%PDF-1.7\n" + b"\0" * 5000,
        b"%PDF-1.4\ntrailer<</Root 1 0 R>>",
        file([b"<</Type/Catalog>>"]),
        file([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"]),
        b"%PDF-1.4\n" + b"[" * 100_000,
    ],
)
def test_what_only_begins_as_a_pdf_is_422(data: bytes) -> None:
    with pytest.raises(BrokenDocument) as caught:
        first_page(data)
    assert caught.value.status == 422


def test_a_file_cut_off_anywhere_is_broken_or_a_page() -> None:
    whole = document(BODY)
    refused = 0
    for end in range(10, len(whole), 23):
        try:
            first_page(whole[:end])
        except BrokenDocument:
            refused += 1
    assert refused > 5


def test_a_file_whose_table_is_lost_is_mended() -> None:
    whole = document(BODY)
    assert LOREM[1] in text_of(whole[: whole.index(b"xref")] + b"trailer<</Root 1 0 R>>").text


def test_a_missing_page_of_many_is_the_only_one_that_fails() -> None:
    tree = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R 99 0 R 3 0 R]/Count 3>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>",
    ]
    with open_document(file(tree)) as opened:
        assert opened.pages == 3
        assert opened.page(1).number == 1
        with pytest.raises(BrokenDocument):
            opened.page(2)


@pytest.mark.parametrize("turns", ["a page tree", "a form"])
def test_what_refers_to_itself_ends(turns: str) -> None:
    if turns == "a page tree":
        data = file([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 9>>"])
        with pytest.raises(BrokenDocument):
            first_page(data)
    else:
        form = (
            b"<</Type/XObject/Subtype/Form/BBox[0 0 99 99]/Resources<</XObject<</X 4 0 R>>>>/Length 5>>"
            b"stream\n/X Do\nendstream"
        )
        assert first_page(document(b"/X Do", extra=[form], named=b"/X 4 0 R")).width > 0


def test_two_documents_at_once_do_not_mix() -> None:
    one, other = (document(text(90, 500, 14, word)) for word in ("first", "second"))
    with open_document(one) as first, open_document(other) as second:
        texts = [page.text for page in (first.page(1), second.page(1), first.page(1))]
    assert [text and text.text for text in texts] == ["first", "second", "first"]
