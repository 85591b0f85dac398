"""Documents: what names stand for, where outputs go, and that a file appears only when it is whole."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import click
import pytest

from offing.cli.ocr.documents import Document, expand, targets
from offing.cli.ocr.output import Unwritable, replacing


def made(folder: Path, *names: str) -> None:
    """Empty files of these names."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def test_a_folder_stands_for_the_documents_below_it_without_its_outputs(tmp_path: Path) -> None:
    made(tmp_path, "b/2.jpg", "b/1.PNG", "z.pdf", ".h/x.pdf", "b/.x.pdf", "b/n.txt", "out/z.pdf", "a/3.tiff")
    (tmp_path / "loop").symlink_to(tmp_path)
    found = expand([str(tmp_path)], str(tmp_path / "b" / ".." / "out"))
    assert [each.below for each in found] == ["z.pdf", "a/3.tiff", "b/1.PNG", "b/2.jpg"]
    assert [each.name for each in found] == [str(tmp_path / each.below) for each in found]


def test_outputs_may_lie_in_the_folder_of_the_documents(tmp_path: Path) -> None:
    made(tmp_path, "a.png")
    assert [each.below for each in expand([str(tmp_path)], str(tmp_path))] == ["a.png"]


def test_files_stand_for_themselves_whatever_they_are_called(tmp_path: Path) -> None:
    made(tmp_path, "none/n.txt")
    named = ["x/minutes.txt", "-", str(tmp_path / "none")]
    assert expand(named) == [
        Document("x/minutes.txt", "minutes.txt"), Document("-", "stdin"), Document(named[2], "none"),
    ]  # fmt: skip


def names(*below: str, extension: str = ".txt") -> list[str]:
    """The outputs of documents at these places."""
    found = targets([Document(f"in/{each}", each) for each in below], Path("out"), extension)
    return [str(each.relative_to("out")) for each in found]


def test_an_output_is_called_as_its_document_with_another_end() -> None:
    assert names("a.jpg", "b/c.d.PDF", "minutes.2024") == ["a.txt", "b/c.d.txt", "minutes.2024.txt"]


def test_documents_that_differ_in_their_ends_keep_them() -> None:
    assert names("a.jpg", "A.png", "b.jpg", extension=".pdf") == ["a.jpg.pdf", "A.png.pdf", "b.pdf"]


def test_documents_that_cannot_be_told_apart_are_refused() -> None:
    with pytest.raises(click.UsageError, match=r"in/a\.jpg and in/a\.jpg"):
        names("a.jpg", "a.jpg")


def test_a_file_appears_when_it_is_whole_and_has_the_usual_permissions(tmp_path: Path) -> None:
    target = tmp_path / "new" / "a.txt"
    with replacing(target) as write:
        write(b"one ")
        assert not target.exists()
        write(b"two")
    assert target.read_bytes() == b"one two"
    assert os.listdir(target.parent) == ["a.txt"]  # noqa: PTH208  hidden files count
    (tmp_path / "usual").touch()
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE((tmp_path / "usual").stat().st_mode)


def test_a_failure_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("before")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "a.txt") as write:
        write(b"half" * (1 // 0))
    assert (tmp_path / "a.txt").read_text() == "before"
    assert os.listdir(tmp_path) == ["a.txt"]  # noqa: PTH208  hidden files count


def test_what_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a.txt").mkdir()
    (tmp_path / "file").touch()
    for target in (tmp_path / "a.txt", tmp_path / "file" / "b.txt"):
        with pytest.raises(Unwritable) as caught, replacing(target) as write:
            write(b"text")
        assert str(target) in caught.value.public_text
    assert sorted(os.listdir(tmp_path)) == ["a.txt", "file"]  # noqa: PTH208  hidden files count
