"""How slow this machine is at the moment.

A rented processor takes twice as long in one hour as in another. A limit in seconds is meant for the machine
of the figures in ``bench/results``, and is stretched by as much as work that never changes takes longer here.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys

YARDSTICK = """\
import asyncio, concurrent.futures, csv, ctypes, decimal, email.message, http.client, http.server, inspect
import json, logging.config, multiprocessing.pool, sqlite3, ssl, tarfile, unittest, urllib.request, zipfile
import xml.dom.minidom
"""
"""Does what a start does: files are read, unmarshalled and run, and memory is touched for the first time."""
THERE = 0.15
"""Seconds of a processor that it takes where the figures were measured.

Found by taking turns with starts on a quarter of a processor, which take 8.8 times as long: 1.34 s in the
kept figures.
"""
TIMES = 3


def _processor_seconds() -> float:
    """What the yardstick takes of a processor, once."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-I", "-c", YARDSTICK], check=True, timeout=60)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def slowness() -> float:
    """How many times as long as there work takes here and now; 1 where it takes less."""
    return max(1.0, statistics.median(_processor_seconds() for _ in range(TIMES)) / THERE)
