"""Names of repositories, revisions and files: one meaning, or refused."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.kernel.fetch.url import read_url
from offing.xet.engine.repository import Repository, check_name, check_path, check_revision, read_repository
from offing.xet.problems import BadName

CLOSE_TO_PATHS = st.text(st.sampled_from("ab./\\.%2eé\u202e\x00\n #?&"), max_size=20)


@pytest.mark.parametrize(
    "name", ["gpt2", "a", "owner/repo", "Foo-BAR_foo.bar123/x", "_a/b_", "1/2", f"{'o' * 96}/{'r' * 96}"]
)
def test_names_that_a_hub_can_have_are_taken(name: str) -> None:
    assert Repository(name).name == name


@pytest.mark.parametrize(
    "name",
    ["", "/", "a/", "/a", "a/b/c", ".a", "a.", "-a", "a-", "a--b", "a..b", "a/..", "../a", "a b", "a%2fb",
     "a\\b", "a.git", "A/b.GIT", "é", "a\n", "a/b\n", "a?b", "a#b", "o" * 97, "a/" + "r" * 97],
)  # fmt: skip
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(BadName):
        Repository(name)


@pytest.mark.parametrize(
    "name", ["datasets/squad", "spaces/x", "Datasets/x", "api/models", "models/x", "datasets"]
)
def test_no_model_has_the_address_of_another_kind(name: str) -> None:
    with pytest.raises(BadName):
        Repository(name)


def test_a_kind_that_is_none_is_refused() -> None:
    with pytest.raises(BadName):
        Repository("a/b", "api")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "kind", "name"),
    [
        ("gpt2", "models", "gpt2"),
        ("a/b", "models", "a/b"),
        ("models/a/b", "models", "a/b"),
        ("datasets/squad", "datasets", "squad"),
        ("datasets/a/b", "datasets", "a/b"),
        ("spaces/a/b", "spaces", "a/b"),
    ],
)
def test_a_full_name_says_the_kind(text: str, kind: str, name: str) -> None:
    repository = read_repository(text, "v1")
    assert (repository.kind, repository.name, repository.revision) == (kind, name, "v1")


@pytest.mark.parametrize(
    "text", ["datasets/", "datasets/datasets/a", "datasets/a/b/c", "datasets//a", "a/b/c"]
)
def test_a_full_name_with_too_many_or_empty_parts_is_refused(text: str) -> None:
    with pytest.raises(BadName):
        read_repository(text)


@pytest.mark.parametrize(
    "revision", ["main", "v1.0", "refs/pr/1", "refs/convert/parquet", "a" * 40, "größer", "@x"]
)
def test_revisions_that_git_can_have_are_taken(revision: str) -> None:
    assert Repository("a/b", revision=revision).revision == revision


@pytest.mark.parametrize(
    "revision",
    ["", "a b", "a..b", "../a", "/a", "a/", "a//b", ".a", "a/.b", "-a", "a.lock", "a.lock/b", "a.", "a~1",
     "a^", "a:b", "a?", "a*", "a[b", "a\\b", "a@{1}", "@", "a\nb", "main\n", "\x7f", "\udc80",
     "a" * 256, "ä" * 128],
)  # fmt: skip
def test_revisions_that_git_refuses_are_refused(revision: str) -> None:
    with pytest.raises(BadName):
        Repository("a/b", revision=revision)


@pytest.mark.parametrize(
    "path", ["a", "a/b/c.bin", ".gitattributes", "a b#?%.txt", "é/ß", "...", "a/..b", "x" * 255]
)
def test_paths_that_a_repository_can_have_are_taken(path: str) -> None:
    check_path(path)


@pytest.mark.parametrize(
    "path",
    ["", "/", "/etc/passwd", "a/", "a//b", ".", "..", "../a", "a/../b", "a/./b", "a/..", "a\\..\\b", "a\x00",
     "a\nb", "\x1b[0m", "\x85", "\udc80", ".git/hooks/post-checkout", "a/.GIT/config", "x" * 256, "é" * 128,
     "a/" * 1024 + "a"],
)  # fmt: skip
def test_paths_that_lead_elsewhere_or_nowhere_are_refused(path: str) -> None:
    with pytest.raises(BadName):
        check_path(path)


@pytest.mark.parametrize("check", [check_name, check_revision, check_path])
def test_a_long_text_is_refused_in_no_time(check: Callable[[str], None]) -> None:
    for text in ("a" * 10_000_000, "a/" * 5_000_000, "." * 10_000_000):
        with pytest.raises(BadName):
            check(text)


def test_names_stand_quoted_in_the_targets() -> None:
    repository = Repository("o/r", "datasets", "refs/pr/1")
    assert repository.file_target("a b/c#1?.bin") == "/datasets/o/r/resolve/refs%2Fpr%2F1/a%20b/c%231%3F.bin"
    assert repository.tree_target() == "/api/datasets/o/r/tree/refs%2Fpr%2F1"
    assert repository.tree_target("ü/x") == "/api/datasets/o/r/tree/refs%2Fpr%2F1/%C3%BC/x"
    assert repository.info_target == "/api/datasets/o/r/revision/refs%2Fpr%2F1"
    assert repository.token_target.partition("/xet-") == (
        "/api/datasets/o/r",
        "/xet-",
        "read-token/refs%2Fpr%2F1",
    )
    assert Repository("gpt2").file_target("x") == "/gpt2/resolve/main/x"


def test_a_target_is_not_made_of_a_path_that_leads_elsewhere() -> None:
    with pytest.raises(BadName):
        Repository("o/r").file_target("../../x/resolve/main/y")
    with pytest.raises(BadName):
        Repository("o/r").tree_target("..")


@given(CLOSE_TO_PATHS | st.text(max_size=40))
def test_what_is_taken_as_a_path_stays_below_its_folder_and_comes_back_from_the_url(path: str) -> None:
    try:
        check_path(path)
    except BadName:
        return
    assert posixpath.normpath(path) == path
    assert not posixpath.isabs(path)
    target = Repository("o/r").file_target(path)
    assert read_url("http://hub.example" + target).target == target
    assert unquote(target).removeprefix("/o/r/resolve/main/") == path


@given(st.text(st.sampled_from("ab./@{}-~^:?*[\\lock\n é%"), max_size=20) | st.text(max_size=40))
def test_what_is_taken_as_a_revision_is_one_part_of_the_url(revision: str) -> None:
    try:
        check_revision(revision)
    except BadName:
        return
    target = Repository("o/r", revision=revision).info_target
    assert read_url("http://hub.example" + target).target == target
    parts = target.split("/")
    assert len(parts) == 7
    assert unquote(parts[-1]) == revision
    assert parts[-1] not in (".", "..")
