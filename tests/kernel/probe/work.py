"""What a worker of the probe can be told to do: good work, and every way to end badly."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from typing import Any

import msgspec


def warm() -> None:
    """Nothing needs loading."""


def handle(header: bytes, body: bytearray) -> bytes:
    """Do what the body's ``do`` says; answer with the process id."""
    del header
    asked = msgspec.json.decode(body)
    result = JOBS[asked["do"]](asked)
    return msgspec.json.encode({"process": os.getpid(), "result": result})


def burn(asked: dict[str, Any]) -> None:
    """Use processor time."""
    until = time.monotonic() + asked["seconds"]
    while time.monotonic() < until:
        pass


def burn_native(_: dict[str, Any]) -> None:
    """Use processor time inside one call of native code, where no Python runs."""
    (1 << 40_000_000) ** 3 % ((1 << 39_999_999) + 1)


def sleep(asked: dict[str, Any]) -> None:
    """Use wall time."""
    time.sleep(asked["seconds"])


def nothing(_: dict[str, Any]) -> None:
    """Answer at once."""


def allocate(asked: dict[str, Any]) -> str:
    """Take memory and touch it; tell whether it was given."""
    try:
        return f"{len(bytearray(asked['bytes']))} bytes"
    except MemoryError:
        return "MemoryError"


def segfault(_: dict[str, Any]) -> None:
    """Read address 0, as a broken decoder does."""
    ctypes.string_at(0)


def abort(_: dict[str, Any]) -> None:
    """End as the C library does when it finds its heap broken."""
    os.write(2, b"free(): invalid pointer\n")
    os.abort()


def fail(_: dict[str, Any]) -> None:
    """Raise what the handler does not expect."""
    raise ValueError("not expected")


def leave(_: dict[str, Any]) -> None:
    """End the process as if all were well."""
    os._exit(0)


def chatter(_: dict[str, Any]) -> None:
    """Print, as native code does about a file that it does not like."""
    os.write(1, b"chatter on standard output\n")
    os.write(2, b"chatter on standard error\n")
    sys.stderr.write("chatter\n")
    sys.stderr.flush()


def write(_: dict[str, Any]) -> str:
    """Try to leave a file behind."""
    name = f"/tmp/offing-probe-{os.getpid()}"  # noqa: S108  it is not there afterwards
    try:
        with open(name, "wb") as file:  # noqa: PTH123  the plainest way to write
            file.write(b"left behind")
            file.flush()
    except OSError as error:
        return type(error).__name__
    finally:
        os.unlink(name)  # noqa: PTH108
    return "written"


def surroundings(_: dict[str, Any]) -> dict[str, Any]:
    """What a worker can see of its process."""
    return {
        "environment": sorted(os.environ),
        "descriptors": [_target(name) for name in os.listdir("/proc/self/fd")],  # noqa: PTH208
        "server modules": sorted(name for name in ("uvicorn", "starlette", "asyncio") if name in sys.modules),
    }


def _target(descriptor: str) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115
    except FileNotFoundError:
        return ""  # the folder's own, closed by now


JOBS = {
    "burn": burn,
    "burn_native": burn_native,
    "sleep": sleep,
    "nothing": nothing,
    "allocate": allocate,
    "segfault": segfault,
    "abort": abort,
    "fail": fail,
    "leave": leave,
    "chatter": chatter,
    "write": write,
    "surroundings": surroundings,
}
