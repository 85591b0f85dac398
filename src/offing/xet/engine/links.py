"""The Link header (RFC 8288): where an answer says that more is."""

from __future__ import annotations

import re

LONGEST = 16 * 1024

_LINK = re.compile(r"[\s,]*<([^<>]*)>")
_PARAMETER = re.compile(r"""\s*;\s*([^\s=;,<>"]*)\s*(?:=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"<>]*)))?""")


def find_link(header: str, relation: str) -> str | None:
    """The target of the first link of a relation (``next``), as it is written; None where there is none.

    What cannot be read ends the search: nothing is guessed.
    """
    if len(header) > LONGEST:
        return None
    place = 0
    while link := _LINK.match(header, place):
        relations, place = _relations(header, link.end())
        if relation in relations:
            return link[1]
    return None


def _relations(header: str, place: int) -> tuple[list[str], int]:
    """The relation types among a link's parameters, and where those end."""
    relations: list[str] | None = None
    while parameter := _PARAMETER.match(header, place):
        name, quoted, token = parameter.groups()
        # Of several, only the first counts (RFC 8288, section 3.3).
        if name.lower() == "rel" and relations is None:
            relations = (quoted or token or "").lower().split()
        place = parameter.end()
    return relations or [], place
