"""What a document may take."""

from __future__ import annotations

from typing import Annotated

import msgspec


class DocumentLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of one document and of the workers that decode them.

    A worker's largest job is a progressive JPEG without subsampling: 6 bytes a pixel of coefficients and
    4 of decoded picture, 500 MB at 50 million pixels, beside some 60 MB of program. What it hands over
    lies in shared memory, 3 bytes a pixel, which ``worker_memory`` does not count.
    """

    max_pixels: Annotated[int, msgspec.Meta(ge=1)] = 50_000_000
    """Most pixels of an image or a rendered page: a phone's 48 megapixels, or A4 at 600 dpi."""
    max_scans: Annotated[int, msgspec.Meta(ge=1)] = 64
    """Most scans of a JPEG: each goes over the whole picture, and real files have about a dozen."""
    max_pages: Annotated[int, msgspec.Meta(ge=1)] = 500
    dpi: Annotated[int, msgspec.Meta(ge=36, le=1200)] = 200
    """Resolution at which PDF pages are rendered; small pages get up to twice as much."""
    worker_memory: Annotated[int, msgspec.Meta(ge=96 * 1024**2)] = 640 * 1024**2
    """Private memory of a worker process, in bytes."""
    processor_seconds: Annotated[float, msgspec.Meta(gt=0)] = 10.0
    """Processor time that opening a document, or one of its pages, may take."""
    workers: Annotated[int, msgspec.Meta(ge=0)] = 0
    """Pages decoded at once; 0 for one a processor. One worker more takes small images."""
    queue: Annotated[int, msgspec.Meta(ge=1)] = 64
    """Documents that may be open at once; beyond it :class:`~offing.kernel.problems.Overloaded`."""
