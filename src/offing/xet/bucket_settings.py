"""The bucket that the settings name."""

from __future__ import annotations

from dataclasses import dataclass

from offing.xet.engine.cache.bucket import Bucket, connect
from offing.xet.settings import XetSettings

AMAZON = "https://s3.{}.amazonaws.com"
AMAZONS_OWN = "us-east-1"
"""The region where the setting names none."""


@dataclass(frozen=True)
class BucketAddress:
    """Where a bucket is."""

    name: str
    prefix: str
    """Before the names of all objects, without slashes at its ends."""
    endpoint: str
    region: str


def address_of(settings: XetSettings) -> BucketAddress:
    """Where the bucket that is named is: at Amazon's, unless another store is named."""
    name, _, prefix = settings.bucket.removeprefix("s3://").partition("/")
    region, endpoint = settings.bucket_region, settings.bucket_endpoint
    if not endpoint:
        region = AMAZONS_OWN if region == "auto" else region
        endpoint = AMAZON.format(region)
    return BucketAddress(name, prefix.strip("/"), endpoint.rstrip("/"), region)


def bucket_of(settings: XetSettings) -> Bucket | None:
    """The bucket, not asked anything yet; None where none is named. Plain HTTP where its address says so."""
    if not settings.bucket:
        return None
    address = address_of(settings)
    store = connect(
        address.name,
        endpoint=address.endpoint,
        key_id=settings.bucket_key,
        secret=settings.bucket_secret,
        region=address.region,
        prefix=address.prefix,
        allow_http=address.endpoint.startswith("http://"),
    )
    return Bucket(store)
