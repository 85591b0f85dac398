"""The edge benchmark's own instruments: what they report is what happened."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from bench.edge import day, latency, sides
from bench.edge.rows import EdgeRow
from bench.ocr.rows import TIMES
from bench.ocr.table import cells
from tests.e2e.edge import PROGRAMS, WORKER
from tests.e2e.services import DOWNLOADS

with_node = pytest.mark.skipif(
    not (PROGRAMS / "esbuild").exists() or shutil.which("node") is None, reason="needs `npm ci` in worker/"
)
START, WORK, TAIL = 2.0, 0.5, 30.0
KNOWN = day.Times(START, WORK, TAIL, concurrency=2)


def requests(*at: float) -> list[dict[str, float]]:
    return [{"at": each, "work": WORK} for each in at]


@pytest.mark.parametrize(
    ("row", "reached"),
    [
        (EdgeRow("beyond, p50", "", "ms", None, 1.5), "goal"),
        (EdgeRow("beyond, p99", "", "ms", None, 10), "must"),
        (EdgeRow("beyond, p99", "", "ms", None, 10.1), "no"),
        (EdgeRow("beyond, p99", "", "ms", None, 1, broken="3 answers were not 200"), "no"),
        (EdgeRow("download, rate", "", "MB/s", 100, 90, more_is_better=True), "must"),
        (EdgeRow("download, rate", "", "MB/s", 100, 89, more_is_better=True), "no"),
        (EdgeRow("cold, ocr", "", "s", 3, 4.5), "must"),
        (EdgeRow("day, ocr", "", "times", None, 0.61), "no"),
        (EdgeRow("price", "", "$", 23.72, 5.5), "goal"),
        (EdgeRow("a row without a target", "", "s", 1, 9), ""),
    ],
)
def test_a_row_is_judged_by_its_target(row: EdgeRow, reached: str) -> None:
    assert row.reached == reached


def test_a_line_of_the_table_tells_figures_bounds_and_verdict() -> None:
    rate = EdgeRow("download, rate", "1 GB", "MB/s", 200, 190, more_is_better=True)
    assert cells(rate) == (
        "1 GB", "200 MB/s", "190 MB/s", f"0.95{TIMES}", f"0.9{TIMES}", f"0.98{TIMES}", "must",
    )  # fmt: skip
    cold = EdgeRow("cold, xet", "a start", "s", 1.0, 1.25)
    assert cells(cold)[1:] == ("1.00 s", "1.25 s", f"0.80{TIMES}", "≤ 2.5 s", "≤ 1.2 s", "must")


def test_a_caller_s_key_becomes_a_header_of_the_request_and_nothing_else_changes() -> None:
    bare = latency.image_upload()
    keyed = latency.with_key(bare, "offing_key")
    assert keyed.before.replace(b"X-API-Key: offing_key\r\n", b"") == bare.before
    assert keyed.before.startswith(b"POST /v1/image/analysis")
    assert keyed.before.split(b"\r\n")[1] == b"X-API-Key: offing_key"


def test_percentiles_are_those_of_the_values() -> None:
    values = [each / 1000 for each in range(101)]
    assert latency.p99(values) == pytest.approx(0.099)
    assert latency.spread(values) == {f"p{each}": each for each in (5, 25, 50, 75, 90, 95, 99)}


def test_the_worker_of_one_line_has_the_same_image_and_runtime_as_ours() -> None:
    told = sides.configuration(DOWNLOADS, {"HF_ENDPOINT": "http://hub"})
    (container,) = told["containers"]
    assert Path(container["image"]).samefile(WORKER / ".." / "Dockerfile")
    assert container["image_vars"] == {"SERVICE": "xet"}
    assert str(told["compatibility_date"]) in (WORKER / "wrangler.jsonc").read_text()
    assert json.loads(told["vars"]["TOLD"]) == {"HF_ENDPOINT": "http://hub"}
    assert Path(told["main"]).exists()


def test_a_day_is_the_same_for_the_same_seed_and_in_order() -> None:
    once, again = (day.trace(3, WORK) for _ in range(2))
    assert once == again != day.trace(4, WORK)
    at = [each["at"] for each in once]
    assert at == sorted(at)
    assert len(at) > day.BURSTS + day.ALONE


@with_node
def test_a_request_that_comes_alone_costs_its_start_its_work_and_an_idle_tail() -> None:
    told = day.simulated(KNOWN, requests(100, 1000))
    for each in told.values():
        assert each["seconds"] == pytest.approx([START + WORK] * 2)
        assert each["awake"] == pytest.approx(2 * (START + WORK + TAIL))
        assert each["starts"] == 2


@with_node
def test_what_one_instance_can_do_wakes_one_by_the_dispatcher_and_others_by_chance() -> None:
    told = day.simulated(KNOWN, requests(*range(0, 100, 2)))
    assert (told["dispatcher"]["starts"], told["random"]["starts"]) == (1, 3)
    assert told["dispatcher"]["awake"] == pytest.approx(98 + WORK + TAIL)
    assert told["dispatcher"]["seconds"][1:] == pytest.approx([WORK + 0.5, *[WORK] * 48])


@with_node
def test_more_at_once_than_an_instance_takes_opens_the_next_and_those_within_it_wait_in_turn() -> None:
    told = day.simulated(KNOWN, requests(0, 0, 0, 10, 10, 10))["dispatcher"]
    assert told["starts"] == 2
    assert told["seconds"][:3] == pytest.approx([START + WORK, START + 2 * WORK, START + WORK])
    assert sorted(told["seconds"][3:]) == pytest.approx([WORK, WORK, 2 * WORK])


def test_times_are_those_measured_before_or_else_those_of_the_type_that_is_deployed() -> None:
    rows = [EdgeRow("cold, ocr", "", "s", 3, 2.5), EdgeRow("warm, ocr", "", "s", None, 0.5)]
    measured, known = day.times("ocr", rows), day.times("ocr", [])
    assert (measured.start, measured.work) == (2.0, 0.5)
    assert (known.start, known.work) == (1.8, 0.88)
    assert measured.sleep_after == known.sleep_after > 0


@with_node
def test_the_programs_of_the_benchmark_have_no_type_errors() -> None:
    command = [str(PROGRAMS / "tsc"), "-p", str(Path(day.__file__).parents[1])]
    done = subprocess.run(command, cwd=WORKER, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout) == (0, "")
