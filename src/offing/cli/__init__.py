"""The command line: one module a command, loaded when it is called."""

from __future__ import annotations

from offing.cli.entry import main

__all__ = ["main"]
