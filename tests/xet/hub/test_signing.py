"""What the hub signs is good for its time and its purpose, and nothing else is good."""

from __future__ import annotations

import stat
import time
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.xet.hub.disk import Disk
from offing.xet.hub.refusals import Refusal
from offing.xet.hub.signing import Claims, Signer, load_signer

SIGNER = Signer(b"k" * 32)
CLAIMS = Claims("models/acme/model", "read", "alice", time.time() + 1000)


def test_a_token_says_what_was_put_into_it() -> None:
    assert SIGNER.claims(SIGNER.token(CLAIMS)) == CLAIMS


@given(st.data())
def test_a_changed_token_is_refused(data: st.DataObject) -> None:
    token = SIGNER.token(CLAIMS)
    place = data.draw(st.integers(0, len(token) - 1))
    changed = (
        token[:place]
        + data.draw(st.characters().filter(lambda each: each != token[place]))
        + token[place + 1 :]
    )
    with pytest.raises(Refusal) as refused:
        SIGNER.claims(changed)
    assert refused.value.status == 401


@pytest.mark.parametrize("token", ["", ".", "x", "a.b", "x" * 100_000])
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(Refusal):
        SIGNER.claims(token)


def test_an_old_token_and_another_key_are_refused() -> None:
    old = Claims("models/acme/model", "read", "alice", time.time() - 1)
    for token in (SIGNER.token(old), Signer(b"j" * 32).token(CLAIMS)):
        with pytest.raises(Refusal):
            SIGNER.claims(token)


def test_a_url_is_good_for_its_path_its_ranges_and_its_time() -> None:
    signed = dict(parse_qsl(SIGNER.query("/xorbs/a", "0-9", 100)))
    SIGNER.check("/xorbs/a", **signed)
    late = dict(parse_qsl(SIGNER.query("/xorbs/a", "0-9", -1)))
    for path, query in (
        ("/xorbs/b", signed),
        ("/xorbs/a", {**signed, "about": "0-10"}),
        ("/xorbs/a", {**signed, "expires": "99999999999"}),
        ("/xorbs/a", {**signed, "signature": "é"}),
        ("/xorbs/a", late),
    ):
        with pytest.raises(Refusal) as refused:
            SIGNER.check(path, **query)
        assert refused.value.status == 403


def test_a_token_is_no_signature_of_a_url() -> None:
    body, _, signature = SIGNER.token(CLAIMS).partition(".")
    with pytest.raises(Refusal):
        SIGNER.check(body, "", "", signature)


def test_the_key_stays_and_is_for_its_owner_alone(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    token = load_signer(disk).token(CLAIMS)
    assert load_signer(disk).claims(token) == CLAIMS
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    disk.close()
