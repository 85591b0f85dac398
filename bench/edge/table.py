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
        "# The edge beside the least that there can be",
        "",
        f"{about.date}, {about.machine}; runtime, engine, containers and clients share {about.cores} cores.",
        "Beside: a Worker of one line before a container of the same image; for starts, `docker run` of it;",
        "for a day, a random choice among three instances. Both sides run on workerd and a Docker engine,",
        "and take turns. Times are medians where nothing else is said.",
        "",
        f"Made by `{about.command}` in {about.seconds:.0f} s; load average before: {about.busy:.2f}.",
        "",
        *(f"- {name}: {found}" for name, found in about.versions.items()),
        "",
        *lines(COLUMNS, [cells(row) for row in rows]),
    ]
    return "\n".join(page).rstrip() + "\n"


def keep(folder: Path, about: About, rows: Sequence[Row]) -> None:
    """Write ``edge.md`` and ``edge.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "edge.md").write_text(markdown(about, rows), encoding="utf-8")
    told = {
        "about": asdict(about),
        "rows": [
            asdict(row)
            | {"ratio": row.ratio, "must": row.target.must, "goal": row.target.goal, "reached": row.reached}
            for row in rows
        ],
    }
    (folder / "edge.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
