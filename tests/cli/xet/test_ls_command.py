"""``offing xet ls`` as a user meets it."""

from __future__ import annotations

import hashlib
import json

from tests.cli.xet.hub_files import DATA, MODEL, xet
from tests.xet.hub_fixture import READER_TOKEN, RunningHub

SHA256 = hashlib.sha256(MODEL["weights.bin"]).hexdigest()


def test_files_are_listed_with_size_kind_and_hash(hub: RunningHub) -> None:
    done = xet(hub, "ls", "acme/model")
    assert done.returncode == 0
    head, *rows = (line.split(maxsplit=4) for line in done.stdout.decode().splitlines())
    assert head == ["size", "kind", "sha256", "path"]
    by_path = {row[4]: row[:4] for row in rows}
    assert by_path["weights.bin"] == ["6.0", "MB", "xet", SHA256[:12]]
    assert by_path["config.json"] == ["14", "B", "git", "-"]
    assert set(MODEL) <= set(by_path)
    assert done.stderr.decode().endswith("6 files, 6.3 MB\n")


def test_the_long_form_has_bytes_and_whole_hashes(hub: RunningHub) -> None:
    done = xet(hub, "ls", "acme/model", "-l")
    rows = [line.split(maxsplit=4) for line in done.stdout.decode().splitlines()]
    expected = [str(len(MODEL["weights.bin"])), "xet", SHA256, hub.xet_hash("acme/model", "weights.bin")]
    assert [*expected, "weights.bin"] in rows


def test_json_of_a_folder_is_an_object_a_line(hub: RunningHub) -> None:
    done = xet(hub, "ls", "acme/data", "train/", "--dataset", "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert {row["path"]: row["size"] for row in rows} == {path: len(each) for path, each in DATA.items()}
    assert {row["path"]: row["kind"] for row in rows} == {"train/a.parquet": "xet", "train/b.csv": "git"}


def test_a_private_one_is_listed_with_a_token_only(hub: RunningHub) -> None:
    assert xet(hub, "ls", "acme/secret").returncode == 4
    assert b"secret.txt" in xet(hub, "ls", "acme/secret", token=READER_TOKEN).stdout


def test_a_folder_that_is_not_there_is_told_of(hub: RunningHub) -> None:
    done = xet(hub, "ls", "acme/model", "nothing")
    assert (done.returncode, done.stdout) == (4, b"")
