"""No name leads out of the folder."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.hub.names import check_path, check_reference, repository_name
from offing.xet.hub.refusals import Refusal


@pytest.mark.parametrize(
    "name",
    [
        ("models", "..", "x"), ("models", "a", ".."), ("models", "a", "."), ("models", "a", ".hidden"),
        ("models", "a/b", "c"), ("models", "a", "b/../c"), ("models", "a", "b..c"), ("models", "a\0", "b"),
        ("models", "a", "x.git"), ("store", "a", "b"), ("models", "api", "b"), ("models", "a", "b" * 97),
        ("models", "", "b"), ("models", "a", "b\n"), ("models", "ä", "b"),
    ],
)  # fmt: skip
def test_no_repository_has_such_a_name(name: tuple[str, str, str]) -> None:
    with pytest.raises(Refusal):
        repository_name(*name)


def test_usual_names_are_names() -> None:
    assert repository_name("datasets", "acme", "My_model-v1.5").short == "acme/My_model-v1.5"


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "a//b",
        "../a",
        "a/../b",
        "./a",
        "a/.",
        ".git/config",
        "a/.git",
        "a\nb",
        "a\0",
        "x" * 1025,
        "/".join("a" * 65),
    ],
)
def test_no_file_has_such_a_path(path: str) -> None:
    with pytest.raises(Refusal):
        check_path(path)


@pytest.mark.parametrize("path", ["a", "a/b.bin", ".gitattributes", "a b/ü.txt", "..a/b..", "a\\b"])
def test_usual_paths_are_paths(path: str) -> None:
    assert check_path(path) == path


@given(st.text())
def test_a_path_that_is_taken_stays_where_it_is(path: str) -> None:
    try:
        check_path(path)
    except Refusal:
        return
    assert not {"", ".", ".."} & set(path.split("/"))


@pytest.mark.parametrize("name", ["", "a..b", "-a", "a//b", "a/", "a.lock", "a b", "a~1", "é"])
def test_no_branch_has_such_a_name(name: str) -> None:
    with pytest.raises(Refusal):
        check_reference(name)
