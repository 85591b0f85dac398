"""Who asks: the hub's token that a request brings, or the service's own where that is shared."""

from __future__ import annotations

import re

from starlette.requests import Request

from offing.xet.problems import NoRight
from offing.xet.settings import XetSettings

_BEARER = re.compile(r"Bearer +([!-~]{1,4096}) *", re.IGNORECASE | re.ASCII)


def token_of(request: Request, settings: XetSettings) -> str | None:
    """The token to ask the hub with; None asks it as a stranger would.

    Raises NoRight for an Authorization that is no token: an anonymous answer would hide the mistake.
    """
    shared = (settings.token or None) if settings.share_token else None
    return own_token_of(request) or shared


def own_token_of(request: Request) -> str | None:
    """The token that a request brings, or None. Raises NoRight."""
    given = request.headers.get("authorization")
    if given is None:
        return None
    found = _BEARER.fullmatch(given)
    if found is None:
        raise NoRight("Authorization is not of the form `Bearer hf_…`.")
    return found[1]
