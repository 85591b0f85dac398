"""``python -m offing``: the command line, where the ``offing`` program is not on the path."""

from __future__ import annotations

from offing.cli import main

if __name__ == "__main__":
    main()
