"""The real, unchanged clients against the hub: each in a program of its own, with a home of its own.

Other versions of hf_xet are tried as well where ``HF_XET_VERSIONS`` names a folder that holds each in a
folder of its own (``pip install --no-deps --target FOLDER/1.7.0 hf-xet==1.7.0``).
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.xet.hub_fixture import OWNER_TOKEN, READER_TOKEN, STRANGER_TOKEN, RunningHub, running_hub

SOURCE = random.Random(20)  # noqa: S311  the same bytes in every run
BIG = SOURCE.randbytes(9_000_000)
# Old pieces in another order with new ones between them: many short terms of several xorbs.
SHUFFLED = b"".join(
    BIG[place : place + 400_000] + SOURCE.randbytes(30_000) for place in range(8_000_000, -1, -1_000_000)
)
FLOATS = b"".join(number.to_bytes(4, "little") for number in range(0x3F800000, 0x3F800000 + 400_000))
FILES = {
    "weights.bin": BIG,
    "deep/er/shuffled.bin": SHUFFLED,
    "floats.safetensors": FLOATS,
    "config.json": b'{"a": 1}',
    "empty.txt": b"",
}
_FOLDER = os.environ.get("HF_XET_VERSIONS")
VERSIONS = ["installed", *sorted(each.name for each in (Path(_FOLDER).iterdir() if _FOLDER else []))]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        running.upload("acme/model", {"weights.bin": BIG})
        running.upload("acme/model", FILES)
        running.upload("acme/model", {"weights.bin": b"\0" + BIG[:5000]}, revision="dev/short")
        running.upload("acme/data", {"train/part 1.parquet": BIG[:200_000]}, "datasets")
        running.upload("acme/app", {"app.py": b"print()"}, "spaces")
        running.upload("acme/secret", {"w.bin": BIG[:300_000]}, private=True)
        yield running


def client(hub: RunningHub, home: Path, program: str, version: str = "installed", **environment: str) -> str:
    """What a program prints that runs the clients; fails where it fails."""
    variables = {
        **os.environ,
        "HF_HOME": str(home),
        "HF_XET_CACHE": str(home / "xet"),
        "HF_ENDPOINT": hub.base,
        **environment,
    }
    if version != "installed":
        variables["PYTHONPATH"] = f"{_FOLDER}/{version}"
    arguments = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(
        arguments, env=variables, cwd=home, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def digests(folder: Path) -> dict[str, str]:
    """The sha256 of every file below a folder."""
    return {
        str(place.relative_to(folder)): hashlib.sha256(place.read_bytes()).hexdigest()
        for place in folder.rglob("*")
        if place.is_file() and place.name != ".gitattributes"
    }


def expected(files: Mapping[str, bytes]) -> dict[str, str]:
    """Likewise, of what was uploaded."""
    return {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}


SNAPSHOT = "from huggingface_hub import snapshot_download; print(snapshot_download('acme/model'))"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("store", ["together", "single", "first version", "redirect"])
def test_a_snapshot_is_what_was_uploaded(hub: RunningHub, tmp_path: Path, store: str, version: str) -> None:
    hub.settings.ranges_together = 1 if store == "single" else 64
    hub.settings.second_version = store != "first version"
    hub.settings.redirects_to = hub.base.replace("127.0.0.1", "localhost") if store == "redirect" else ""
    hub.log.clear()
    try:
        folder = Path(client(hub, tmp_path, SNAPSHOT, version))
    finally:
        hub.settings.ranges_together, hub.settings.second_version, hub.settings.redirects_to = 64, True, ""
    assert digests(folder) == expected(FILES)
    assert hub.log.totals["xorb"].bytes > len(BIG)
    assert not any("authorization" in each.headers for each in hub.log.of("xorb"))


def test_a_snapshot_without_xet_is_what_was_uploaded(hub: RunningHub, tmp_path: Path) -> None:
    hub.log.clear()
    folder = Path(client(hub, tmp_path, SNAPSHOT, HF_HUB_DISABLE_XET="1"))
    assert digests(folder) == expected(FILES)
    assert hub.log.totals["xorb"].requests == 0


def test_a_revision_a_dataset_and_a_space_are_downloaded(hub: RunningHub, tmp_path: Path) -> None:
    program = """
from huggingface_hub import hf_hub_download as get
print(len(open(get('acme/model', 'weights.bin', revision='dev/short'), 'rb').read()))
print(len(open(get('acme/data', 'train/part 1.parquet', repo_type='dataset'), 'rb').read()))
print(len(open(get('acme/app', 'app.py', repo_type='space'), 'rb').read()))
"""
    assert client(hub, tmp_path, program).split() == ["5001", "200000", "7"]


@pytest.mark.parametrize(
    ("token", "outcome"),
    [
        (READER_TOKEN, "300000"),
        (STRANGER_TOKEN, "RepositoryNotFoundError"),
        (None, "RepositoryNotFoundError"),
    ],
)
def test_a_private_repository_is_for_those_who_may(
    hub: RunningHub, tmp_path: Path, token: str | None, outcome: str
) -> None:
    program = f"""
from huggingface_hub import hf_hub_download
try:
    print(len(open(hf_hub_download('acme/secret', 'w.bin', token={token!r} or False), 'rb').read()))
except Exception as error:
    print(type(error).__name__)
"""
    assert client(hub, tmp_path, program) == outcome


def test_the_file_system_reads_at_random(hub: RunningHub, tmp_path: Path) -> None:
    program = """
import hashlib, random
from huggingface_hub import HfFileSystem
files, source, whole = HfFileSystem(), random.Random(1), hashlib.sha256()
with files.open('acme/model/deep/er/shuffled.bin', 'rb', block_size=65536) as file:
    for _ in range(20):
        file.seek(source.randrange(3_800_000))
        whole.update(file.read(source.randrange(1, 90_000)))
print(whole.hexdigest())
print(sorted(each.rpartition('/')[2] for each in files.ls('acme/model', detail=False)))
print(files.glob('datasets/acme/data/**/*.parquet'))
"""
    printed = client(hub, tmp_path, program).splitlines()
    source, whole = random.Random(1), hashlib.sha256()  # noqa: S311  as in the program
    for _ in range(20):
        place = source.randrange(3_800_000)
        whole.update(SHUFFLED[place : place + source.randrange(1, 90_000)])
    assert printed[0] == whole.hexdigest()
    assert "deep" in printed[1]
    assert printed[2] == "['datasets/acme/data/train/part 1.parquet']"


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("xet", [True, False], ids=["with Xet", "without Xet"])
def test_a_folder_is_uploaded_and_comes_back(
    hub: RunningHub, tmp_path: Path, version: str, *, xet: bool
) -> None:
    name = f"acme/folder-{version.replace('.', '-')}-{'xet' if xet else 'plain'}"
    content = random.Random(name).randbytes(2_000_000)  # noqa: S311  the same bytes in every run
    files = {"a/one.bin": content, "a/two.bin": content[::-1], "b.txt": b"text", "again.bin": content}
    for path, each in files.items():
        place = tmp_path / "source" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(each)
    program = f"""
from huggingface_hub import HfApi, snapshot_download
api = HfApi()
api.create_repo({name!r})
api.upload_folder(repo_id={name!r}, folder_path='source', commit_message='all')
api.upload_folder(repo_id={name!r}, folder_path='source', commit_message='nothing new')
print(snapshot_download({name!r}))
"""
    environment = {"HF_TOKEN": OWNER_TOKEN} | ({} if xet else {"HF_HUB_DISABLE_XET": "1"})
    folder = Path(client(hub, tmp_path, program, version, **environment).splitlines()[-1])
    assert digests(folder) == expected(files)
    (row,) = hub.api().get_paths_info(name, ["a/one.bin"])
    assert bool(row.xet_hash) == xet


def test_repositories_are_managed(hub: RunningHub, tmp_path: Path) -> None:
    program = """
from huggingface_hub import CommitOperationAdd, CommitOperationCopy, CommitOperationDelete, HfApi
api = HfApi()
name = api.create_repo('acme/managed', private=True).repo_id
assert api.repo_exists(name) and not api.repo_exists('acme/none')
added = [CommitOperationAdd('a.bin', bytes(range(256)) * 99), CommitOperationAdd('d/b.txt', b'b')]
api.create_commit(name, added, commit_message='first')
first = api.model_info(name).sha
api.create_tag(name, tag='v1')
api.create_branch(name, branch='dev')
api.create_commit(name, [CommitOperationDelete('d/'), CommitOperationCopy('a.bin', 'c.bin')],
                  commit_message='second', parent_commit=first)
assert api.list_repo_files(name) == ['.gitattributes', 'a.bin', 'c.bin'], api.list_repo_files(name)
assert 'd/b.txt' in api.list_repo_files(name, revision='v1')
copied = CommitOperationCopy('w.bin', 'w.bin', src_repo_id='acme/secret', src_repo_type='model')
api.create_commit(name, [copied], commit_message='third')
assert api.file_exists(name, 'w.bin') and not api.file_exists(name, 'none')
assert [each.title for each in api.list_repo_commits(name)] == ['third', 'second', 'first', 'initial commit']
assert {each.name for each in api.list_repo_refs(name).branches} == {'main', 'dev'}
api.delete_branch(name, branch='dev')
api.delete_tag(name, tag='v1')
api.delete_file('w.bin', name)
assert len(api.get_paths_info(name, ['c.bin', 'none'], expand=True)) == 1
api.update_repo_settings(name, private=False)
assert not api.model_info(name).private
assert [each.id for each in api.list_models(author='acme', search='managed')] == [name]
api.delete_repo(name)
assert not api.repo_exists(name)
print(api.whoami()['name'])
"""
    assert client(hub, tmp_path, program, HF_TOKEN=OWNER_TOKEN) == "owner"


def test_the_command_line_of_the_clients_works(hub: RunningHub, tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(BIG[:100_000])
    program = """
import subprocess, sys
def hf(*arguments):
    program = [sys.executable, '-m', 'huggingface_hub.cli.hf']
    subprocess.run([*program, *arguments], check=True, capture_output=True)
hf('upload', 'acme/line', 'w.bin', 'x/w.bin')
hf('download', 'acme/line', '--local-dir', 'got')
"""
    client(hub, tmp_path, program, HF_TOKEN=OWNER_TOKEN)
    assert (tmp_path / "got" / "x" / "w.bin").read_bytes() == BIG[:100_000]
