"""Settings of jobs."""

from __future__ import annotations

from typing import Annotated

import msgspec

from offing.kernel.settings import meaning

PREFIX = "OFFING_JOBS_"


class JobsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where jobs are kept, how many, and for how long."""

    dir: Annotated[
        str, meaning("Folder of jobs, with their bodies and results; empty for ~/.local/state/offing/jobs.")
    ] = ""
    max: Annotated[int, meaning("Jobs that may wait or run; beyond it 503.", ge=1)] = 1000
    bytes: Annotated[
        int, meaning("Bytes that bodies and results may take on disk; beyond it 503.", ge=1024 * 1024)
    ] = 2 * 1024**3
    at_once: Annotated[int, meaning("Jobs that run at once; requests take turns with them.", ge=1)] = 2
    seconds: Annotated[
        float, meaning("Longest time of one attempt, in seconds; beyond it the job is tried again.", gt=0)
    ] = 3600.0
    keep_seconds: Annotated[
        float,
        meaning("How long a finished job is kept, and one that never finishes, in seconds.", gt=0),
    ] = 86400.0
    webhook_key: Annotated[
        str,
        meaning(
            "Key that webhooks are signed with, as `whsec_` and base64 of 24 to 64 bytes; empty for no "
            "webhooks.",
            pattern=r"^(whsec_[A-Za-z0-9+/]{32,86}={0,2})?$",
            secret=True,
        ),
    ] = ""
