"""How ``offing insights`` ends early: by Ctrl-C, by a reader that leaves; and what a terminal shows."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.insights.files import gray
from tests.cli.program import COMMAND, SECONDS, environment


@contextlib.contextmanager
def started(*arguments: str | Path, stdout: int = subprocess.PIPE) -> Iterator[subprocess.Popen[bytes]]:
    """The program in a process group of its own, as a shell starts it."""
    with subprocess.Popen(
        [*COMMAND, "insights", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment(TERM="xterm", COLUMNS="80"),
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def left_in(group: int) -> bool:
    """Whether a process of the group still lives."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("pause", [0.02, 0.4])
def test_ctrl_c_ends_with_130_without_a_word_and_leaves_no_process(tmp_path: Path, pause: float) -> None:
    os.mkfifo(tmp_path / "endless")
    with started(tmp_path / "endless", gray(tmp_path / "a.png", 51)) as process:
        writer = os.open(tmp_path / "endless", os.O_WRONLY)  # returns when the program has opened it to read
        time.sleep(pause)  # 0.02: its workers are starting; 0.4: they wait
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=SECONDS)
        os.close(writer)
        assert (process.returncode, output, errors) == (130, b"", b"")
        assert not left_in(process.pid)


def test_a_reader_that_leaves_ends_it_without_a_word(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with started("--json", gray(tmp_path / "a.png", 51), stdout=writing) as process:
        os.close(writing)
        _, errors = process.communicate(timeout=SECONDS)
        assert (process.returncode, errors) == (141, b"")
        assert not left_in(process.pid)


def on_terminal(*arguments: str | Path) -> tuple[bytes, bytes]:
    """What the program prints on standard output, and on a terminal that is its standard error."""
    ours, theirs = pty.openpty()
    try:
        ended = subprocess.run(
            [*COMMAND, "insights", *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs,
            env=environment(TERM="xterm", COLUMNS="80"), timeout=SECONDS, check=True,
        )  # fmt: skip
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # the terminal's end
            while piece := os.read(ours, 65536):
                shown += piece
    finally:
        os.close(ours)
    return ended.stdout, shown


def test_many_inputs_show_their_progress_on_a_terminal(tmp_path: Path) -> None:
    output, shown = on_terminal(*(gray(tmp_path / f"{level}.png", level) for level in range(3)))
    assert output.count(b"\n") == 3
    assert b"3/3" in shown


def test_a_single_input_shows_no_progress(tmp_path: Path) -> None:
    _, shown = on_terminal(gray(tmp_path / "a.png", 51))
    assert shown == b""
