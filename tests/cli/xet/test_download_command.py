"""``offing xet download`` as a user meets it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import pty
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from offing.cli.xet.advice import advise
from offing.xet import Gated
from tests.cli.program import COMMAND, SECONDS, environment, run
from tests.cli.xet.hub_files import DATA, MODEL, OLD, below, xet
from tests.xet.engine.scripted_hub import COMMIT, ScriptedHub, reply
from tests.xet.hub_fixture import READER_TOKEN, RunningHub

WEIGHTS = len(MODEL["weights.bin"])


def test_a_whole_repository_comes_into_a_folder_of_its_name(hub: RunningHub, tmp_path: Path) -> None:
    done = xet(hub, "download", "acme/model", "--exclude", ".git*", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert below(tmp_path / "model") == MODEL
    assert sorted(done.stdout.decode().splitlines()) == sorted(f"model/{name}" for name in MODEL)
    said = done.stderr.decode()
    assert "weights.bin  6.0 MB  verified" in said
    assert said.splitlines()[-1].startswith("5 files in model: 6.3 MB fetched at ")

    again = xet(hub, "download", "acme/model", "--exclude", ".git*", cwd=tmp_path)
    assert again.returncode == 0
    assert again.stdout == done.stdout
    assert again.stderr.decode().splitlines()[-1] == "5 files in model: 0 B fetched, all verified."


def test_files_folders_and_patterns_choose(hub: RunningHub, tmp_path: Path) -> None:
    done = xet(
        hub, "download", "acme/model", "config.json", "deep", "deep/words.txt", "-o", tmp_path / "some"
    )
    assert done.returncode == 0, done.stderr
    assert set(below(tmp_path / "some")) == {"config.json", "deep/er/part.bin", "deep/words.txt"}
    assert b"3 files" in done.stderr
    arguments: list[str | Path] = [
        "--include",
        "*.txt",
        "--include",
        "*.json",
        "--exclude",
        "odd*",
        "-o",
        tmp_path / "others",
    ]
    assert xet(hub, "download", "acme/model", *arguments).returncode == 0
    assert set(below(tmp_path / "others")) == {"config.json", "deep/words.txt"}


def test_another_revision_and_another_kind(hub: RunningHub, tmp_path: Path) -> None:
    done = xet(hub, "download", "acme/model", "config.json", "--revision", "v1", "-o", tmp_path / "old")
    assert done.returncode == 0
    assert below(tmp_path / "old") == {"config.json": OLD}
    for name, *options in (["acme/data", "--dataset"], ["datasets/acme/data"]):
        done = xet(hub, "download", name, *options, "--include", "train/*", "-o", tmp_path / name)
        assert done.returncode == 0
        assert below(tmp_path / name) == DATA


def test_a_private_one_comes_with_a_token_of_a_file_or_of_the_environment(
    hub: RunningHub, tmp_path: Path
) -> None:
    token = tmp_path / "token"
    token.write_text(f"{READER_TOKEN}\n")
    refused = xet(hub, "download", "acme/secret", "-o", tmp_path / "none")
    assert refused.returncode == 4
    assert b"HF_TOKEN" in refused.stderr
    assert b"--token-file" in refused.stderr
    for name, done in {
        "file": xet(hub, "download", "acme/secret", "--token-file", token, "-o", tmp_path / "file"),
        "variable": xet(hub, "download", "acme/secret", "-o", tmp_path / "variable", token=READER_TOKEN),
    }.items():
        assert done.returncode == 0, done.stderr
        assert below(tmp_path / name)["secret.txt"] == b"secret\n"
        assert READER_TOKEN.encode() not in done.stderr + done.stdout
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["acme/model", "nothing.bin"], 4, b"no file or folder nothing.bin"),
        (["acme/model", "--include", "*.nothing"], 4, b"`offing xet ls`"),
        (["acme/model", "--revision", "nowhere"], 4, b"--revision"),
        (["acme/nothing"], 4, b"HF_TOKEN"),
        (["acme/../model"], 2, b"OWNER/REPO"),
        (["acme/model", "../../etc/passwd"], 2, b"no name"),
        (["acme/model", "--parallel", "0"], 2, b"--parallel"),
        (["acme/model", "--token-file", "/dev/null"], 2, b"no token in /dev/null"),
    ],
)
def test_what_is_wrong_has_an_exit_code_and_a_remedy(
    hub: RunningHub, tmp_path: Path, arguments: list[str], code: int, said: bytes
) -> None:
    done = xet(hub, "download", *arguments, "-o", tmp_path / "out")
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert done.stdout == b""
    assert not (tmp_path / "out").exists()


def test_a_hub_that_is_no_address_is_told_of(tmp_path: Path) -> None:
    done = run("xet", "download", "acme/model", cwd=tmp_path, HF_ENDPOINT="no address")
    assert done.returncode == 2
    assert b"`offing settings`" in done.stderr


def test_a_hub_that_is_not_there_is_told_of(tmp_path: Path) -> None:
    away = "http://127.0.0.1:1"
    done = run("xet", "ls", "acme/model", cwd=tmp_path, HF_ENDPOINT=away, HF_TOKEN="")
    assert done.returncode == 5
    assert b"offing: " in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_gated_one_names_the_page_where_it_is_asked_for() -> None:
    assert (
        "https://hub.example/acme/gated" in advise(Gated(page="https://hub.example/acme/gated")).public_remedy
    )


def test_a_file_that_would_lie_in_the_folder_of_unfinished_ones_is_refused_and_the_others_come(
    hub: RunningHub, tmp_path: Path
) -> None:
    done = xet(hub, "download", "acme/sly", "--include", "*t", "-o", tmp_path)
    assert done.returncode == 2
    assert below(tmp_path) == {"fine.txt": b"fine\n"}
    assert b"offing: .offing/it.part: " in done.stderr
    assert b"1 of 2 files" in done.stderr


def test_a_link_that_leads_out_of_the_folder_is_not_followed(hub: RunningHub, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "deep").symlink_to(tmp_path / "elsewhere")
    done = xet(hub, "download", "acme/model", "deep/words.txt", "config.json", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert set(below(tmp_path / "out")) == {"config.json"}


@pytest.mark.parametrize("path", ["a/../../evil.txt", "/evil.txt", "a\x1b[2Jb"])
def test_a_hub_that_lists_names_which_lead_elsewhere_is_not_believed(tmp_path: Path, path: str) -> None:
    async def lied_to() -> subprocess.CompletedProcess[bytes]:
        async with ScriptedHub() as hub:
            row = {"type": "file", "path": path, "size": 4, "oid": "a" * 40}
            hub.answer(
                {
                    "GET /api/models/acme/model/revision/main?expand=sha&expand=private&expand=gated": reply(
                        200, json.dumps({"sha": COMMIT}).encode()
                    ),
                    f"GET /api/models/acme/model/tree/{COMMIT}?recursive=true": reply(
                        200, json.dumps([row]).encode()
                    ),
                }
            )
            return await asyncio.to_thread(
                run,
                "xet",
                "download",
                "acme/model",
                "-o",
                tmp_path / "in" / "out",
                HF_ENDPOINT=hub.origin,
                HF_TOKEN="",
            )

    done = asyncio.run(lied_to())
    assert done.returncode == 5
    assert b"a file whose path is none" in done.stderr
    assert b"\x1b" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_takes_nothing_ends_it_at_once(hub: RunningHub, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = xet(hub, "download", "acme/model", "--parallel", "1", "-o", tmp_path / "file" / "out")
    assert done.returncode == 3
    assert done.stderr.count(b"offing: ") == 1
    assert b"0 of 6 files" in done.stderr


@contextlib.contextmanager
def started(
    hub: RunningHub, *arguments: str | Path, stderr: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[bytes]]:
    """The program in a process group of its own, as a shell starts it."""
    variables = {"HF_ENDPOINT": hub.base, "HF_TOKEN": "", "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(
        [*COMMAND, "xet", "download", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        env=environment(**variables),
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.parametrize("way", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_stops_it_the_same_command_goes_on(
    hub: RunningHub, tmp_path: Path, way: signal.Signals
) -> None:
    hub.set_faults(megabytes_per_second=2)
    with started(hub, "acme/model", "weights.bin", "-o", tmp_path) as process:
        deadline = time.monotonic() + SECONDS
        while sum(part.stat().st_size for part in tmp_path.glob(".offing/*.part")) < WEIGHTS // 4:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.005)
        os.killpg(process.pid, way)
        output, errors = process.communicate(timeout=SECONDS)
    assert output == b""
    if way is signal.SIGINT:
        assert process.returncode == 130
        assert errors == b"offing: Stopped. The same command goes on from here.\n"
    hub.set_faults()
    hub.log.clear()
    done = xet(hub, "download", "acme/model", "weights.bin", "-o", tmp_path)
    assert done.returncode == 0, done.stderr
    assert b" were here\n" in done.stderr
    assert below(tmp_path) == {"weights.bin": MODEL["weights.bin"]}
    assert hub.log.totals["xorb"].bytes < WEIGHTS


def test_bars_are_shown_on_a_terminal(hub: RunningHub, tmp_path: Path) -> None:
    hub.set_faults(megabytes_per_second=4)
    ours, theirs = pty.openpty()
    try:
        with started(hub, "acme/model", "-o", tmp_path, stderr=theirs) as process:
            os.close(theirs)
            shown = b""
            with contextlib.suppress(OSError):  # the terminal's end
                while piece := os.read(ours, 65536):
                    shown += piece
            process.communicate(timeout=SECONDS)
    finally:
        os.close(ours)
    assert process.returncode == 0
    assert "━".encode() in shown
    assert b"weights.bin" in shown
    assert b"B/s" in shown
    assert b"config.json  14 B  verified" in shown
    assert b"6 files in" in shown


def test_the_help_loads_nothing_that_works() -> None:
    program = "import sys\nfrom offing.cli import main\nsys.argv = ['offing', 'xet', 'download', '--help']\n"
    program += "try:\n    main()\nfinally:\n    print(*sys.modules, file=sys.stderr)\n"
    done = subprocess.run([COMMAND[0], "-c", program], capture_output=True, text=True, check=True)
    assert {"numpy", "lz4", "blake3", "asyncio", "uvloop", "rich"}.isdisjoint(done.stderr.split())
