"""Images are held against the disks of their instances, by what a Docker engine says."""

from __future__ import annotations

from pathlib import Path

import pytest

from offing.edge.check.built import check_sizes
from offing.edge.configuration import deployments
from offing.edge.jsonc import read
from tests.edge.check.conftest import SOUND

GIGABYTE = 1000**3


def engine(folder: Path, ocr: int | None = None, *, answers: bool = True) -> str:
    """A program that says what Docker would of an engine with one image, or none."""
    program = folder / "engine"
    inspect = f'[ "$5" = offing-ocr:local ] && echo {ocr}' if ocr is not None else "exit 1"
    version = "echo 29.0" if answers else "exit 1"
    program.write_text(f'#!/bin/sh\ncase "$1" in version) {version} ;; image) {inspect} ;; esac\n')
    program.chmod(0o755)
    return str(program)


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WRANGLER_DOCKER_BIN", str(tmp_path / "engine"))


def test_an_image_that_fits_is_told_with_its_size(tmp_path: Path) -> None:
    engine(tmp_path, 851_000_000)
    sizes = check_sizes(deployments(read(SOUND)))
    assert sizes.findings == ()
    assert sizes.fitting == ("offing-ocr:local is 0.85 GB, its disk 12 GB",)
    assert sizes.left_out == (
        "the size of registry.cloudflare.com/account/xet:1: the engine here doesn't have it",
    )


@pytest.mark.parametrize(("size", "fits"), [(12 * GIGABYTE, True), (12 * GIGABYTE + 1, False)])
def test_an_image_larger_than_the_disk_is_found(tmp_path: Path, size: int, fits: bool) -> None:  # noqa: FBT001
    engine(tmp_path, size)
    findings = check_sizes(deployments(read(SOUND))).findings
    assert [each.path for each in findings] == ([] if fits else ["containers[0]"])


def test_an_image_that_was_not_built_is_left_out_with_how_to_build_it(tmp_path: Path) -> None:
    engine(tmp_path)
    assert "the size of offing-ocr:local: `make image SERVICE=ocr` builds it" in (
        check_sizes(deployments(read(SOUND))).left_out
    )


def test_without_an_engine_the_sizes_are_left_out(tmp_path: Path) -> None:
    (missing,) = check_sizes(deployments(read(SOUND))).left_out
    assert missing.endswith("is not installed")
    engine(tmp_path, answers=False)
    assert check_sizes(deployments(read(SOUND))).left_out == (
        "image sizes: the Docker engine does not answer",
    )
