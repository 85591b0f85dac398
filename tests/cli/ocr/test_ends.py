"""How ``offing ocr`` ends early: by Ctrl-C, by a reader that leaves; and what a terminal shows."""

from __future__ import annotations

import contextlib
import os
import pty
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pikepdf

from tests.cli.ocr.reading import SMALL, copied
from tests.cli.program import COMMAND, SECONDS, environment
from tests.ocr.samples import FOLDER


@contextlib.contextmanager
def started(
    *arguments: str | Path, stdout: int = subprocess.PIPE, stderr: int = subprocess.PIPE
) -> Iterator[subprocess.Popen[bytes]]:
    """The program in a process group of its own, as a shell starts it."""
    with subprocess.Popen(
        [*COMMAND, "ocr", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=stderr,
        env=environment(TERM="xterm", COLUMNS="80", **SMALL),
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


def long_pdf(path: Path) -> Path:
    """A PDF that takes longer to read than any test waits."""
    with pikepdf.new() as long, pikepdf.open(FOLDER / "scanned.pdf") as scanned:
        for _ in range(100):
            long.pages.extend(scanned.pages)
        long.save(path)
    return path


def test_ctrl_c_ends_with_130_without_a_word_and_leaves_no_file_and_no_process(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "long.pdf").write_text("of an earlier run")
    with started(long_pdf(tmp_path / "long.pdf"), "--format", "pdf", "-o", out) as process:
        deadline = time.monotonic() + SECONDS
        while not any(part.stat().st_size for part in out.glob(".offing-*")):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        output, errors = process.communicate(timeout=SECONDS)
        assert (process.returncode, output, errors) == (130, b"", b"")
        assert not left_in(process.pid)
    assert [file.name for file in out.iterdir()] == ["long.pdf"]
    assert (out / "long.pdf").read_text() == "of an earlier run"


def test_a_reader_that_leaves_ends_it_without_a_word(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with started(long_pdf(tmp_path / "long.pdf"), stdout=writing) as process:
        os.close(writing)
        assert os.read(reading, 1)
        os.close(reading)
        _, errors = process.communicate(timeout=SECONDS)
        assert (process.returncode, errors) == (141, b"")
        assert not left_in(process.pid)


def all_of(terminal: int) -> bytes:
    """What a terminal shows until its last writer is gone."""
    shown = b""
    with contextlib.suppress(OSError):  # the terminal's end
        while piece := os.read(terminal, 65536):
            shown += piece
    return shown


def test_pages_are_counted_on_a_terminal_and_a_failure_has_a_line_of_its_own(tmp_path: Path) -> None:
    copied("born_digital.pdf", tmp_path / "a.pdf")
    copied("fax.tiff", tmp_path / "b.tif")
    (tmp_path / "c.png").touch()
    ours, theirs = pty.openpty()
    try:
        with started(tmp_path, "-o", tmp_path / "out", stderr=theirs) as process:
            os.close(theirs)
            shown = all_of(ours)
            process.communicate(timeout=SECONDS)
    finally:
        os.close(ours)
    assert process.returncode == 1
    assert b"6/6" in shown
    assert f"\x1b[Koffing: {tmp_path}/c.png: The file is empty.".encode() in shown
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"a.txt", "b.txt"}


def test_a_pdf_is_not_sent_to_a_terminal() -> None:
    ours, theirs = pty.openpty()
    try:
        with started(FOLDER / "label.png", "--format", "pdf", stdout=theirs) as process:
            os.close(theirs)
            shown = all_of(ours)
            _, errors = process.communicate(timeout=SECONDS)
    finally:
        os.close(ours)
    assert (process.returncode, shown) == (2, b"")
    assert b"> FILE.pdf" in errors
