"""The arithmetic is chosen by what the processor has."""

from __future__ import annotations

from pathlib import Path

import pytest

from offing.ocr.engine.precision import Precision, best, processor_flags

SAPPHIRE_RAPIDS = "avx2 avx512f avx512_vnni avx512_bf16 amx_bf16 amx_int8 amx_tile"
GENOA = "avx2 avx512f avx512_vnni avx512_bf16"
ALDER_LAKE = "avx2 avx_vnni"
COOPER_LAKE_WITHOUT_VNNI = "avx2 avx512f avx512_bf16"
MILAN = "avx2"


@pytest.mark.parametrize(
    ("flags", "precision"),
    [
        (SAPPHIRE_RAPIDS, "bf16"),
        (GENOA, "int8"),
        (ALDER_LAKE, "int8"),
        (COOPER_LAKE_WITHOUT_VNNI, "bf16"),
        (MILAN, "f32"),
        ("", "f32"),
    ],
)
def test_a_processor_gets_the_arithmetic_that_it_is_fastest_with(flags: str, precision: Precision) -> None:
    assert best(frozenset(flags.split())) == precision


def test_flags_are_read_as_linux_tells_them(tmp_path: Path) -> None:
    file = tmp_path / "cpuinfo"
    file.write_text(f"processor\t: 0\nflags\t\t: {GENOA}\nbugs\t\t: none\n\nprocessor\t: 1\nflags\t\t: fpu\n")
    assert processor_flags(file) == frozenset(GENOA.split())


def test_where_nothing_is_told_there_are_no_flags(tmp_path: Path) -> None:
    assert processor_flags(tmp_path / "missing") == frozenset()
    (tmp_path / "other").write_text("Processor: something else\n")
    assert processor_flags(tmp_path / "other") == frozenset()
