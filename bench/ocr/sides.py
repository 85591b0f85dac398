"""The anchor and ours as servers on loopback, and the processor time that a server has used."""

from __future__ import annotations

import os
from pathlib import Path

from bench.insights import process_tree
from bench.insights.sides import ROOT, Server, Side
from bench.ocr.peers import PADDLE, PROGRAMS

TICKS = os.sysconf("SC_CLK_TCK")


def offing(python: str) -> Side:
    """Our side: the service alone, as its container runs it, with its per-request log off."""
    arguments = (
        "-m", "offing", "serve", "--standalone", "ocr", "--host", "127.0.0.1", "--port", "{port}",
    )  # fmt: skip
    return Side("offing", (python, *arguments), ROOT, {"OFFING_LOG_REQUESTS": "false"})


def anchor(peers: Path) -> Side:
    """PaddleOCR behind a plain FastAPI."""
    program = str(PROGRAMS / "serve_paddleocr.py")
    return Side("PaddleOCR", (str(PADDLE.python(peers)), program, "{port}"), ROOT)


def cpu(server: Server) -> float:
    """Seconds of processor time that the server's living processes have used, to a clock tick."""
    total = 0
    for pid in process_tree.tree(server.process.pid):
        try:
            # Fields 14 and 15 of proc_pid_stat(5); the second field is a name that may hold spaces.
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS
