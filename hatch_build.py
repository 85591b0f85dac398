"""Builds the C of image insights and of Xet where a C compiler is at hand; without one, Python does its work.

``OFFING_NATIVE=0`` leaves it out, ``OFFING_NATIVE=1`` makes its lack an error: an image or a wheel is
then never slower than it says.
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCES = {
    Path("src/offing/xet/engine/unpack.c"): None,
    Path("src/offing/xet/engine/parents.c"): None,
    Path("src/offing/insights/engine/lanczos.c"): {"x86_64", "AMD64"},
}
"""What is C, and for which processors; None for any. AVX2 code has Pillow's own in its place elsewhere."""
OPTIONS = ("-O3", "-std=c11", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off", "-fPIC", "-shared")


class NativeCode(BuildHookInterface[Any]):
    """Compiles into the source tree: an editable installation finds it there, a wheel takes it along."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and make the wheel one for this platform; or leave it one for any."""
        del version
        wanted = os.environ.get("OFFING_NATIVE", "")
        for path, processors in SOURCES.items():
            source = Path(self.root) / path
            library = source.with_name(f"lib{source.stem}.so")
            if wanted == "0" or (processors and platform.machine() not in processors):
                library.unlink(missing_ok=True)
            elif _compiled(source, library):
                build_data["artifacts"].append(f"/{library.relative_to(self.root)}")
                build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
                build_data["pure_python"] = False
            elif wanted == "1":
                raise SystemExit("OFFING_NATIVE=1 needs a C compiler (Debian: gcc libc6-dev); none works.")
            else:
                library.unlink(missing_ok=True)  # of an earlier source
                self.app.display_info(f"No C compiler works: what {source.name} does takes longer.")


def _compiled(source: Path, library: Path) -> bool:
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        return False
    made = library.with_suffix(f".{os.getpid()}.so")  # a server may be using the one that is there
    command = [*compiler.split(), *OPTIONS, "-o", str(made), str(source), "-lm"]
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    except (OSError, subprocess.SubprocessError):
        made.unlink(missing_ok=True)
        return False
    made.replace(library)
    return True
