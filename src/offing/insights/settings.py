"""Settings of image insights; the names that its users know from elsewhere are aliases."""

from __future__ import annotations

from typing import Annotated

import msgspec

from offing.insights.engine.options import Format
from offing.kernel.settings import meaning


class InsightsSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What one service may take, hold and spend."""

    formats: Annotated[
        tuple[Format, ...],
        meaning(
            "Formats that are opened: JPEG, PNG, WEBP, AVIF, GIF, TIFF, HEIF (needs offing[heif]).",
            min_length=1,
        ),
    ] = ("JPEG", "PNG")
    max_bytes: Annotated[int, meaning("Largest file, in bytes.", aliases=("MAX_FILE_SIZE",), ge=1)] = (
        5 * 1024 * 1024
    )
    max_pixels: Annotated[int, meaning("Most pixels that are decoded, width times height.", ge=1)] = (
        32_000_000
    )
    max_scans: Annotated[int, meaning("Most scans of a JPEG that are decoded.", ge=1)] = 64
    workers: Annotated[
        int,
        meaning(
            "Large images decoded at once; 0 for one a processor. One worker more takes small ones.", ge=0
        ),
    ] = 0
    queue: Annotated[int, meaning("Requests that may wait for a worker; beyond it they get 503.", ge=0)] = 64
    worker_memory: Annotated[
        int, meaning("Private memory of a worker process, in bytes.", ge=96 * 1024**2)
    ] = 320 * 1024 * 1024
    processor_seconds: Annotated[
        float, meaning("Processor time that one image may take, in seconds; beyond it 400.", gt=0)
    ] = 2.5
    cache_entries: Annotated[
        int, meaning("Answers kept; 0 keeps none.", aliases=("CACHE_MAX_SIZE",), ge=0)
    ] = 512
    cache_seconds: Annotated[
        float, meaning("How long an answer is kept, in seconds.", aliases=("CACHE_TTL_SECONDS",), ge=0)
    ] = 86_400
    fetch_seconds: Annotated[
        float,
        meaning(
            "Time for fetching a URL, redirects and all, in seconds.", aliases=("REQUEST_TIMEOUT",), gt=0
        ),
    ] = 2.0
