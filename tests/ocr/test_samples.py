"""The project's own samples: the files agree with the manifest, and the generator makes them again."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray
from PIL import Image, features

from tests.ocr.samples import EXAMPLE, FOLDER, Sample, manifest, sample, samples
from tests.ocr.samples.generate import made_with
from tests.ocr.samples.recipes import Recipe, recipes

MOST = 1_500_000
"""Bytes of the whole set: what everybody who clones the project downloads."""
EVERY = samples()
PLACED = [each for each in EVERY if each.boxes]
same_fonts_and_pillow = pytest.mark.skipif(
    made_with() != manifest().made_with or not features.check("raqm"),
    reason="made with other fonts (apt: fonts-dejavu fonts-noto-core fonts-noto-cjk) or libraries",
)


def name(each: Sample | Recipe) -> str:
    return each.file.rpartition("/")[2]


def pixels(data: bytes) -> list[NDArray[np.uint8]]:
    """Every page of an image as gray levels."""
    with Image.open(io.BytesIO(data)) as image:
        return [_page(image, number) for number in range(getattr(image, "n_frames", 1))]


def _page(image: Image.Image, number: int) -> NDArray[np.uint8]:
    image.seek(number)
    return np.asarray(image.convert("L"))


def pdf_pages(data: bytes) -> Iterator[tuple[str, int]]:
    """The text of each page, and how many images it shows."""
    with pypdfium2.PdfDocument(data) as document:
        for page in document:
            images = sum(1 for each in page.get_objects() if isinstance(each, pypdfium2.PdfImage))
            yield page.get_textpage().get_text_range(), images


def test_every_file_is_in_the_manifest_and_every_name_in_it_is_a_file() -> None:
    files = {file.name for file in FOLDER.iterdir() if file.suffix not in {".py", ".json", ""}}
    assert files == {each.file for each in EVERY} - {EXAMPLE}
    assert sample(EXAMPLE).path.is_file()
    assert len({each.name for each in EVERY}) == len(EVERY)


def test_the_set_is_small() -> None:
    assert sum(each.path.stat().st_size for each in EVERY) < MOST


def test_every_line_says_something_and_no_box_is_empty() -> None:
    for each in EVERY:
        assert all(line and line == " ".join(line.split()) for line in each.lines), each.file
        assert all(left < right and top < bottom for left, top, right, bottom in each.boxes), each.file


def test_every_language_that_is_promised_is_there() -> None:
    promised = "eng deu fra pol tur vie chi_sim chi_tra jpn kor rus ell ara hin tha tam tel"
    assert {each.language for each in EVERY} == set(promised.split())
    assert {each.orientation for each in EVERY} == {0, 90, 180, 270}


@pytest.mark.parametrize("each", PLACED, ids=name)
def test_there_is_ink_where_a_line_is_said_to_be_and_paper_around_it(each: Sample) -> None:
    (page,) = pixels(each.path.read_bytes())
    assert len(each.boxes) == len(each.lines)
    for left, top, right, bottom in each.boxes:
        inside = page[top:bottom, left:right].astype(int)
        rim = np.concatenate([page[top - 2, left:right], page[bottom + 1, left:right]]).astype(int)
        paper = np.median(rim)
        assert np.abs(inside - paper).max() > 60
        assert (np.abs(rim - paper) > 60).mean() < 0.02


@pytest.mark.parametrize("each", [each for each in EVERY if each.pages], ids=name)
def test_a_documents_pages_hold_its_lines(each: Sample) -> None:
    assert sum(each.pages) == len(each.lines)
    assert tuple(line for number in range(len(each.pages)) for line in each.page(number + 1)) == each.lines


@pytest.mark.parametrize(
    ("file", "born_digital"),
    [("born_digital.pdf", [True, True]), ("scanned.pdf", [False, False]), ("mixed.pdf", [True, False])],
)
def test_a_pdf_has_a_text_layer_or_a_scan(file: str, born_digital: list[bool]) -> None:
    each = sample(file)
    pages = list(pdf_pages(each.path.read_bytes()))
    assert [(bool(text), not images) for text, images in pages] == [(born, born) for born in born_digital]
    for number, (text, _) in enumerate(pages, 1):
        if born_digital[number - 1]:
            assert " ".join(text.split()) == " ".join(each.page(number))


def test_the_fax_has_three_pages_in_black_and_white() -> None:
    each = sample("fax.tiff")
    pages = pixels(each.path.read_bytes())
    assert len(pages) == len(each.pages) == 3
    assert all(set(np.unique(page)) == {0, 255} for page in pages)


@same_fonts_and_pillow
def test_the_generator_makes_the_samples_of_the_manifest() -> None:
    assert [recipe.file for recipe in recipes()] == [each.file for each in EVERY]


@same_fonts_and_pillow
@pytest.mark.parametrize("recipe", list(recipes()), ids=name)
def test_the_generator_makes_a_sample_again(recipe: Recipe) -> None:
    made, data = recipe.make()
    committed = sample(recipe.file)
    assert made == committed
    if recipe.file.endswith(".pdf"):
        assert data == committed.path.read_bytes()
        return
    for again, kept in zip(pixels(data), pixels(committed.path.read_bytes()), strict=True):
        # A compressor may pack the same pixels otherwise on another processor, so bytes are not compared.
        np.testing.assert_array_equal(again, kept)
