"""What the figures were taken on, and with what."""

from __future__ import annotations

from pathlib import Path

from bench.insights import environment
from bench.ocr import peers

INSTRUCTIONS = (
    "avx2",
    "avx512f",
    "avx_vnni",
    "avx512_vnni",
    "avx512_bf16",
    "amx_tile",
    "amx_bf16",
    "amx_int8",
)
"""Instruction sets that decide how fast inference is, as Linux names them."""
OURS = (
    "offing",
    "openvino",
    "onnxruntime",
    "numpy",
    "opencv-python-headless",
    "pillow",
    "uvicorn",
    "starlette",
)


def processor_flags(cpuinfo: str) -> list[str]:
    """Which of the instruction sets the processor has, from the text of ``/proc/cpuinfo``."""
    flags = next((line for line in cpuinfo.splitlines() if line.startswith("flags")), "")
    has = set(flags.partition(":")[2].split())
    return [each for each in INSTRUCTIONS if each in has]


def machine() -> str:
    """The processor with its instruction sets, memory and kernel."""
    has = processor_flags(Path("/proc/cpuinfo").read_text())
    without = [] if any(each.startswith("amx") for each in has) else ["no AMX"]
    return f"{environment.machine()}; {', '.join(has + without)}"


def versions(python: str, folder: Path) -> dict[str, str]:
    """The versions of ours and of every peer."""
    return {"offing": peers.installed(Path(python), OURS), **peers.versions(folder)}
