"""A benchmark's results as a page for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.ocr.rows import Row
from bench.ocr.table import About, cells, lines

COLUMNS = ("Work", "beside", "offing", "ratio", "must", "goal", "reached")


@dataclass(frozen=True)
class Page:
    """What one benchmark's page says beside its rows."""

    name: str
    """Of its files, without their ending."""
    title: str
    sharing: str
    """Who shares the cores."""
    words: tuple[str, ...]
    """What stands beside ours, and how it was measured."""

    def markdown(self, about: About, rows: Sequence[Row]) -> str:
        """The whole page."""
        page = [
            f"# {self.title}",
            "",
            f"{about.date}, {about.machine}; {self.sharing} share {about.cores} cores.",
            *self.words,
            "",
            f"Made by `{about.command}` in {about.seconds:.0f} s; load average before: {about.busy:.2f}.",
            "",
            *(f"- {name}: {found}" for name, found in about.versions.items()),
            "",
            *lines(COLUMNS, [cells(row) for row in rows]),
        ]
        return "\n".join(page).rstrip() + "\n"

    def keep(self, folder: Path, about: About, rows: Sequence[Row]) -> None:
        """Write the page, and the same as JSON."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.md").write_text(self.markdown(about, rows), encoding="utf-8")
        told = {"about": asdict(about), "rows": [_told(row) for row in rows]}
        text = json.dumps(told, indent=1, ensure_ascii=False) + "\n"
        (folder / f"{self.name}.json").write_text(text, encoding="utf-8")


def _told(row: Row) -> dict[str, object]:
    reached = {"ratio": row.ratio, "must": row.target.must, "goal": row.target.goal, "reached": row.reached}
    return asdict(row) | reached
