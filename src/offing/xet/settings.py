"""Settings of Xet downloads; the names that Hugging Face's own tools know are aliases."""

from __future__ import annotations

from typing import Annotated

import msgspec

from offing.kernel.settings import meaning
from offing.xet.engine.repository import PUBLIC_HUB

GIGABYTE = 1024**3


class XetSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where files come from, who may have them, and what is kept of them."""

    endpoint: Annotated[
        str,
        meaning("Address of the hub that files come from; it may be a mirror.", aliases=("HF_ENDPOINT",)),
    ] = PUBLIC_HUB
    token: Annotated[
        str,
        meaning(
            "The hub's token for commands; for requests without one only where share_token allows it.",
            aliases=("HF_TOKEN",),
            secret=True,
        ),
    ] = ""
    share_token: Annotated[
        bool,
        meaning("Whether requests that bring no token may read what this service's own token may read."),
    ] = False
    stores: Annotated[
        tuple[str, ...],
        meaning("Content stores (https://host) that may be at private addresses; others must be public."),
    ] = ()
    memory: Annotated[
        int, meaning("Bytes that all streams together may hold in memory.", ge=32 * 1024 * 1024)
    ] = 320 * 1024 * 1024
    streams: Annotated[int, meaning("Downloads served at once; beyond it they get 503.", ge=1)] = 64
    stall_seconds: Annotated[
        float, meaning("Time without a byte after which a connection to the hub is given up.", gt=0)
    ] = 30.0
    patience_seconds: Annotated[
        float, meaning("Time without a byte, all retries included, after which a download fails.", gt=0)
    ] = 120.0
    cache_dir: Annotated[str, meaning("Folder of verified files; empty for ~/.cache/offing/xet.")] = ""
    cache_bytes: Annotated[int, meaning("Bytes that the cache may take on disk; 0 keeps nothing.", ge=0)] = (
        10 * GIGABYTE
    )
    bucket: Annotated[
        str,
        meaning(
            "Second tier of the cache: s3://bucket/prefix in any S3-compatible store; empty for none.",
            pattern=r"^(s3://[A-Za-z0-9][A-Za-z0-9._-]{1,62}(/[!-~]*)?)?$",
        ),
    ] = ""
    bucket_endpoint: Annotated[
        str,
        meaning(
            "Address of the bucket's store, where it is not Amazon's; plain http:// is taken at its word.",
            aliases=("AWS_ENDPOINT_URL",),
            pattern=r"^(https?://[!-~]+)?$",
        ),
    ] = ""
    bucket_region: Annotated[
        str,
        meaning("Region of the bucket; auto where the store has none.", aliases=("AWS_REGION",)),
    ] = "auto"
    bucket_key: Annotated[
        str, meaning("The bucket's access key.", aliases=("AWS_ACCESS_KEY_ID",), secret=True)
    ] = ""
    bucket_secret: Annotated[
        str, meaning("The bucket's secret.", aliases=("AWS_SECRET_ACCESS_KEY",), secret=True)
    ] = ""
    offline: Annotated[
        bool,
        meaning(
            "Serve what is cached and ask nobody: each file to those tokens that had it before.",
            aliases=("HF_HUB_OFFLINE",),
        ),
    ] = False
