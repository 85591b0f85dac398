"""A caller's token on its way to the hub, and to no other place."""

from __future__ import annotations

import re

from offing.xet.problems import NoRight

LONGEST_TOKEN = 4096

_TOKEN = re.compile(r"[!-~]+")


def authorization(token: str | None) -> dict[str, str]:
    """The header that carries a token; nothing where there is none.

    Raises :class:`~offing.xet.problems.NoRight` for what is no token: not printable ASCII without spaces,
    or longer than 4096 characters. So a token can neither end a header nor begin another.
    """
    if token is None:
        return {}
    if len(token) > LONGEST_TOKEN or not _TOKEN.fullmatch(token):
        raise NoRight
    return {"authorization": f"Bearer {token}"}
