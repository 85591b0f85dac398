"""Who may do what: the users and their tokens, from ``tokens.toml`` in the hub's folder.

::

    [users.alice]
    token = "hf_…"              # or sha256 = "…", the hash of the token in hexadecimal
    owners = ["alice", "acme"]  # whose repositories these may read and change; "*" is everyone's
    accepted = ["acme/model"]   # gated repositories whose conditions they have accepted
    writes = true               # false: may read only
"""

from __future__ import annotations

import hashlib
import secrets
from pathlib import Path

import msgspec

from offing.kernel.problems import Problem
from offing.xet.hub.disk import Disk
from offing.xet.hub.refusals import no_credentials

FILE = "tokens.toml"


class BadTokens(Problem):
    """The file of tokens cannot be read."""

    code = "bad-tokens"
    text = "tokens.toml in the hub's folder cannot be read."
    remedy = "Give each [users.NAME] a token (or sha256), and owners, a list of names."
    exit_code = 2


class User(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A user as the file tells of them."""

    token: str = ""
    sha256: str = ""
    owners: tuple[str, ...] = ()
    accepted: tuple[str, ...] = ()
    writes: bool = True

    def __repr__(self) -> str:
        return "User(…)"

    def owns(self, owner: str) -> bool:
        """Whether the repositories of an owner are theirs."""
        return owner in self.owners or "*" in self.owners


class _File(msgspec.Struct, forbid_unknown_fields=True):
    users: dict[str, User] = {}


class Caller(msgspec.Struct, frozen=True):
    """Who asks: a user, or nobody in particular."""

    name: str = ""
    user: User | None = None

    @property
    def anonymous(self) -> bool:
        """Whether no token came."""
        return self.user is None

    def owns(self, owner: str) -> bool:
        """Whether the repositories of an owner are theirs."""
        return self.user is not None and self.user.owns(owner)

    def may_write(self, owner: str) -> bool:
        """Whether they may change the repositories of an owner."""
        return self.user is not None and self.user.writes and self.user.owns(owner)


class People:
    """The users, by the hashes of their tokens: the tokens themselves are not kept in memory."""

    def __init__(self, users: dict[str, User]) -> None:
        self._callers = {user.sha256 or _hash(user.token): Caller(name, user) for name, user in users.items()}

    def caller(self, authorization: str) -> Caller:
        """Who a request's Authorization header stands for. Raises Refusal (401) for a token of nobody."""
        scheme, _, token = authorization.partition(" ")
        if not authorization:
            return Caller()
        caller = self._callers.get(_hash(token.strip())) if scheme.lower() == "bearer" else None
        if caller is None:
            raise no_credentials()
        return caller


def load_people(disk: Disk) -> People:
    """The users of a folder; a first one with a new token is written where there is no file.

    Raises :class:`BadTokens`.
    """
    place = disk.root / FILE
    if not place.is_file():
        _introduce(disk, place)
    try:
        file = msgspec.toml.decode(place.read_bytes(), type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise BadTokens from None
    if not all(bool(user.token) != bool(user.sha256) for user in file.users.values()):
        raise BadTokens
    return People(file.users)


def _introduce(disk: Disk, place: Path) -> None:
    token = f"hf_{secrets.token_urlsafe(24).replace('-', 'x').replace('_', 'y')}"
    text = f'[users.local]\ntoken = "{token}"\nowners = ["*"]\n'
    disk.put(place, text.encode(), mode=0o600)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
