"""A commit's operations, one after the other."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.hub.change import Change, read_change
from offing.xet.hub.commits import Entry
from offing.xet.hub.refusals import Refusal
from offing.xet.hub.uploads import Upload
from tests.xet.hub.building import sha256

LARGE = Upload("1" * 64, 5000, "2" * 64)


def change(*operations: tuple[str, dict[str, Any]], before: tuple[str, ...] = ()) -> dict[str, Entry]:
    lines = [("header", {"summary": "s"}), *operations]
    body = b"\n".join(json.dumps({"key": key, "value": value}).encode() for key, value in lines)
    _, read = read_change(body)
    entry = Entry("0" * 40, 1, "3" * 64, large=False)
    changed = Change(dict.fromkeys(before, entry), lambda oid: LARGE if oid == LARGE.sha256 else None, sha256)
    for line in read:
        changed.apply(line)
    return changed.files


def small(path: str, content: bytes = b"x") -> tuple[str, dict[str, Any]]:
    text = base64.b64encode(content).decode()
    return "file", {"path": path, "content": text, "encoding": "base64"}


def large(path: str, oid: str = LARGE.sha256, **more: Any) -> tuple[str, dict[str, Any]]:
    return "lfsFile", {"path": path, "algo": "sha256", "oid": oid, **more}


def test_files_are_put_and_replaced() -> None:
    files = change(small("a/b", b"hello"), large("w.bin", size=5000), before=("w.bin", "c"))
    assert sorted(files) == ["a/b", "c", "w.bin"]
    assert files["a/b"].oid == "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"
    assert files["w.bin"].xet == LARGE.xet
    assert files["w.bin"].etag == f'"{LARGE.sha256}"'


def test_files_and_folders_are_removed() -> None:
    before = ("a/b", "a/c/d", "ab", "e")
    files = change(("deletedFolder", {"path": "a/"}), ("deletedFile", {"path": "e"}), before=before)
    assert sorted(files) == ["ab"]


def test_a_path_is_a_file_or_a_folder() -> None:
    assert sorted(change(small("a"), before=("a/b", "a/c"))) == ["a"]
    assert sorted(change(small("a/b/c"), before=("a",))) == ["a/b/c"]


@pytest.mark.parametrize(
    "operation",
    [
        large("w", "4" * 64), large("w", ""), large("w", size=4999), small("../w"), small(""),
        ("deletedFile", {"path": "none"}), ("deletedFolder", {"path": "none"}),
        ("deletedFolder", {"path": ""}),
        ("file", {"path": "a", "content": "!", "encoding": "base64"}), ("file", {"path": "a"}),
        ("file", {"path": "a", "content": "x", "encoding": "rot13"}), ("header", {"summary": "again"}),
        ("lfsFile", {"path": "a", "oid": "1" * 64, "algo": "md5"}),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused(operation: tuple[str, dict[str, Any]]) -> None:
    with pytest.raises(Refusal) as refused:
        change(operation, before=("a/b",))
    assert refused.value.status == 400


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_body_is_read_or_refused(body: bytes) -> None:
    with pytest.raises(Refusal):
        read_change(body)


def test_a_commit_begins_with_its_header() -> None:
    with pytest.raises(Refusal):
        read_change(json.dumps({"key": "deletedFile", "value": {"path": "a"}}).encode())
