"""The results as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.ocr.rows import Row
from bench.ocr.table import About, cells, lines

COLUMNS = ("Work", "beside", "offing", "ratio", "must", "goal", "reached")

__all__ = ["cells", "keep", "markdown"]


def markdown(about: About, rows: Sequence[Row]) -> str:
    """The whole page."""
    page = [
        "# Xet downloads beside hf_xet and plain HTTP",
        "",
        f"{about.date}, {about.machine}; hub, servers and clients share {about.cores} cores.",
        "Beside: hf_xet's stream for clients to nowhere; for the server, the same server passing on plain",
        "bytes, or reading them from the disk. Medians of rounds in which the sides take turns.",
        "",
        f"Made by `{about.command}` in {about.seconds:.0f} s; load average before: {about.busy:.2f}.",
        "",
        *(f"- {name}: {found}" for name, found in about.versions.items()),
        "",
        *lines(COLUMNS, [cells(row) for row in rows]),
    ]
    return "\n".join(page).rstrip() + "\n"


def keep(folder: Path, about: About, rows: Sequence[Row]) -> None:
    """Write ``xet.md`` and ``xet.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "xet.md").write_text(markdown(about, rows), encoding="utf-8")
    told = {
        "about": asdict(about),
        "rows": [
            asdict(row)
            | {"ratio": row.ratio, "must": row.target.must, "goal": row.target.goal, "reached": row.reached}
            for row in rows
        ],
    }
    (folder / "xet.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
