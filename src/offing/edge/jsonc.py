"""Reads JSON with comments and trailing commas, and remembers the line and path of each value.

Wrangler's configurations are written so. Python's own reader knows neither comments nor lines, by which a
finding says where it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from offing.kernel.problems import Problem

DEEPEST = 64
"""Levels of nesting; a configuration has some five."""

_SKIPPED = re.compile(r"(?:\s+|//[^\n]*|/\*.*?\*/)*", re.DOTALL)
_TEXT = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"true|false|null")
_PLAIN_NAME = re.compile(r"[A-Za-z_$][\w$-]*")


class Unreadable(Problem):
    """A file is no JSON with comments."""

    code = "unreadable-configuration"
    text = "The configuration can't be read."
    remedy = "Mend that line; an editor that knows JSON with comments shows what is wrong."
    exit_code = 2


@dataclass(frozen=True, eq=False)
class Node:
    """One value: a dict or a list of nodes, or a plain value of JSON. It equals itself alone."""

    value: Any
    line: int
    """The line on which it begins, from 1."""
    path: str
    """Where it is in the document: ``containers[1].max_instances``."""
    repeated: tuple[Node, ...] = ()
    """Of an object: the earlier values of names that come again; only the last one counts."""

    def get(self, name: str) -> Node | None:
        """An object's member; None where there is none, or this is no object."""
        return self.value.get(name) if isinstance(self.value, dict) else None

    def members(self) -> Mapping[str, Node]:
        """An object's members; none where this is no object."""
        return self.value if isinstance(self.value, dict) else {}

    def items(self) -> list[Node]:
        """A list's items; none where this is no list."""
        return self.value if isinstance(self.value, list) else []

    def text(self, name: str) -> str:
        """An object's member that is a text; "" where it is none."""
        found = self.get(name)
        return found.value if found is not None and isinstance(found.value, str) else ""

    def walk(self) -> Iterator[Node]:
        """Itself and all below it."""
        yield self
        for below in (*self.members().values(), *self.items()):
            yield from below.walk()


def read(text: str) -> Node:
    """The document. Raises :class:`Unreadable`, which names the line."""
    reader = _Reader(text.removeprefix("\ufeff"))
    document = reader.value("", 0)
    if reader.next():
        raise reader.expected("the end of the file")
    return document


class _Reader:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._line = 1

    def value(self, path: str, depth: int) -> Node:
        if depth > DEEPEST:
            raise Unreadable(f"Line {self._line}: nested more than {DEEPEST} levels deep.")
        first = self.next()
        if first == "{":
            return self._object(path, depth)
        if first == "[":
            return self._list(path, depth)
        line = self._line
        for form in (_TEXT, _NUMBER, _WORD):
            if (found := form.match(self._text, self._at)) is not None:
                return Node(self._plain(found), line, path)
        raise self.expected("a value")

    def next(self) -> str:
        """The next character that is neither space nor comment; "" at the end."""
        skipped = _SKIPPED.match(self._text, self._at)
        if skipped is not None:
            self._take(skipped)
        return self._text[self._at : self._at + 1]

    def expected(self, what: str) -> Unreadable:
        found = self._text[self._at : self._at + 1]
        return Unreadable(f"Line {self._line}: expected {what}, found {found!r}." if found else
                          f"Line {self._line}: expected {what}, found the end of the file.")  # fmt: skip

    def _object(self, path: str, depth: int) -> Node:
        line, members, repeated = self._line, dict[str, Node](), list[Node]()
        self._at += 1
        while self.next() != "}":
            name = self._name()
            self._pass(":", "a colon")
            if name in members:
                repeated.append(members[name])
            members[name] = self.value(_below(path, name), depth + 1)
            if self.next() != "}":
                self._pass(",", "a comma or the object's end")
        self._at += 1
        return Node(members, line, path, tuple(repeated))

    def _list(self, path: str, depth: int) -> Node:
        line, items = self._line, list[Node]()
        self._at += 1
        while self.next() != "]":
            items.append(self.value(f"{path}[{len(items)}]", depth + 1))
            if self.next() != "]":
                self._pass(",", "a comma or the list's end")
        self._at += 1
        return Node(items, line, path)

    def _name(self) -> str:
        if (found := _TEXT.match(self._text, self._at)) is None:
            raise self.expected("a name in double quotes")
        return str(self._plain(found))

    def _pass(self, mark: str, what: str) -> None:
        if self.next() != mark:
            raise self.expected(what)
        self._at += 1

    def _plain(self, found: re.Match[str]) -> Any:
        try:
            plain = json.loads(found[0])
        except ValueError:  # an escape that JSON doesn't know, or a number of thousands of digits
            raise Unreadable(f"Line {self._line}: a value that JSON doesn't know.") from None
        self._take(found)
        return plain

    def _take(self, found: re.Match[str]) -> None:
        self._line += found[0].count("\n")
        self._at = found.end()


def _below(path: str, name: str) -> str:
    step = name if _PLAIN_NAME.fullmatch(name) else json.dumps(name)
    return f"{path}.{step}" if path else step
