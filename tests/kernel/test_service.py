"""Services are found by their entry points, and paths by their services."""

from __future__ import annotations

from dataclasses import replace

import pytest

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


def test_a_name_that_is_not_installed_is_told() -> None:
    with pytest.raises(NotInstalled, match="'nowhere'") as caught:
        chosen(["insights", "nowhere"])
    assert caught.value.exit_code == 2


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
