"""``offing edge cost``: the bill of what was asked, from a configuration and from measurements."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from offing.cli.edge.cost import command
from offing.cli.edge.parameters import REGIONS
from offing.edge.configuration import deployments, read_file, seconds
from offing.edge.cost.bill import bill
from offing.edge.cost.figures import FIGURES
from offing.edge.cost.prices import EGRESS
from offing.edge.cost.workload import Arrival, Workload
from offing.edge.instance_types import NAMED
from tests.cli.program import run

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "cost.md"


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a configuration."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def ask(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(command, arguments)


def price(*arguments: str) -> dict[str, Any]:
    """The JSON that the command prints."""
    result = ask(*arguments, "--json")
    assert result.exit_code == 0, result.output
    priced: dict[str, Any] = json.loads(result.output)
    return priced


def test_the_bill_has_a_line_for_each_thing_that_is_billed_and_their_sum(nowhere: Path) -> None:
    del nowhere
    priced = price("--type", "standard-4", "--requests", "1000", "--seconds", "5", "--sleep-after", "10m")
    assert [line["what"] for line in priced["lines"]] == [
        "Workers Paid plan", "CPU", "memory", "disk", "Durable Object duration", "Durable Object requests",
        "Worker requests",
    ]  # fmt: skip
    assert priced["total"] == pytest.approx(sum(line["dollars"] for line in priced["lines"]))
    assert f"{priced['total']:.2f}" == "23.72"
    text = ask("--type", "standard-4", "--requests", "1000", "--seconds", "5", "--sleep-after", "10m").output
    assert re.search(
        r"memory +\$17\.93   7,260,000 GiB-s - 90,000 included = 7,170,000 x \$0\.0000025\n", text
    )
    assert re.search(r"total +\$23\.72\n", text)


@pytest.mark.parametrize(
    "command_line", re.findall(r"^    offing edge cost (.+?) +# \$", PAGE.read_text(), re.MULTILINE)
)
def test_the_pages_command_lines_cost_what_it_says(
    command_line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    said = re.search(re.escape(command_line) + r" +# (\$[\d.]+)", PAGE.read_text())
    assert said is not None
    assert f"${price(*command_line.split())['total']:.2f}" == said[1]


@pytest.mark.parametrize(
    ("tail", "totals"), re.findall(r"^\| (\d+) s[^|]*\| (\$.+) \|$", PAGE.read_text(), re.MULTILINE)
)
def test_the_pages_table_by_type_and_sleep_is_so(tail: str, totals: str) -> None:
    kinds = ["standard-1", "standard-2", "standard-3", "standard-4"]
    asked = ["ocr", "--requests", "1000", "--sleep-after", f"{tail}s"]
    priced = [price(*asked, "--type", kind)["total"] for kind in kinds]
    assert [f"${total:.2f}" for total in priced] == totals.split(" | ")


def test_the_page_has_command_lines_and_a_table() -> None:
    assert PAGE.read_text().count("    offing edge cost ") == 16
    assert len(re.findall(r"^\| \d+ s", PAGE.read_text(), re.MULTILINE)) == 4


def test_the_page_shows_the_table_of_prices() -> None:
    assert ask("--prices").output in PAGE.read_text()


def test_ocr_for_a_thousand_isolated_requests_a_month_is_below_seven_dollars(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(ROOT)
    assert price("ocr", "--requests", "1000")["total"] <= 7
    assert price("ocr", "--requests", "1000", "--sleep-after", "30s")["total"] <= 5.5


def test_in_a_checkout_type_and_sleep_are_those_of_its_configuration(nowhere: Path) -> None:
    (nowhere / "wrangler.jsonc").write_text("""{
      "containers": [{ "class_name": "Ocr", "instance_type": "standard-4",
                       "image_vars": { "SERVICE": "ocr" } }],
      "durable_objects": { "bindings": [{ "name": "OCR", "class_name": "Ocr" }] },
      "vars": { "OCR_SLEEP_AFTER": "3m" } }""")
    priced = price("ocr", "--requests", "10")
    assert (priced["type"]["name"], priced["workload"]["sleep_after"]) == ("standard-4", 180)
    assert priced["source"] == "wrangler.jsonc"
    given = price("ocr", "--requests", "10", "--type", "basic", "--sleep-after", "1h")
    assert (given["type"]["name"], given["workload"]["sleep_after"]) == ("basic", 3600)
    other = price("insights", "--requests", "10")
    assert other["type"]["name"] == FIGURES["insights"].kind.name


@pytest.mark.parametrize("service", FIGURES)
def test_without_a_configuration_they_are_those_of_the_workers_own(service: str, nowhere: Path) -> None:
    del nowhere
    (deployment,) = deployments(read_file(ROOT / "worker" / "wrangler.jsonc"))
    (container,) = [each for each in deployment.containers if each.service == service]
    figures = FIGURES[service]
    assert container.kind == figures.kind
    assert seconds(deployment.variables[f"{container.binding}_SLEEP_AFTER"].value) == figures.sleep_after


def test_the_time_given_for_a_type_is_scaled_to_the_others(nowhere: Path) -> None:
    del nowhere
    asked = ["--type", "standard-3", "--requests", "10", "--seconds", "2", "--parallelism", "4"]
    priced = price(*asked, "--bursts", "1", "--goal", "1")
    assert {each["name"]: each["seconds"] for each in priced["types"]} == {
        "lite": 64, "basic": 16, "standard-1": 8, "standard-2": 4, "standard-3": 2, "standard-4": 1,
    }  # fmt: skip
    assert priced["cheapest"] == "standard-4"
    assert "within 1 s" in ask(*asked, "--bursts", "1", "--goal", "1").output
    assert "No type answers within 0.5 s" in ask(*asked, "--bursts", "1", "--goal", "0.5").output


def test_what_is_sent_to_a_region_is_summed(nowhere: Path) -> None:
    del nowhere
    priced = price(
        "--type",
        "lite",
        "--awake-hours",
        "1",
        *("--egress=na-eu=1000", "--egress=na-eu=100", "--egress=oceania=1"),
    )
    assert priced["workload"]["egress_gb"] == {"na-eu": 1100, "oceania": 1}
    assert priced["total"] == 7.5


def test_a_custom_type_is_given_by_its_numbers(nowhere: Path) -> None:
    del nowhere
    assert price("--type", "2:6:12", "--always")["type"] == {
        "name": "custom", "vcpu": 2, "memory_gib": 6, "disk_gb": 12,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ocr"], "Give --requests"),
        (["nothing", "--requests", "1"], "No service named 'nothing' is installed; there are insights, ocr"),
        (["--requests", "1"], "Name a service, or give --type"),
        (["--type", "lite", "--requests", "1"], "Give --seconds"),
        (["ocr", "--requests", "1", "--bursts", "2", "--always"], "Give one of"),
        (["--type", "lite", "--always", "--goal", "1"], "--goal needs the --seconds"),
        (["--type", "large", "--always"], "Write standard-3"),
        (["--type", "4:8:16", "--always"], "4 vCPU need 12288"),
        (["--type", "1:2", "--always"], "there is no type '1:2'"),
        (["--type", "lite", "--always", "--egress", "mars=1"], "'mars' is no region"),
        (["--type", "lite", "--always", "--egress", "na-eu"], "no number of GB"),
        (["ocr", "--requests", "1", "--sleep-after", "soon"], "write 30s, 2m or 1h"),
    ],
)
def test_what_is_missing_or_wrong_is_told(arguments: list[str], said: str, nowhere: Path) -> None:
    del nowhere
    result = ask(*arguments)
    assert result.exit_code == 2
    assert said in " ".join(result.output.split())


def test_more_work_than_time_is_told_with_what_helps(tmp_path: Path) -> None:
    ran = run("edge", "cost", "ocr", "--requests", "9000000", cwd=tmp_path)
    assert ran.returncode == 2
    assert b"do not fit" in ran.stderr
    assert b"more instances" in ran.stderr


def test_the_regions_are_those_that_have_a_price() -> None:
    assert set(REGIONS) == set(EGRESS)


def test_a_thousand_isolated_requests_of_ocr_cost_at_most_what_was_promised(nowhere: Path) -> None:
    del nowhere
    assert price("ocr", "--requests", "1000")["total"] <= 5.50


def test_what_keeping_one_warm_costs_is_told_beside_what_sleeping_does(nowhere: Path) -> None:
    del nowhere
    asleep = price("ocr", "--requests", "1000")
    awake = price("ocr", "--requests", "1000", "--always")
    assert asleep["kept_warm"] == awake["total"]
    assert awake["kept_warm"] is None
    more = awake["total"] - asleep["total"]
    assert (
        f"(KEEP_WARM): ${awake['total']:.2f}, which is ${more:.2f} more"
        in ask("ocr", "--requests", "1000").output
    )
    assert price("insights", "--requests", "20000000", "--instances", "9")["kept_warm"] is None


@pytest.mark.parametrize("service", FIGURES)
def test_every_service_was_measured(service: str, nowhere: Path) -> None:
    del nowhere
    priced = price(service, "--requests", "10", "--goal", "60")
    assert priced["cheapest"] is not None
    assert FIGURES[service].work in ask(service, "--requests", "10").output


def test_the_page_tells_what_each_type_costs_when_it_is_kept_warm() -> None:
    found = re.search(r"^\| lite \|(.+)\|\n\|[ |-]+\|\n\| (\$.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert found is not None
    kinds = ["lite", *(each.strip() for each in found[1].split("|"))]
    idle = Workload(requests=0, arrival=Arrival.ALWAYS)
    assert kinds == [*NAMED]
    assert found[2].split(" | ") == [f"${bill(idle, NAMED[kind]).total - 5:.2f}" for kind in kinds]
