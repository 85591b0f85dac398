"""What a configuration says of its containers."""

from __future__ import annotations

from pathlib import Path

import pytest

from offing.edge.configuration import deployments, read_file, seconds, usual_place
from offing.edge.jsonc import Unreadable, read


@pytest.mark.parametrize(
    ("given", "meant"),
    [("30s", 30), ("2m", 120), ("1h", 3600), (45, 45), (1.5, 1.5), ("30", None), ("", None), (True, None),
     (None, None), ("-1s", None), ("1 h", None), ("٣s", None)],
)  # fmt: skip
def test_a_time_to_sleep_is_read_as_the_platforms_library_reads_it(
    given: object, meant: float | None
) -> None:
    assert seconds(given) == meant


def test_a_container_knows_its_service_its_type_and_what_the_worker_calls_its_class() -> None:
    (deployment,) = deployments(
        read("""{
          "containers": [{ "class_name": "Reader", "image_vars": { "SERVICE": "ocr" },
                           "instance_type": { "vcpu": 2, "memory_mib": 6144, "disk_mb": 9000 } }],
          "durable_objects": { "bindings": [{ "name": "READER", "class_name": "Reader" }] } }""")
    )
    (container,) = deployment.containers
    assert (container.service, container.class_name, container.binding) == ("ocr", "Reader", "READER")
    assert container.kind is not None
    assert container.kind.size == "2 vCPU, 6 GiB, 9 GB"


def test_a_checkout_is_known_from_its_root_and_from_its_worker(tmp_path: Path) -> None:
    assert usual_place(tmp_path) is None
    file = tmp_path / "worker" / "wrangler.jsonc"
    file.parent.mkdir()
    file.write_text("{}")
    assert usual_place(tmp_path) == file
    assert usual_place(file.parent) == file


def test_a_file_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="can't be opened"):
        read_file(tmp_path / "nothing.jsonc")
    (tmp_path / "latin.jsonc").write_bytes(b'"\xe9"')
    with pytest.raises(Unreadable, match="UTF-8"):
        read_file(tmp_path / "latin.jsonc")
    (tmp_path / "broken.jsonc").write_text("{")
    with pytest.raises(Unreadable, match=r"broken\.jsonc: Line 1: "):
        read_file(tmp_path / "broken.jsonc")
