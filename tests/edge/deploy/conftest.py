"""A program in wrangler's place that notes what it is asked, and answers as a file tells it to."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from offing.edge.deploy.wrangler import Wrangler

PROGRAM = f"""#!{sys.executable}
import json, pathlib, sys
folder = pathlib.Path(__file__).parent
asked = sys.argv[1:]
configured = asked[asked.index("--config") + 1] if "--config" in asked else None
seen = json.loads(pathlib.Path(configured).read_text()) if configured == ".wrangler.part.json" else None
with (folder / "asked").open("a") as notes:
    notes.write(json.dumps([asked, seen]) + "\\n")
answers = json.loads((folder / "answers").read_text())
code, out, error = next((each[1] for each in answers if " ".join(asked).startswith(each[0])), [0, "", ""])
sys.stdout.write(out)
sys.stderr.write(error)
sys.exit(code)
"""
NOT_LOGGED_IN = (
    1,
    "",
    "✘ [ERROR] it's necessary to set a CLOUDFLARE_API_TOKEN environment variable.\n\nMore.\n",
)


@dataclass(frozen=True)
class StandIn:
    """What a command has asked wrangler for."""

    folder: Path

    def answers(self, *answers: tuple[str, tuple[int, str, str]]) -> None:
        """Have it answer what begins so with an exit code and what it prints; all else well."""
        (self.folder / "answers").write_text(json.dumps(answers))

    @property
    def asked(self) -> list[str]:
        """Every command line, in order."""
        return [" ".join(arguments) for arguments, _ in self._notes]

    @property
    def documents(self) -> list[dict[str, object]]:
        """The partial configurations that it was handed."""
        return [document for _, document in self._notes if document is not None]

    @property
    def _notes(self) -> list[tuple[list[str], dict[str, object] | None]]:
        file = self.folder / "asked"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@pytest.fixture
def stand_in(tmp_path: Path) -> StandIn:
    """The program in a folder of its own."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "wrangler"
    program.write_text(PROGRAM)
    program.chmod(0o755)
    found = StandIn(folder)
    found.answers()
    return found


@pytest.fixture
def wrangler(stand_in: StandIn, tmp_path: Path) -> Wrangler:
    """Wrangler as the commands know it."""
    return Wrangler(str(stand_in.folder / "wrangler"), tmp_path)
