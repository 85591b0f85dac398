"""Lookups that hang hold nothing else up."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Sequence

import pytest

from offing.kernel.fetch.resolver import ThreadedResolver, ask_system

pytestmark = pytest.mark.anyio


async def test_the_system_is_asked_for_all_addresses() -> None:
    assert "127.0.0.1" in await ThreadedResolver()("localhost", 80)


def test_an_address_is_its_own_answer() -> None:
    assert ask_system("localhost", 80)


async def test_a_failure_of_the_lookup_is_an_os_error() -> None:
    def fail(_host: str, _port: int) -> Sequence[str]:
        raise UnicodeError

    with pytest.raises(OSError, match="UnicodeError"):
        await ThreadedResolver(fail)("x.example", 80)


async def test_a_lookup_that_hangs_holds_one_place_until_it_ends() -> None:
    begun, end = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()
    running: list[str] = []

    def look_up(host: str, _port: int) -> Sequence[str]:
        running.append(host)
        if host == "slow.example":
            loop.call_soon_threadsafe(begun.set)
            end.wait(20)
        return [host]

    resolve = ThreadedResolver(look_up, places=2)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await resolve("slow.example", 80)
    assert await resolve("fast.example", 80) == ["fast.example"]
    begun.clear()
    slow = asyncio.create_task(resolve("slow.example", 80))
    await begun.wait()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await resolve("waiting.example", 80)
    assert "waiting.example" not in running
    end.set()
    assert await slow == ["slow.example"]
    assert await resolve("waiting.example", 80) == ["waiting.example"]


def test_a_lookup_that_hangs_does_not_keep_the_process_from_ending() -> None:
    program = """
import asyncio, contextlib, time
from offing.kernel.fetch.resolver import ThreadedResolver

async def give_up():
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.05):
            await ThreadedResolver(lambda host, port: time.sleep(60))("slow.example", 80)

asyncio.run(give_up())
"""
    ended = subprocess.run([sys.executable, "-c", program], timeout=20, check=True, capture_output=True)
    assert ended.stderr == b""
