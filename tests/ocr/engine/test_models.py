"""The packaged models: every file is the one that it should be, or it is refused."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

from offing.ocr.engine import models
from offing.ocr.engine.models import HASHES, ORIENTATION, PACKAGE, PACKAGED, ModelsMissing, characters_of

TRUE_ONE = models.packaged_file(ORIENTATION)


@pytest.fixture
def other_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of the same name that comes first, and the folder of its models."""
    folder = tmp_path / PACKAGE / "models"
    folder.mkdir(parents=True)
    (tmp_path / PACKAGE / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    return folder


@pytest.mark.parametrize("name", HASHES)
def test_every_file_of_the_package_is_the_one_that_was_tried(name: str) -> None:
    assert models.packaged_file(name).is_file()


def test_every_file_of_every_set_has_its_hash() -> None:
    used = {file for each in PACKAGED.values() for file in vars(each).values() if isinstance(file, str)}
    assert used | {ORIENTATION} == set(HASHES)


@pytest.mark.parametrize("name", PACKAGED)
def test_a_set_has_its_name_and_its_characters(name: str) -> None:
    found = models.packaged(name)
    assert found.name == name
    assert {"a", "Z", "9", "字"} <= set(found.recognition.characters)
    assert len(set(found.recognition.characters)) == len(found.recognition.characters)


def test_a_changed_file_is_refused_by_its_hash(other_package: Path) -> None:
    copy = other_package / ORIENTATION
    copy.parent.mkdir()
    shutil.copy(TRUE_ONE, copy)
    assert models.packaged_file(ORIENTATION) == copy
    with copy.open("r+b") as opened:
        opened.seek(1000)
        byte = opened.read(1)
        opened.seek(1000)
        opened.write(bytes([byte[0] ^ 1]))
    with pytest.raises(ModelsMissing, match="not the file that it should be"):
        models.packaged_file(ORIENTATION)


def test_a_missing_file_is_told_without_a_path(other_package: Path) -> None:
    with pytest.raises(ModelsMissing, match=f"the package {PACKAGE} holds no") as raised:
        models.packaged("pp-ocrv6-small")
    assert str(other_package.parent) not in str(raised.value)


def test_a_missing_package_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    importlib.invalidate_caches()
    with pytest.raises(ModelsMissing, match=f"the package {PACKAGE} is not installed"):
        models.packaged_file(ORIENTATION)


def test_the_package_that_carries_the_models_is_never_imported() -> None:
    models.packaged_file(ORIENTATION)
    assert PACKAGE not in sys.modules


@pytest.mark.parametrize(
    ("written", "characters"),
    [
        ("a\nb\n", ["a", "b"]),
        ("a\nb", ["a", "b"]),
        ("a\r\nb\r\n", ["a", "b"]),
        ("\ufeffa\nb\n", ["a", "b"]),
        ("a\n \nb\n\n\n", ["a", " ", "b"]),
        ("\u3000\n\u2028\n🇩🇪\n", ["\u3000", "\u2028", "🇩🇪"]),
        ("a\n ", ["a", " "]),
        ("", []),
    ],
)
def test_a_list_of_characters_is_one_a_line(tmp_path: Path, written: str, characters: list[str]) -> None:
    file = tmp_path / "dict.txt"
    file.write_bytes(written.encode())
    assert characters_of(file) == characters
