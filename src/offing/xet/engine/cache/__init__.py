"""Verified file content on disk, shared by all streams: what was fetched once is not fetched again."""

from __future__ import annotations

from offing.xet.engine.cache.cached_file import CachedFile
from offing.xet.engine.cache.content import CorruptEntry
from offing.xet.engine.cache.flight import Batches, Fetch
from offing.xet.engine.cache.flights import Flights, Whereabouts
from offing.xet.engine.cache.layout import UnsafeFolder
from offing.xet.engine.cache.ledger import Item
from offing.xet.engine.cache.local import Cache, Statistics
from offing.xet.engine.cache.recording import NotThisFile, Recording

__all__ = [
    "Batches",
    "Cache",
    "CachedFile",
    "CorruptEntry",
    "Fetch",
    "Flights",
    "Item",
    "NotThisFile",
    "Recording",
    "Statistics",
    "UnsafeFolder",
    "Whereabouts",
]
