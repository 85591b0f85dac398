"""The Worker and the Python services agree: on ports, classes, variables, and the words of problems."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from offing.edge.configuration import deployments, read_file
from offing.edge.deploy.secrets import KNOWN
from offing.kernel import problems as kernel
from offing.kernel.problems import Problem
from offing.kernel.service import Service, installed
from offing.kernel.settings import explain

ROOT = Path(__file__).parents[2]
WORKER = ROOT / "worker"
SOURCES = {file: file.read_text() for file in sorted((WORKER / "src").rglob("*.ts"))}
WORKER_CODE = "\n".join(SOURCES.values())
PYTHON_CODE = "\n".join(file.read_text() for file in sorted((ROOT / "src").rglob("*.py")))
SERVICES = list(installed().values())
(DEPLOYMENT,) = deployments(read_file(WORKER / "wrangler.jsonc"))

CLASS = re.compile(r"^export class (\w+) extends ServiceContainer \{(.*?)^\}", re.MULTILINE | re.DOTALL)
CONSTANT = re.compile(r'^(?:export )?const (\w+) = "([^"]*)";$', re.MULTILINE)
PROBLEM = re.compile(r'code: "([a-z-]+)",\s+status: (\d+),\s+detail: ([^\n]+),\s+remedy: ([^\n]+),')
INTERNAL = re.compile(r"\bX-Offing-\w+(?:-\w+)*", re.IGNORECASE)
SAID_ANEW = {
    "bad-request": "the Worker knows how the body broke off, and /docs does not help",
    "upstream-failed": "a backend of the deployer's own is tried again, where a hub has failed for good",
}
"""Codes of which the Worker says something else than the services do, with why."""


def classes() -> dict[str, str]:
    """The body of each class of containers in the Worker, by its name."""
    return dict(CLASS.findall(SOURCES[WORKER / "src" / "container.ts"]))


def problems() -> list[tuple[str, int, str, str]]:
    """Code, status, detail and remedy of every problem that the Worker spells out."""
    constants: dict[str, str] = dict(CONSTANT.findall(WORKER_CODE))

    def text(written: str) -> str:
        return constants.get(written, written[1:-1] if written.startswith('"') else "")

    return [
        (code, int(status), text(detail), text(remedy))
        for code, status, detail, remedy in PROBLEM.findall(WORKER_CODE)
    ]


def statuses(kind: type[Problem] = Problem) -> dict[str, set[int]]:
    """The statuses of each code that Python knows."""
    found: dict[str, set[int]] = {kind.code: {kind.status}}
    for below in kind.__subclasses__():
        for code, those in statuses(below).items():
            found.setdefault(code, set()).update(those)
    return found


def own_class(service: Service) -> str:
    """The class of a service's containers, as wrangler.jsonc has it."""
    (container,) = [each for each in DEPLOYMENT.containers if each.service == service.name]
    return container.class_name


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_service_has_its_class_its_binding_and_its_migration(service: Service) -> None:
    assert own_class(service) == service.name.capitalize()
    assert f'service = "{service.name}"' in classes()[own_class(service)]
    (binding,) = [each for each in DEPLOYMENT.bindings if each.text("class_name") == own_class(service)]
    assert binding.text("name") == service.name.upper()
    created = [name.value for each in DEPLOYMENT.inherited("migrations").items()
               for name in each.members()["new_sqlite_classes"].items()]  # fmt: skip
    assert created.count(own_class(service)) == 1


def test_every_class_of_containers_is_a_services() -> None:
    assert set(classes()) == {own_class(service) for service in SERVICES}


def test_every_bound_class_is_exported_by_the_worker() -> None:
    entry = SOURCES[WORKER / "src" / "index.ts"]
    exported = set(re.findall(r"\w+", " ".join(re.findall(r"^export \{([^}]*)\}", entry, re.MULTILINE))))
    assert {each.text("class_name") for each in DEPLOYMENT.bindings} <= exported


def test_the_worker_asks_the_port_on_which_the_images_listen() -> None:
    (asked,) = re.findall(r"^(?:export )?const PORT = (\d+);", WORKER_CODE, re.MULTILINE)
    dockerfile = (ROOT / "Dockerfile").read_text()
    listening = re.findall(r'^CMD \[.*"--port", "(\d+)"\]$', dockerfile, re.MULTILINE)
    assert listening == [asked] * len(SERVICES)
    assert re.findall(r"^EXPOSE (\d+)$", dockerfile, re.MULTILINE) == [asked]


def test_the_worker_asks_probes_that_every_service_has() -> None:
    assert 'pingEndpoint = "container/livez"' in WORKER_CODE
    assert 'fetch("http://container/readyz")' in WORKER_CODE
    from offing.kernel.app import App
    from offing.kernel.server_settings import ServerSettings

    app = App(SERVICES[:1], ServerSettings(), lambda _: ())
    assert {"/livez", "/readyz"} <= {operation.path for operation in app.operations}


@pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.name)
def test_a_container_is_given_what_its_service_knows_by_another_name_and_nothing_else(
    service: Service,
) -> None:
    listed = re.search(r"aliases = \[(.*?)\];", classes()[own_class(service)], re.DOTALL)
    passed = set(re.findall(r'"(\w+)"', listed[1])) if listed else set()
    known = {name for each in explain(service.settings, service.env_prefix, {}) for name in each.aliases}
    assert passed == known


def test_every_variable_of_the_configuration_is_declared_in_the_worker_or_a_setting() -> None:
    declared = SOURCES[WORKER / "src" / "env.d.ts"]
    for name in DEPLOYMENT.variables:
        service, _, part = name.partition("_")
        is_declared = re.search(rf"\b{name}\??:", declared) or (
            # A template of names stands for those of every service.
            f'"{service}"' in declared and part and all(each in declared for each in part.split("_"))
        )
        assert is_declared or name.startswith("OFFING_"), name


def test_every_known_secret_is_documented() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    assert [name for name in KNOWN if f"wrangler secret put {name}" not in page] == []


def test_the_worker_spells_problems_out() -> None:
    assert len(problems()) >= 10


@pytest.mark.parametrize("problem", problems(), ids=lambda problem: str(problem[0]))
def test_a_problem_that_both_know_has_one_status(problem: tuple[str, int, str, str]) -> None:
    code, status, *_ = problem
    known = statuses()
    assert "not-ready" in known
    assert code in SAID_ANEW or status in known.get(code, {status})


@pytest.mark.parametrize("problem", kernel.Problem.__subclasses__(), ids=lambda problem: str(problem.code))
def test_the_worker_tells_of_the_kernels_problems_in_its_words(problem: type[Problem]) -> None:
    for code, _, detail, remedy in problems():
        if code == problem.code and problem.__module__ == kernel.__name__ and code not in SAID_ANEW:
            assert (detail, remedy) == (problem.text, problem.remedy)


def test_what_is_said_anew_is_said() -> None:
    assert set(SAID_ANEW) <= {code for code, *_ in problems()}


def test_what_the_two_tell_each_other_in_headers_is_written_down() -> None:
    page = (ROOT / "docs" / "deploy.md").read_text()
    section = page[page.index("## The Worker and the version before") :].partition("\n## ")[0]
    told = {name.lower() for name in re.findall(r"^\| `(X-Offing-[\w-]+)` \|", section, re.MULTILINE)}
    both = {name.lower() for name in INTERNAL.findall(WORKER_CODE)} & {
        name.lower() for name in INTERNAL.findall(PYTHON_CODE)
    }
    assert told == both
