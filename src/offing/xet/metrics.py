"""What ``/metrics`` tells of the cache, of the bucket behind it, and of the streams."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from offing.kernel.metrics import Metrics
from offing.xet.library import Library

Figures = dict[str, tuple[str, float]]
"""A text and a value by name."""


class LibraryMetrics(Collector):
    """The library's figures, read when they are asked for."""

    def __init__(self, library: Library, metrics: Metrics) -> None:
        self._library = library
        metrics.registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """The figures now."""
        for name, (text, value) in {**self._streams(), **self._cache_gauges()}.items():
            yield GaugeMetricFamily(f"offing_xet_{name}", text, value)
        for name, (text, value) in {**self._cache_counts(), **self._bucket_counts()}.items():
            yield CounterMetricFamily(f"offing_xet_{name}", text, value)

    def _streams(self) -> Figures:
        return {
            "upstream_streams": (
                "Streams that read from the content store.",
                self._library.reader.budget.streams,
            ),
            "cache_fetches": ("Files on their way into the cache.", self._library.shelf.fetches),
        }

    def _cache_gauges(self) -> Figures:
        cache = self._library.shelf.cache
        if cache is None:
            return {}
        now = cache.statistics()
        return {
            "cache_entries": ("Verified files in the cache.", now.entries),
            "cache_bytes": ("Bytes that the cache has on disk.", now.bytes),
            "cache_max_bytes": ("Bytes that the cache may have.", now.max_bytes),
        }

    def _cache_counts(self) -> Figures:
        cache = self._library.shelf.cache
        if cache is None:
            return {}
        now = cache.statistics()
        return {
            "cache_hits": ("Files that were found in the cache.", now.hits),
            "cache_misses": ("Files that were not.", now.misses),
            "cache_evictions": ("Files that made room for others.", now.evictions),
            "cache_corrupt": ("Files that the disk did not give back as they were.", now.corrupt),
            "known_failures": (
                "Times that the disk would not remember a file.",
                self._library.known.failures,
            ),
        }

    def _bucket_counts(self) -> Figures:
        tier = self._library.shelf.tier
        if tier is None:
            return {}
        now = tier.statistics
        return {
            "bucket_hits": ("Files that were found in the bucket.", now.hits),
            "bucket_misses": ("Files that were not.", now.misses),
            "bucket_uploads": ("Files that were put into the bucket.", now.uploads),
            "bucket_failures": ("Times that the bucket failed.", now.failures),
            "bucket_damaged": ("Files of which the bucket held something else.", now.damaged),
        }
