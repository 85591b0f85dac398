"""Wrangler as a program that is asked, and what to do where it fails."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from offing.kernel.problems import Problem
from offing.kernel.settings import environment

ASK_SECONDS = 120
QUIET = {"WRANGLER_HIDE_BANNER": "true", "WRANGLER_SEND_METRICS": "false", "NO_COLOR": "1"}
MISSING = re.compile(r"does not exist|not found|code: 100(06|07|90)\b", re.IGNORECASE)
"""What the platform says of a Worker, a bucket or a queue that is not there."""
_LOG_IN = "Run `npx wrangler login` in worker/, or set CLOUDFLARE_API_TOKEN."
REMEDIES = (
    (r"CLOUDFLARE_API_TOKEN|not (logged in|authenticated)|code: 10000\b", _LOG_IN),
    (
        r"more than one account|CLOUDFLARE_ACCOUNT_ID",
        "Set CLOUDFLARE_ACCOUNT_ID: `npx wrangler whoami` lists yours.",
    ),
    (r"paid plan|upgrade|unauthorized to (access|use)", "Containers and queues need the Workers Paid plan."),
    (r"docker", "Start Docker, which builds the images; or name others in WRANGLER_DOCKER_BIN."),
    (
        r"ENOTFOUND|ECONNREFUSED|fetch failed|timed out",
        "Check the network: api.cloudflare.com must be reachable.",
    ),
)
"""What wrangler says, and what helps."""
USUAL_REMEDY = "Wrangler's own words tell why; `offing edge check` looks at the configuration."


class WranglerFailed(Problem):
    """Wrangler could not do what it was asked."""

    code = "wrangler-failed"
    text = "Wrangler failed."
    remedy = USUAL_REMEDY
    exit_code = 3


@dataclass(frozen=True)
class Told:
    """What wrangler answered."""

    code: int
    """Its exit code."""
    out: str
    error: str

    @property
    def is_missing(self) -> bool:
        """Whether it says that what was asked for is not there."""
        return self.code != 0 and MISSING.search(self.out + self.error) is not None

    @property
    def complaint(self) -> str:
        """What it says of its failure: the first paragraph, without marks and colours."""
        said = re.sub(r"\x1b\[[0-9;]*m", "", self.error.strip() or self.out.strip())
        _, marked, error = said.partition("[ERROR]")
        return (error if marked else said).strip().partition("\n\n")[0].strip()

    @property
    def remedy(self) -> str:
        """What helps against its failure."""
        return remedy_of(self.out + self.error)


def remedy_of(said: str) -> str:
    """What helps against a failure that wrangler tells."""
    return next(
        (remedy for pattern, remedy in REMEDIES if re.search(pattern, said, re.IGNORECASE)), USUAL_REMEDY
    )


@dataclass(frozen=True)
class Wrangler:
    """The program, for one configuration."""

    program: str
    folder: Path
    """The configuration's; wrangler runs there."""

    def ask(self, *arguments: str) -> Told:
        """What it answers, without a question to the user. Raises :class:`WranglerFailed` where it hangs."""
        try:
            done = subprocess.run(  # noqa: S603  the program of the user's own path
                [self.program, *arguments],
                cwd=self.folder, env=self._environment, stdin=subprocess.DEVNULL,
                capture_output=True, text=True, errors="replace", timeout=ASK_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise WranglerFailed(
                f"`wrangler {arguments[0]}` gave no answer in {ASK_SECONDS} s.", remedy="Check the network."
            ) from None
        return Told(done.returncode, done.stdout, done.stderr)

    def run(self, *arguments: str) -> int:
        """Its exit code; it talks to the user itself."""
        return subprocess.run(  # noqa: S603  likewise
            [self.program, *arguments], cwd=self.folder, env=self._environment, check=False
        ).returncode

    @property
    def _environment(self) -> dict[str, str]:
        given = dict(environment())
        # Node comes with the Worker's own packages where the machine has none, or an older one.
        return {**given, **QUIET, "PATH": f"{self.folder / 'node_modules' / '.bin'}:{given.get('PATH', '')}"}


def find(folder: Path) -> Wrangler:
    """The wrangler of a configuration's folder, or of the path. Raises :class:`WranglerFailed`."""
    own = folder / "node_modules" / ".bin" / "wrangler"
    program = str(own.resolve()) if own.exists() else shutil.which("wrangler")
    if program is None:
        raise WranglerFailed("Wrangler is not installed.", remedy=f"Run `npm ci` in {folder}.")
    return Wrangler(program, folder.resolve())
