"""What is on the disk is whole, and one hub's alone."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from offing.xet.hub.disk import Disk, FolderTaken
from offing.xet.hub.memory import Memory
from offing.xet.hub.people import BadTokens, load_people
from offing.xet.hub.refusals import Refusal
from offing.xet.hub.uploads import Upload, Uploads


def test_a_second_hub_of_a_folder_does_not_start(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    with pytest.raises(FolderTaken):
        Disk(tmp_path)
    disk.close()
    Disk(tmp_path).close()


def test_what_a_kill_left_unfinished_is_gone_at_the_next_start(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    with disk.temporary() as temporary:
        temporary.write_bytes(b"half")
        disk.close()
        again = Disk(tmp_path)
        assert not temporary.exists()
    again.close()


def test_a_file_that_is_put_replaces_another(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    for content in (b"one", b"two"):
        disk.put(tmp_path / "a" / "b", content)
    assert (tmp_path / "a" / "b").read_bytes() == b"two"
    assert list((tmp_path / "incoming").iterdir()) == []
    disk.close()


def test_uploads_come_back_without_the_line_that_a_kill_cut(tmp_path: Path) -> None:
    place = tmp_path / "uploads"
    first, second = Upload("1" * 64, 10, "a" * 64), Upload("2" * 64, 20)
    Uploads(place).add([first])
    whole = place.read_bytes()
    Uploads(place).add([second])
    place.write_bytes(place.read_bytes()[:-9])
    again = Uploads(place)
    assert again.find(first.sha256) == first
    assert again.has("a" * 64)
    assert again.find(second.sha256) is None
    assert place.read_bytes() == whole
    again.add([second, first])
    assert Uploads(place).find(second.sha256) == second


def test_the_first_start_introduces_a_user(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    people = load_people(disk)
    place = tmp_path / "tokens.toml"
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    token = place.read_text().split('"')[1]
    assert people.caller(f"Bearer {token}").may_write("anyone")
    assert people.caller("").anonymous
    assert token not in repr(people.caller(f"Bearer {token}"))
    disk.close()


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer wrong", "Basic hf_alice", "hf_alice", "Bearer é"]
)
def test_a_token_of_nobody_is_refused(tmp_path: Path, header: str) -> None:
    (tmp_path / "tokens.toml").write_text('[users.alice]\ntoken = "hf_alice"\nowners = ["alice"]\n')
    disk = Disk(tmp_path)
    with pytest.raises(Refusal) as refused:
        load_people(disk).caller(header)
    assert refused.value.status == 401
    disk.close()


def test_a_hash_stands_for_its_token_and_a_user_owns_what_is_theirs(tmp_path: Path) -> None:
    from tests.xet.hub.building import sha256

    text = f'[users.bob]\nsha256 = "{sha256(b"hf_bob")}"\nowners = ["bob"]\nwrites = false\n'
    (tmp_path / "tokens.toml").write_text(text)
    disk = Disk(tmp_path)
    bob = load_people(disk).caller("Bearer hf_bob")
    assert bob.owns("bob")
    assert not bob.owns("alice")
    assert not bob.may_write("bob")
    disk.close()


@pytest.mark.parametrize(
    "text", ["[users.a]\n", "x", "[users.a]\ntoken=1\n", '[users.a]\ntoken="x"\nsha256="y"\n']
)
def test_a_file_of_tokens_that_cannot_be_read_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "tokens.toml").write_text(text)
    disk = Disk(tmp_path)
    with pytest.raises(BadTokens):
        load_people(disk)
    disk.close()


def test_memory_forgets_what_was_used_longest_ago() -> None:
    memory: Memory[int] = Memory(2)
    memory.keep("a", 1)
    memory.keep("b", 2)
    memory.find("a")
    memory.keep("c", 3)
    assert (memory.find("a"), memory.find("b"), memory.find("c")) == (1, None, 3)
