"""Services are found by their entry points, and paths by their services."""

from __future__ import annotations

import subprocess
import sys

import pytest
from msgspec.structs import replace

from offing.kernel.service import NotInstalled, chosen, installed, owner_of
from tests.kernel.probe.service import service

SERVICES = {"probe": service}
FILES = {
    "files": replace(service, name="files", prefixes=("/files",), patterns=(r"/[^/]+/raw/.+",))
} | SERVICES


def test_installed_services_come_by_name_and_in_order() -> None:
    found = installed()
    assert list(found) == sorted(found)
    assert all(each.name == name for name, each in found.items())
    assert "insights" in found


def test_without_names_all_are_chosen_and_with_names_those_in_their_order() -> None:
    assert chosen([]) == list(installed().values())
    assert [each.name for each in chosen(["insights"])] == ["insights"]


def test_a_service_that_is_named_is_the_one_that_is_installed() -> None:
    for name, record in installed().items():
        assert chosen([name]) == [record]


@pytest.mark.parametrize("name", ["nowhere", "kernel", "edge", "__main__", "", "..", "xet.service", "a/b"])
def test_a_name_that_is_not_installed_is_told(name: str) -> None:
    with pytest.raises(NotInstalled, match="is installed") as caught:
        chosen(["insights", name])
    assert caught.value.exit_code == 2


def test_a_named_service_is_found_without_a_look_at_all_that_is_installed() -> None:
    # Which would be a tenth of a server's start.
    looks = "'importlib.metadata' in sys.modules, 'offing.xet.service' in sys.modules"
    code = f"import sys; from offing.kernel.service import chosen; chosen(['insights']); print({looks})"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "False"]


@pytest.mark.parametrize(
    ("path", "owner"),
    [("/probe", "probe"), ("/probe/x/y", "probe"), ("/probex", ""), ("/", ""), ("", ""), ("/x/probe", "")],
)
def test_a_path_belongs_to_the_service_of_its_prefix(path: str, owner: str) -> None:
    assert owner_of(path, SERVICES) == owner


@pytest.mark.parametrize(
    ("path", "owner"),
    [
        ("/files/x", "files"),
        ("/a/raw/b/c", "files"),
        ("/a/raw/", ""),
        ("/a/b/raw/c", ""),
        ("/x/a/raw/b", ""),
        ("/a/raw/b\nc", ""),
        ("/probe/raw/x", "probe"),
    ],
)
def test_a_path_belongs_to_the_service_whose_pattern_it_is_as_a_whole_unless_a_prefix_tells(
    path: str, owner: str
) -> None:
    assert owner_of(path, FILES) == owner


def test_the_variables_of_a_service_begin_with_its_name() -> None:
    assert service.env_prefix == "OFFING_PROBE_"
