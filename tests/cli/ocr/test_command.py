"""``offing ocr`` as it is run: to streams and to files, good documents beside bad ones."""

from __future__ import annotations

import json
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from tests.cli.ocr.reading import copied, ocr, share_read, words_of
from tests.cli.program import run
from tests.ocr.samples import FOLDER

MOSTLY = 0.9
"""Of the words; the smallest models miss a few."""


def test_one_file_is_its_text_with_the_models_that_read_by_default() -> None:
    ended = run("ocr", FOLDER / "label.png")
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert ended.stdout.decode().split() == words_of("label")


class Run:
    """A folder with good and bad documents, made into searchable PDFs in a folder inside it."""

    def __init__(self, folder: Path) -> None:
        self.scans, self.out = folder / "scans", folder / "scans" / "searchable"
        copied("label.png", self.scans / "label.png")
        copied("scanned.pdf", self.scans / "2024" / "list.PDF")
        copied("fax.tiff", self.scans / "2024" / "fax.tif")
        copied("label.png", self.scans / ".hidden" / "label.png")
        (self.scans / "notes.txt").write_text("no document")
        (self.scans / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 and no more")
        (self.scans / "empty\x1b[2J.png").touch()
        copied("label.png", self.out / "earlier.png")
        (self.out / "label.pdf").write_text("of an earlier run")
        self.ended = ocr("--format", "pdf", "-o", self.out, self.scans, folder / "gone.png")
        self.told = self.ended.stderr.decode().splitlines()


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("run"))


def test_each_document_has_its_file_at_its_own_place_and_nothing_else_is_there(ran: Run) -> None:
    files = {str(file.relative_to(ran.out)) for file in ran.out.rglob("*") if file.is_file()}
    assert files == {"earlier.png", "label.pdf", "2024/list.pdf", "2024/fax.pdf"}


@pytest.mark.parametrize(
    ("made", "sample", "pages"), [("label", "label", 1), ("2024/list", "scanned", 2), ("2024/fax", "fax", 3)]
)
def test_the_words_are_found_in_the_searchable_pdfs(ran: Run, made: str, sample: str, pages: int) -> None:
    with pypdfium2.PdfDocument(ran.out / f"{made}.pdf") as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    assert len(texts) == pages
    for number, text in enumerate(texts, 1):
        assert share_read(words_of(sample, number if pages > 1 else None), text) >= MOSTLY


def test_what_is_bad_is_told_with_its_reason_and_its_remedy_and_stops_nothing(ran: Run) -> None:
    assert ran.ended.returncode == 1
    assert ran.ended.stdout == b""
    broken, empty, gone, failed = ran.told
    assert broken.startswith(f"offing: {ran.scans}/broken.jpg: The file is broken or ends early")
    assert broken.endswith("mend it.")
    assert empty == rf"offing: {ran.scans}/empty\x1b[2J.png: The file is empty. Send a whole image or PDF."
    assert "gone.png: No such file or directory. Check the path" in gone
    assert failed == "3 of 6 failed."


def test_a_document_that_is_read_stays_as_it_is(ran: Run) -> None:
    assert (ran.scans / "label.png").read_bytes() == (FOLDER / "label.png").read_bytes()


def test_standard_input_as_json_tells_the_places_of_the_pages_asked_for() -> None:
    data = (FOLDER / "scanned.pdf").read_bytes()
    ended = ocr("-", "--format", "json", "--pages", "2", "--words", stdin=data)
    (line,) = ended.stdout.splitlines()
    answer = json.loads(line)
    assert (ended.returncode, answer["input"], answer["success"]) == (0, "-", True)
    (page,) = answer["pages"]
    assert page["number"] == 2
    assert share_read(words_of("scanned", 2), answer["text"]) >= MOSTLY
    assert len(page["blocks"][0]["lines"][0]["words"][0]["bbox"]) == 4
    assert answer["engine"]["quality"] == "fast"


def test_several_documents_make_one_stream_in_their_order(tmp_path: Path) -> None:
    slow, quick = copied("fax.tiff", tmp_path / "slow.tif"), copied("label.png", tmp_path / "quick.png")
    ended = ocr(slow, tmp_path, "gone.pdf", quick, cwd=tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.count(b"\n") == 2
    *fax, label, again_1, again_2, again_3, last = ended.stdout.decode().split("\f")
    for page, text in enumerate(fax, 1):
        assert share_read(words_of("fax", page), text) >= MOSTLY
    assert fax == [again_1, again_2, again_3]
    assert label == last
    assert share_read(words_of("label"), label) >= MOSTLY


def test_lines_of_json_tell_of_each_page_and_a_page_that_fails_is_a_failure(tmp_path: Path) -> None:
    with Image.open(FOLDER / "label.png") as label:
        large = Image.new("1", (2000, 2000), 1)
        label.convert("RGB").save(tmp_path / "two.tif", save_all=True, append_images=[large])
    ended = ocr("two.tif", "--format", "ndjson", cwd=tmp_path, OFFING_OCR_MAX_PIXELS="3999999")
    assert ended.returncode == 1
    read, failed = map(json.loads, ended.stdout.splitlines())
    assert (read["input"], read["number"], read["success"]) == ("two.tif", 1, True)
    assert (failed["input"], failed["number"], failed["success"]) == ("two.tif", 2, False)
    assert ended.stderr.startswith(b"offing: two.tif: The image has more pixels than are read (")
    assert b"page 2" in ended.stderr


def test_what_has_its_output_is_left_out_without_starting_anything(tmp_path: Path) -> None:
    copied("label.png", tmp_path / "label.png")
    (tmp_path / "label.txt").write_text("kept")
    ended = ocr("label.png", "-o", ".", "--skip-existing", cwd=tmp_path, OFFING_OCR_REC_MODEL_DIR="/nowhere")
    assert (ended.returncode, ended.stderr) == (0, b"1 of 1 have their output already.\n")
    assert (tmp_path / "label.txt").read_text() == "kept"


def test_models_that_are_not_there_end_it_with_a_line(tmp_path: Path) -> None:
    copied("label.png", tmp_path / "label.png")
    ended = ocr(tmp_path / "label.png", OFFING_OCR_REC_MODEL_DIR=str(tmp_path))
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert ended.stderr.startswith(b"offing: The models cannot be loaded: the recognition folder holds no ")
    assert ended.stderr.count(b"\n") == 1
