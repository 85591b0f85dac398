"""The real, unchanged clients with this service as their HF_ENDPOINT."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.contract.xet.content import (
    BEHIND_A_GATE,
    BRANCH,
    DATA,
    FILES,
    MODEL,
    NAME,
    PRIVATE,
    PUBLIC,
    REFERENCE,
    SECRET,
    SHORT,
    sha256,
)
from tests.xet.hub_fixture import OWNER_TOKEN, READER_TOKEN, STRANGER_TOKEN, RunningHub
from tests.xet.interop.programs import begin, digests, environment, finish, hf, run
from tests.xet.proxy_fixture import ProxyProcess, RunningProxy, until

EXPECTED = {path: sha256(content) for path, content in FILES.items()}
BIG = random.Random(61).randbytes(30_000_000)  # noqa: S311  the same bytes in every run
SNAPSHOT = "import sys; from huggingface_hub import snapshot_download as get; print(get(sys.argv[1]))"
ONE_FILE = "from huggingface_hub import hf_hub_download as get; print(get('acme/big', 'big.bin'))"


def test_files_of_every_kind_and_revision(proxy: RunningProxy, calm_hub: RunningHub, tmp_path: Path) -> None:
    commit = calm_hub.api().model_info(PUBLIC, revision=BRANCH).sha
    program = f"""
import hashlib
from huggingface_hub import hf_hub_download as get
def tell(*arguments, **options):
    print(hashlib.sha256(open(get({PUBLIC!r}, *arguments, **options), "rb").read()).hexdigest())
tell("model.bin")
tell({NAME!r})
tell("lists/resolve/paths-info/a.txt")
tell("model.bin", revision={BRANCH!r})
tell("model.bin", revision={commit!r})
tell("config.json", revision={REFERENCE!r})
tell("train/part-0.parquet", repo_type="dataset")
tell("app.py", repo_type="space")
tell("empty.txt")
print(get({PRIVATE!r}, "secret.bin", token={READER_TOKEN!r}))
print(get({PUBLIC!r}, "model.bin"))
"""
    calm_hub.log.clear()
    told = run(program, environment(proxy.base, tmp_path / "home"))
    expected = [
        MODEL, FILES[NAME], FILES["lists/resolve/paths-info/a.txt"], SHORT, SHORT, b"{}\n",
        DATA["train/part-0.parquet"], b"print()\n", b"",
    ]  # fmt: skip
    assert told[: len(expected)] == [sha256(content) for content in expected]
    assert Path(told[-2]).read_bytes() == SECRET["secret.bin"]
    # Nobody but this service has asked the hub for content.
    for kind in ("resolve", "token", "reconstruction", "xorb"):
        assert all(each.headers["user-agent"].startswith("offing/") for each in calm_hub.log.of(kind))


def test_what_clients_may_not_have_or_is_not_there_they_are_told_as_by_the_hub(
    proxy: RunningProxy, tmp_path: Path
) -> None:
    program = f"""
from huggingface_hub import hf_hub_download as get, try_to_load_from_cache as cached, model_info
def tell(*arguments, **options):
    try:
        print(get(*arguments, **options))
    except Exception as error:
        print(type(error).__name__)
tell({PUBLIC!r}, "none.json")
tell({PUBLIC!r}, "model.bin", revision="none")
tell("acme/none", "model.bin")
tell({PRIVATE!r}, "secret.bin")
tell({PRIVATE!r}, "secret.bin", token={STRANGER_TOKEN!r})
tell({BEHIND_A_GATE!r}, "gated.bin")
tell({BEHIND_A_GATE!r}, "gated.bin", token={STRANGER_TOKEN!r})
tell({PUBLIC!r}, "model.bin", token="hf_nobody")
commit = model_info({PUBLIC!r}).sha
print(type(cached({PUBLIC!r}, "none.json", revision=commit)).__name__)
"""
    assert run(program, environment(proxy.base, tmp_path / "home")) == [
        "RemoteEntryNotFoundError",
        "RevisionNotFoundError",
        "RepositoryNotFoundError",
        "RepositoryNotFoundError",
        "RepositoryNotFoundError",
        "GatedRepoError",
        "GatedRepoError",
        "HfHubHTTPError",
        "object",  # what stands for a file that is known not to be there
    ]


@pytest.mark.parametrize("without", ["", "1"], ids=["with hf_xet", "HF_HUB_DISABLE_XET"])
def test_a_snapshot_is_the_repository(proxy: RunningProxy, tmp_path: Path, without: str) -> None:
    variables = environment(proxy.base, tmp_path / "home", **({"HF_HUB_DISABLE_XET": "1"} if without else {}))
    (folder,) = run(SNAPSHOT, variables, PUBLIC)
    assert digests(Path(folder)) == EXPECTED


def test_the_command_line_downloads(proxy: RunningProxy, tmp_path: Path) -> None:
    variables = environment(proxy.base, tmp_path / "home", HF_TOKEN=READER_TOKEN)
    got = tmp_path / "got"
    done = hf(variables, "download", PUBLIC, "--local-dir", str(got / "model"))
    assert done.returncode == 0, done.stderr
    assert digests(got / "model") == EXPECTED
    some = ["--repo-type", "dataset", "--include", "*.parquet", "--local-dir", str(got / "data")]
    assert hf(variables, "download", PUBLIC, *some).returncode == 0
    assert digests(got / "data") == {"train/part-0.parquet": sha256(DATA["train/part-0.parquet"])}
    one = ["secret.bin", "--local-dir", str(got / "secret")]
    assert hf(variables, "download", PRIVATE, *one).returncode == 0
    assert (got / "secret" / "secret.bin").read_bytes() == SECRET["secret.bin"]
    refused = hf(
        {**variables, "HF_TOKEN": STRANGER_TOKEN}, "download", PRIVATE, "secret.bin", "--force-download"
    )
    assert refused.returncode != 0


def test_the_file_system_reads_at_random_and_finds_what_is_there(proxy: RunningProxy, tmp_path: Path) -> None:
    program = f"""
import hashlib, random
from huggingface_hub import HfFileSystem
files, source, whole = HfFileSystem(), random.Random(1), hashlib.sha256()
for block in (4096, 1 << 20):
    with files.open("{PUBLIC}/model.bin", "rb", block_size=block) as file:
        for _ in range(12):
            file.seek(source.randrange({len(MODEL)}))
            whole.update(file.read(source.randrange(1, 200_000)))
print(whole.hexdigest())
print(files.info("{PUBLIC}/model.bin")["size"], files.exists("{PUBLIC}/none"), files.isdir("{PUBLIC}/other"))
print(sorted(files.glob("datasets/{PUBLIC}/**/*.parquet")))
print(len(files.find("{PUBLIC}")))
print(files.cat_file("{PUBLIC}@{BRANCH.replace("/", "%2F")}/model.bin", start=10, end=14).hex())
print(files.read_text("{PUBLIC}/config.json", newline=None).strip())
"""
    told = run(program, environment(proxy.base, tmp_path / "home"))
    source, whole = random.Random(1), hashlib.sha256()  # noqa: S311  as in the program
    for _ in range(24):
        place = source.randrange(len(MODEL))
        whole.update(MODEL[place : place + source.randrange(1, 200_000)])
    assert told == [
        whole.hexdigest(),
        f"{len(MODEL)} False True",
        f"['datasets/{PUBLIC}/train/part-0.parquet']",
        str(len(FILES) + 1),
        SHORT[10:14].hex(),
        FILES["config.json"].decode().strip(),
    ]


def test_what_clients_ask_of_the_api_is_answered(proxy: RunningProxy, tmp_path: Path) -> None:
    program = f"""
from huggingface_hub import HfApi
api = HfApi(token={READER_TOKEN!r})
print(len(api.list_repo_files({PUBLIC!r})))
print(sum(1 for _ in api.list_repo_tree({PUBLIC!r}, recursive=True, expand=True)))
print([api.file_exists({PUBLIC!r}, name) for name in ("model.bin", "none")], api.repo_exists("acme/none"))
print([row.size for row in api.get_paths_info({PUBLIC!r}, ["config.json", "none"])])
print({BRANCH!r} in {{each.name for each in api.list_repo_refs({PUBLIC!r}).branches}})
print(api.whoami()["name"], api.model_info({PRIVATE!r}).private)
print(api.get_hf_file_metadata(url=f"{{api.endpoint}}/{PUBLIC}/resolve/main/model.bin").xet_file_data)
try:
    api.create_repo("acme/new")
except Exception as error:
    print(error.response.status_code)
"""
    assert run(program, environment(proxy.base, tmp_path / "home")) == [
        str(len(FILES) + 1),
        str(len(FILES) + 1 + len({"other", "weights", "lists", "lists/resolve", "lists/resolve/paths-info"})),
        "[True, False] False",
        f"[{len(FILES['config.json'])}]",
        "True",
        "reader True",
        "None",
        "405",
    ]


@pytest.fixture
def mortal(calm_hub: RunningHub, tmp_path: Path) -> Iterator[ProxyProcess]:
    """A service that can be killed, and a hub with a large file."""
    calm_hub.upload("acme/big", {"big.bin": BIG})
    calm_hub.log.clear()
    process = ProxyProcess(calm_hub, tmp_path / "cache", tmp_path / "said")
    process.start()
    yield process
    process.kill()


def test_a_client_goes_on_where_it_was_when_the_service_comes_back(
    mortal: ProxyProcess, calm_hub: RunningHub, tmp_path: Path
) -> None:
    calm_hub.set_faults(megabytes_per_second=3.0)
    home = tmp_path / "home"
    client = begin(ONE_FILE, environment(mortal.base, home))
    until(lambda: _size_of(home, "*.incomplete") > 5_000_000)
    mortal.kill()
    calm_hub.set_faults()
    mortal.start()
    (place,) = finish(client)
    assert Path(place).read_bytes() == BIG
    # Once for what the killed service had, at most, and once for the rest.
    assert calm_hub.log.totals["xorb"].bytes < 2.1 * len(BIG)


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_goes_on_where_it_was_after_a_kill(
    mortal: ProxyProcess, calm_hub: RunningHub, tmp_path: Path
) -> None:
    calm_hub.set_faults(megabytes_per_second=3.0)
    got = tmp_path / "got.bin"
    url = f"{mortal.base}/download/acme/big/big.bin"
    command = [shutil.which("curl") or "", "-sf", "-C", "-", "-o", str(got), url]
    with subprocess.Popen(command) as client:
        until(lambda: got.exists() and got.stat().st_size > 5_000_000)
        mortal.kill()
        assert client.wait(30) in {18, 56}
    calm_hub.set_faults()
    had = got.stat().st_size
    assert had < len(BIG)
    mortal.start()
    assert subprocess.run(command, check=False).returncode == 0
    assert got.read_bytes() == BIG
    again = httpx.get(url, trust_env=False, timeout=30)
    assert again.content == BIG


def _size_of(folder: Path, pattern: str) -> int:
    return sum(each.stat().st_size for each in folder.rglob(pattern))


def test_the_owner_reads_all_of_it(proxy: RunningProxy, tmp_path: Path) -> None:
    (folder,) = run(SNAPSHOT, environment(proxy.base, tmp_path / "home", HF_TOKEN=OWNER_TOKEN), PRIVATE)
    assert digests(Path(folder)) == {path: sha256(content) for path, content in SECRET.items()}
