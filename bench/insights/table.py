"""The results as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.insights.environment import COMMIT, REPOSITORY, VERSION
from bench.insights.rows import TIMES, Row

COLUMNS = ("Work", "reference", "offing", "ratio", "must", "goal", "reached")


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
    versions: Mapping[str, Mapping[str, str]]


def figure(value: float | None, unit: str = "") -> str:
    """Three digits and the unit, or a dash."""
    if value is None:
        return "\N{EN DASH}"
    digits = 0 if value >= 100 else 1 if value >= 10 else 2  # noqa: PLR2004
    return f"{value:.{digits}f} {unit}".strip()


def asked(row: Row, wanted: float | None) -> str:
    """What was asked, as a factor or as a bound in the row's unit."""
    if wanted is None:
        return ""
    return f"{wanted:g}{TIMES}" if row.target.judged == "ratio" else f"≤ {wanted:g} {row.unit}"


def cells(row: Row) -> tuple[str, ...]:
    """One line of the table."""
    least = "> " if row.reference_at_least else ""
    ratio = "" if row.ratio is None else f"{least}{figure(row.ratio)}{TIMES}"
    return (
        row.work,
        least + figure(row.reference, row.unit),
        figure(row.ours, row.unit),
        ratio,
        asked(row, row.target.must),
        asked(row, row.target.goal),
        f"{row.reached} ({row.broken})" if row.broken else row.reached,
    )


def notes(rows: Sequence[Row]) -> list[str]:
    """What stands below the table."""
    lines = []
    for row in rows:
        if row.name.endswith(", fast"):
            apart = row.detail["numbers_differ_by"]
            lines.append(
                f"{row.work}: differs from the exact numbers by {apart['average_luminance']} (average), "
                f"{apart['median_luminance']} (median) and {apart['edge_average_luminance']} (edges) of 255 "
                f"levels, and by {apart['worst_bucket']} percent points in the worst bucket."
            )
        if "rates" in row.detail:
            others = list(row.detail["rates"].items())[1:-1]
            lines += [f"{row.work}: {name} {figure(rate, row.unit)}." for name, rate in others]
        if row.name == "slowest hostile answer":
            lines += [hostile_note(name, row.detail[name]) for name in ("reference", "ours")]
    return lines


def hostile_note(name: str, told: Mapping[str, Any]) -> str:
    """What one side answered to the hostile set."""
    results = ", ".join(f"{count} {TIMES} {result}" for result, count in told["results"].items())
    return (
        f"Hostile requests, {name}: {results}; {told['answered_right']} answered with a right status; "
        f"slowest: {told['slowest']}."
    )


def markdown(about: About, rows: Sequence[Row]) -> str:
    """The whole page."""
    lines = [
        "# Image insights beside its reference",
        "",
        f"{about.date}, {about.machine}; both sides and the load share {about.cores} cores.",
        f"The reference is {REPOSITORY} v{VERSION} ({COMMIT}).",
        "",
        f"Made by `{about.command}` in {about.seconds:.0f} s; load average before: {about.busy:.2f}.",
        "",
        *(f"- {side}: {', '.join(map(' '.join, found.items()))}" for side, found in about.versions.items()),
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|{'---|' * len(COLUMNS)}",
        *(f"| {' | '.join(cells(row))} |" for row in rows),
        "",
        *(f"- {line}" for line in notes(rows)),
    ]
    return "\n".join(lines) + "\n"


def document(about: About, rows: Sequence[Row]) -> dict[str, Any]:
    """The same with everything that was measured."""
    return {
        "about": asdict(about),
        "rows": [
            asdict(row)
            | {"ratio": row.ratio, "must": row.target.must, "goal": row.target.goal, "reached": row.reached}
            for row in rows
        ],
    }


def keep(folder: Path, about: About, rows: Sequence[Row]) -> None:
    """Write ``insights.md`` and ``insights.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "insights.md").write_text(markdown(about, rows))
    (folder / "insights.json").write_text(
        json.dumps(document(about, rows), indent=1, ensure_ascii=False) + "\n"
    )
