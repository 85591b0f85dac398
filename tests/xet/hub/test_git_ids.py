"""Ids are git's own."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from offing.xet.hub.git_ids import blob_id, pointer, tree_ids

FILES = {
    "README.md": b"hello",
    "a.txt": b"1",
    "a/b/c.bin": b"2",
    "a/b.bin": b"3",
    "a0": b"4",
    "é/x": b"5",
}


def test_a_file_has_the_id_that_git_gives_it() -> None:
    assert blob_id(b"hello") == "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"


def test_a_pointer_is_as_the_specification_writes_it() -> None:
    text = pointer("4d7a" * 16, 12345)
    assert text == (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d7a" * 16 + b"\nsize 12345\n"
    )


@pytest.mark.skipif(shutil.which("git") is None, reason="git is the oracle")
def test_folders_have_the_ids_that_git_gives_them(tmp_path: Path) -> None:
    def git(*arguments: str) -> str:
        program = str(shutil.which("git"))
        done = subprocess.run([program, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    git("init", "-q")
    for path, content in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    git("add", ".")
    ids = tree_ids((path, blob_id(content)) for path, content in FILES.items())
    assert ids[""] == git("write-tree")
    assert ids["a"] == git("write-tree", "--prefix=a/")
    assert ids["a/b"] == git("write-tree", "--prefix=a/b/")


def test_no_file_is_the_empty_tree() -> None:
    assert tree_ids([]) == {"": "4b825dc642cb6eb9a060e54bf8d69288fbee4904"}
