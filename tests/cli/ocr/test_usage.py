"""``offing ocr`` before anything starts: options, languages, and what cannot be."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from offing.cli.ocr import command
from offing.cli.ocr.destination import BETWEEN, BINARY, ENDINGS
from offing.cli.ocr.options import FORMATS
from offing.cli.tesseract_data import EVERYTHING, how_to_install
from offing.kernel.service import NotInstalled
from offing.ocr.answer_format import NAMES
from offing.ocr.engine.languages import LANGUAGES
from tests.cli.ocr.reading import copied


def given(*arguments: str | Path) -> Result:
    """What it answers to arguments, in this process."""
    return CliRunner().invoke(command, [str(each) for each in arguments], prog_name="offing ocr")


def test_every_format_of_the_service_is_one_of_the_command() -> None:
    assert set(FORMATS) == set(NAMES) == set(ENDINGS)
    assert set(BETWEEN) | BINARY < set(NAMES)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Missing argument"),
        (("-", "-"), "only once"),
        (("a.png", "--format", "docx"), "markdown"),
        (("a.png", "--lang", "rusian"), "Near it: russian"),
        (("a.png", "--pages", "3-1"), "write 1-3,7 or 5-"),
        (("a.png", "--orientation", "45"), "270"),
        (("a.png", "b.png", "--format", "hocr"), "-o FOLDER"),
        (("a.png", "--skip-existing"), "needs -o"),
        (("a.png", "--format", "pdf", "-o", "all.pdf"), "> all.pdf"),
        (("x/a.png", "y/a.png", "-o", "{here}"), "another folder"),
        (("{here}/label.png", "-o", "{here}/label.png"), "is a file"),
        (("a.png", "-o", "{here}/label.png/below"), "cannot be made"),
    ],
)
def test_a_wrong_use_exits_with_2_and_says_what_is_right(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    copied("label.png", tmp_path / "label.png")
    result = given(*(each.format(here=tmp_path) for each in arguments))
    assert result.exit_code == 2, result.output
    assert words in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_an_output_never_replaces_a_document(tmp_path: Path) -> None:
    original = copied("scanned.pdf", tmp_path / "scan.pdf").read_bytes()
    (tmp_path / "link").symlink_to(tmp_path)
    for document in (tmp_path / "scan.pdf", tmp_path, tmp_path / "link" / "scan.pdf"):
        result = given(document, "--format", "pdf", "-o", tmp_path)
        assert result.exit_code == 2
        assert "is one of the documents" in " ".join(result.stderr.split())
    assert (tmp_path / "scan.pdf").read_bytes() == original


def test_a_language_without_its_data_is_refused_with_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = given("a.png", "--lang", "russian")
    assert isinstance(result.exception, NotInstalled)
    assert result.exception.exit_code == 2
    assert "Russian" in result.exception.public_text
    assert "tesseract" in result.exception.public_remedy


def test_all_languages_are_listed_with_what_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = given("--languages")
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert len(lines) == len(LANGUAGES) + 1
    listed = {line.split()[0]: line.split()[-2:] for line in lines}
    assert listed["eng"] == ["pp-ocr", "yes"]
    assert listed["rus"] == ["tesseract", "tesseract-ocr-rus"]


def test_languages_are_completed_by_their_codes() -> None:
    language = next(each for each in command.params if each.name == "lang")
    completed = language.type.shell_complete(command.make_context("ocr", ["a.png"]), language, "au")
    assert [each.value for each in completed] == ["auto"]


def test_a_few_packages_are_named_and_many_are_listed_by_a_program() -> None:
    assert how_to_install(["tesseract-ocr-rus"], "linux") == "sudo apt-get install tesseract-ocr-rus"
    assert how_to_install(["x"] * 100, "linux") == EVERYTHING
    assert how_to_install(["x"], "darwin").startswith("brew install tesseract")
