"""A real server that is killed or drained, and servers that share a folder: no job that was taken is lost."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.kernel.probe.processes import eventually
from tests.kernel.probe.running import ROOT, Probe

Serve = Callable[..., Probe]
SLOW = 60.0


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Starts a gateway over the test's folder."""
    numbers = itertools.count()
    with ExitStack() as stack:

        def start(**settings: object) -> Probe:
            log = tmp_path / f"log-{next(numbers)}"
            kept = {name: value for name, value in os.environ.items() if not name.startswith("OFFING_")}
            kept.pop("PORT", None)
            variables = {f"OFFING_{name.upper()}": str(value) for name, value in settings.items()}
            places = {"OFFING_WORK_FOLDER": str(tmp_path), "OFFING_JOBS_DIR": str(tmp_path / "jobs")}
            with log.open("wb") as errors:
                process = subprocess.Popen(
                    [sys.executable, "-W", "error", "-m", "tests.kernel.jobs.work"],
                    cwd=ROOT,
                    env={**kept, "PYTHONPATH": str(ROOT), "OFFING_PORT": "0", **places, **variables},
                    stdout=subprocess.DEVNULL,
                    stderr=errors,
                )
            probe = Probe(process, log)
            stack.callback(probe.close)
            probe.wait_until_it_listens()
            probe.wait_until_ready()
            return probe

        yield start


def ask(probe: Probe, query: str, body: bytes = b"body") -> dict[str, Any]:
    answer = probe.ask("POST", f"/desk/jobs?{query}", body=body)
    assert answer.status == 202
    made: dict[str, Any] = answer.json
    return made


def state(probe: Probe, job: dict[str, Any]) -> dict[str, Any]:
    answer = probe.ask("GET", job["location"])
    assert answer.status == 200
    now: dict[str, Any] = answer.json
    return now


def ended(probe: Probe, job: dict[str, Any]) -> dict[str, Any]:
    eventually(lambda: state(probe, job)["state"] in {"succeeded", "failed"}, SLOW)
    return state(probe, job)


def begun(folder: Path, name: str) -> int:
    path = folder / f"{name}.begun"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_jobs_that_wait_and_jobs_that_run_outlive_a_kill(tmp_path: Path, serve: Serve) -> None:
    first = serve(jobs_at_once=1)
    runs, waits = (
        ask(first, "gate=a&name=runs", b"1" * 300_000),
        ask(first, "gate=a&name=waits", b"2" * 300_000),
    )
    eventually(lambda: begun(tmp_path, "runs") == 1)
    first.signal(signal.SIGKILL)
    first.exit_code()
    (tmp_path / "a").touch()
    second = serve()
    for job, byte in ((runs, b"1"), (waits, b"2")):
        done = ended(second, job)
        assert done["state"] == "succeeded"
        assert second.ask("GET", f"{job['location']}/result").body == byte * 300_000
    assert (begun(tmp_path, "runs"), begun(tmp_path, "waits")) == (2, 1)


def test_what_a_killed_server_had_not_finished_writing_is_cleared_away(tmp_path: Path, serve: Serve) -> None:
    first = serve()
    wire = first.connect()
    wire.head("POST", "/desk/jobs?name=cut", "Content-Length: 4000000")
    wire.send(b"x" * 2_000_000)
    files = tmp_path / "jobs" / "files"
    eventually(lambda: sum(file.stat().st_size for file in files.iterdir()) > 1_000_000)
    first.signal(signal.SIGKILL)
    first.exit_code()
    serve()
    eventually(lambda: list(files.iterdir()) == [])
    assert begun(tmp_path, "cut") == 0


def test_a_client_that_hangs_up_leaves_no_job_and_no_file(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    with server.connect() as wire:
        wire.head("POST", "/desk/jobs?name=left", "Content-Length: 4000000")
        wire.send(b"x" * 2_000_000)
        files = tmp_path / "jobs" / "files"
        eventually(lambda: list(files.iterdir()))
    eventually(lambda: list(files.iterdir()) == [])
    assert begun(tmp_path, "left") == 0


def test_a_server_that_drains_lets_what_runs_end_and_leaves_what_waits(tmp_path: Path, serve: Serve) -> None:
    first = serve(jobs_at_once=1)
    runs, waits = ask(first, "gate=a&name=runs"), ask(first, "gate=b&name=waits")
    eventually(lambda: begun(tmp_path, "runs") == 1)
    first.signal(signal.SIGTERM)
    eventually(lambda: any(line["event"] == "draining" for line in first.lines))
    assert first.process.poll() is None
    (tmp_path / "a").touch()
    assert first.exit_code(SLOW) == 0
    (tmp_path / "b").touch()
    second = serve()
    assert ended(second, runs)["attempts"] == 1
    assert ended(second, waits)["state"] == "succeeded"
    assert (begun(tmp_path, "runs"), begun(tmp_path, "waits")) == (1, 1)


def test_what_runs_past_the_drain_limit_runs_again_later(tmp_path: Path, serve: Serve) -> None:
    first = serve(drain_seconds=0.1)
    job = ask(first, "gate=a&name=long")
    eventually(lambda: begun(tmp_path, "long") == 1)
    first.signal(signal.SIGTERM)
    assert first.exit_code(SLOW) == 128 + signal.SIGTERM
    (tmp_path / "a").touch()
    done = ended(serve(), job)
    assert (done["state"], done["attempts"], begun(tmp_path, "long")) == ("succeeded", 1, 2)


def test_a_job_that_ends_its_server_each_time_is_given_up(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    job = ask(server, "gate=never&name=poison")
    for number in range(1, 6):
        eventually(lambda number=number: begun(tmp_path, "poison") == number)  # type: ignore[misc]
        server.signal(signal.SIGKILL)
        server.exit_code()
        server = serve()
    done = ended(server, job)
    assert (done["problem"]["code"], done["attempts"], begun(tmp_path, "poison")) == ("job-failed", 5, 5)


def test_servers_that_share_a_folder_run_each_job_once_and_tell_each_others(
    tmp_path: Path, serve: Serve
) -> None:
    first, second = serve(), serve()
    names = [f"job-{number}" for number in range(20)]
    jobs = [ask((first, second)[number % 2], f"name={name}") for number, name in enumerate(names)]
    for number, job in enumerate(jobs):
        assert ended((second, first)[number % 2], job)["state"] == "succeeded"
    assert {name: begun(tmp_path, name) for name in names} == dict.fromkeys(names, 1)


def test_a_server_takes_over_what_another_left_when_it_was_killed(tmp_path: Path, serve: Serve) -> None:
    first = serve()
    job = ask(first, "gate=a&name=left")
    eventually(lambda: begun(tmp_path, "left") == 1)
    second = serve(jobs_at_once=1)
    assert state(second, job)["state"] == "running"
    first.signal(signal.SIGKILL)
    first.exit_code()
    (tmp_path / "a").touch()
    assert ended(second, job)["state"] == "succeeded"
    assert begun(tmp_path, "left") == 2


def test_no_log_holds_what_was_sent_or_the_name_of_a_job(tmp_path: Path, serve: Serve) -> None:
    server = serve()
    job = ask(server, "do=no&name=quiet", b"Zwiebelturm-7391")
    ended(server, job)
    assert any(line["event"] == "job ended" for line in server.lines)
    assert job["id"] not in server.log
    assert "Zwiebelturm" not in server.log
    assert "quiet" not in server.log
    assert begun(tmp_path, "quiet") == 1
