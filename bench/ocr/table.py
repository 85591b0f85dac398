"""The results as tables for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.insights.table import figure
from bench.ocr.beside import Figures, at_its_accuracy
from bench.ocr.rows import TIMES, Row

COLUMNS = ("Work", "PaddleOCR", "offing", "ratio", "must", "goal", "reached")
PEER_COLUMNS = ("Engine", "word-F1", "wall", "processor", "memory", "ours at its accuracy")
SIGNS = {"at most": "≤ ", "at least": "≥ ", "ratio": ""}
DASH = "\N{EN DASH}"


@dataclass(frozen=True)
class About:
    """When, where and how the figures were taken."""

    date: str
    machine: str
    cores: int
    command: str
    seconds: float
    """How long the whole run took."""
    busy: float
    """The machine's load average before it began; above a few tenths something else was running."""
    versions: Mapping[str, str]


def share(value: float) -> str:
    """A share of one: four digits tell .9985 from 1."""
    return f"{value:.4f}".rstrip("0").rstrip(".") if value else "0"


def told(value: float | None, unit: str) -> str:
    """A figure with its unit."""
    if value is None:
        return DASH
    if not unit:
        return share(value)
    return f"{value:.1f} %" if unit == "%" else figure(value, unit)


def asked(row: Row, wanted: float | None) -> str:
    """What was asked, as a factor or as a bound in the row's unit."""
    if wanted is None:
        return ""
    unit = TIMES if row.target.judged == "ratio" else f" {row.unit}".rstrip()
    return f"{SIGNS[row.target.judged]}{wanted:g}{unit}"


def cells(row: Row) -> tuple[str, ...]:
    """One line of the table."""
    return (
        row.work,
        told(row.anchor, row.unit),
        told(row.ours, row.unit),
        "" if row.ratio is None else f"{figure(row.ratio)}{TIMES}",
        asked(row, row.target.must),
        asked(row, row.target.goal),
        f"{row.reached} ({row.broken})" if row.broken else row.reached,
    )


def peer_cells(each: Figures, figures: Sequence[Figures]) -> tuple[str, ...]:
    """One line of a group's table of engines."""
    missing = f" (without {each.failed})" if each.failed else ""
    return (
        each.name,
        f"{each.word_f1:.3f}{missing}",
        figure(each.wall, "ms"),
        figure(each.cpu, "ms"),
        figure(each.resident, "MB"),
        "" if each.is_ours else ahead(each, figures),
    )


def ahead(peer: Figures, figures: Sequence[Figures]) -> str:
    """Our fastest quality that reads as well as a peer, and how many times faster it is."""
    if not any(each.is_ours and each.group == peer.group for each in figures):
        return ""
    best = at_its_accuracy(peer, figures)
    return f"{best.name}: {figure(peer.wall / best.wall)}{TIMES}" if best else "none reads as well"


def lines(columns: Sequence[str], body: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table."""
    head = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return [*head, *(f"| {' | '.join(each)} |" for each in body)]


def markdown(about: About, rows: Sequence[Row], figures: Sequence[Figures]) -> str:
    """The whole page."""
    page = [
        "# OCR beside PaddleOCR and other engines",
        "",
        f"{about.date}, {about.machine}; every side and the clients share {about.cores} cores.",
        "PaddleOCR runs the PP-OCRv5 mobile models with two threads and oneDNN, behind a plain FastAPI.",
        "Word-F1 and character error rate are shares of one, means over images; times are medians.",
        "",
        f"Made by `{about.command}` in {about.seconds:.0f} s; load average before: {about.busy:.2f}.",
        "",
        *(f"- {side}: {found}" for side, found in about.versions.items()),
        "",
    ]
    if rows:
        page += [*lines(COLUMNS, [cells(row) for row in rows]), ""]
    for group in dict.fromkeys(each.group for each in figures):
        chosen = [each for each in figures if each.group == group]
        page += [f"## Beside every engine: {group}", ""]
        page += [*lines(PEER_COLUMNS, [peer_cells(each, figures) for each in chosen]), ""]
    if figures:
        page += [
            "The other engines are timed inside their processes, ours as a whole request. Memory: the most",
            "that the engine's process has held until then; ours: what all its processes hold.",
        ]
    return "\n".join(page).rstrip() + "\n"


def document(about: About, rows: Sequence[Row], figures: Sequence[Figures]) -> dict[str, Any]:
    """The same with everything that was measured."""
    return {
        "about": asdict(about),
        "rows": [
            asdict(row)
            | {"ratio": row.ratio, "must": row.target.must, "goal": row.target.goal, "reached": row.reached}
            for row in rows
        ],
        "engines": [asdict(each) for each in figures],
    }


def keep(folder: Path, about: About, rows: Sequence[Row], figures: Sequence[Figures]) -> None:
    """Write ``ocr.md`` and ``ocr.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "ocr.md").write_text(markdown(about, rows, figures), encoding="utf-8")
    told_all = json.dumps(document(about, rows, figures), indent=1, ensure_ascii=False)
    (folder / "ocr.json").write_text(told_all + "\n", encoding="utf-8")
