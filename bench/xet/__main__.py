"""Compare Xet downloads with hf_xet and plain HTTP: ``python -m bench.xet``. Linux only."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.insights.environment import keep_to, machine
from bench.ocr.rows import Row
from bench.ocr.table import About, cells
from bench.page import Page
from bench.xet import alone, content, memory, through
from bench.xet.hubs import RunningHub, hub, upload
from bench.xet.rows import XetRow

RESULTS = Path(__file__).resolve().parents[1] / "results"
PAGE = Page(
    "xet",
    "Xet downloads beside hf_xet and plain HTTP",
    "hub, servers and clients",
    (
        "Beside: hf_xet's stream for clients to nowhere; for the server, the same server passing on plain",
        "bytes, or reading them from the disk. Medians of rounds in which the sides take turns.",
    ),
)
PARTS = ("through", "alone", "tls", "first", "slow", "memory", "second")
ROUNDS, FEW_ROUNDS = 7, 3
LARGE_MEGABYTES = 1500


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.xet", description="Compare Xet downloads with hf_xet."
    )
    parser.add_argument(
        "--folder", type=Path, metavar="DIR", help="where files and hub are kept for the next run"
    )
    parser.add_argument("--container", type=float, metavar="MB/S", help="as measured at 0.5 CPU over TLS")
    parser.add_argument("--cores", type=int, default=2, help="how many cores all of it shares")
    parser.add_argument("--quick", action="store_true", help="fewer rounds; nothing is kept")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part; nothing is kept")
    return parser.parse_args()


@contextmanager
def prepared(folder: Path | None) -> Iterator[Path]:
    """A folder with the files, and a hub that has them."""
    with tempfile.TemporaryDirectory(prefix="offing-bench-") as own:
        place = folder.resolve() if folder else Path(own)
        files = place / "files"
        if not (place / "ready").exists():
            files.mkdir(parents=True)
            paths = content.write(files, LARGE_MEGABYTES)
            with hub(place / "hub") as running:
                upload(running.base, paths, place / "home")
            (place / "ready").touch()
        yield place


@contextmanager
def over_tls(place: Path) -> Iterator[tuple[RunningHub, Path]]:
    """The same hub over TLS, and the certificate to trust."""
    import trustme

    authority = trustme.CA()
    authority.cert_pem.write_to_path(place / "authority.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(place / "server.pem")
    with hub(place / "hub", place / "server.pem", place / "server.pem") as running:
        yield running, place / "authority.pem"


def measured(place: Path, parts: list[str], rounds: int) -> Iterator[Row]:
    """The rows of each part."""
    files = place / "files"
    with hub(place / "hub") as running:
        chosen = {
            "through": lambda: through.measure(running, files, rounds),
            "second": lambda: through.second_client(running, files),
            "alone": lambda: alone.measure(running, rounds),
            "first": lambda: alone.first_byte(running, rounds),
            "slow": lambda: alone.slow(running, min(rounds, FEW_ROUNDS)),
            "memory": lambda: memory.measure(running, files),
        }
        for part in parts:
            if part in chosen:
                yield from chosen[part]()
    if "tls" in parts:
        with over_tls(place) as (secure, certificate):
            yield from alone.measure(secure, rounds, certificate=certificate)


def main() -> int:
    """Measure, print and keep; 1 where something that must be reached is not."""
    options = arguments()
    began, busy = time.perf_counter(), os.getloadavg()[0]
    cores = keep_to(options.cores)
    rows: list[Row] = []
    with prepared(options.folder) as place:
        rounds = FEW_ROUNDS if options.quick else ROUNDS
        for row in measured(place, options.only or list(PARTS), rounds):
            print("  ".join(filter(None, cells(row))), file=sys.stderr, flush=True)
            rows.append(row)
    if options.container:
        rows.append(
            XetRow("container", "in the container at 0.5 CPU, TLS upstream", "MB/s", None, options.container)
        )
    words = [f"--container {options.container:g}"] if options.container else []
    words += ["--quick"] if options.quick else [f"--only {part}" for part in options.only or ()]
    about = About(
        datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"), machine(), cores,
        " ".join(["python -m bench.xet", *words]), time.perf_counter() - began, busy,
        {name: version(name) for name in ("offing", "hf-xet", "huggingface-hub", "uvloop", "lz4", "blake3")},
    )  # fmt: skip
    print(PAGE.markdown(about, rows))
    if not (options.quick or options.only):
        PAGE.keep(RESULTS, about, rows)
    return int(any(row.reached == "no" for row in rows))


if __name__ == "__main__":
    raise SystemExit(main())
