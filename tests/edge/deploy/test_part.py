"""A part of the services as wrangler is handed it."""

from __future__ import annotations

from pathlib import Path

import pytest

from offing.edge.check import check
from offing.edge.configuration import deployments, read_file
from offing.edge.deploy.part import FILE, NoSuchPart, part, written
from offing.edge.jsonc import read

OWN = Path(__file__).parents[3] / "worker" / "wrangler.jsonc"


def test_it_has_the_containers_of_the_named_services_alone_and_tells_the_worker() -> None:
    (whole,) = deployments(read_file(OWN))
    document = part(whole, ["ocr", "xet"])
    assert [each["class_name"] for each in document["containers"]] == ["Ocr", "Xet"]
    assert document["vars"]["SERVICES"] == "ocr xet"


def test_all_else_stays_as_it_is() -> None:
    (whole,) = deployments(read_file(OWN))
    document = part(whole, ["ocr"])
    everything = part(whole, ["insights", "ocr", "xet"])
    assert document["durable_objects"] == everything["durable_objects"]
    assert document["migrations"] == everything["migrations"]
    assert document["main"] == everything["main"] == "src/index.ts"


def test_only_services_that_are_deployed_are_kept_warm() -> None:
    text = """{ "containers": [{ "class_name": "Ocr", "image_vars": { "SERVICE": "ocr" } }],
                "vars": { "KEEP_WARM": "ocr, xet" } }"""
    assert part(deployments(read(text))[0], ["ocr"])["vars"] == {"KEEP_WARM": "ocr", "SERVICES": "ocr"}


def test_a_service_without_a_container_is_refused() -> None:
    with pytest.raises(NoSuchPart, match="no container for 'fourth'; it has insights, ocr, xet"):
        part(deployments(read_file(OWN))[0], ["fourth"])


def test_it_stands_beside_the_configuration_while_it_is_needed(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), written({"name": "a"}, tmp_path) as file:  # noqa: PT012
        assert file == tmp_path / FILE
        assert read_file(file).text("name") == "a"
        raise RuntimeError
    assert not file.exists()


def test_a_part_of_the_workers_own_configuration_is_sound(tmp_path: Path) -> None:
    document = part(deployments(read_file(OWN))[0], ["insights"])
    with written(document, tmp_path) as file:
        found = check(read_file(file), OWN.parent, ["insights"], [])
    assert [each.wrong for each in found if "is no setting" not in each.wrong] == []
