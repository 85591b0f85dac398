"""The settings of fetches, and what building a fetcher costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from offing.kernel.fetch import PREFIX, Fetcher, FetchSettings
from offing.kernel.settings import BadSetting, explain, load


def test_the_standard_variables_are_read() -> None:
    settings = load(
        FetchSettings,
        PREFIX,
        {
            "HTTP_PROXY": "a:1",
            "https_proxy": "b:2",
            "ALL_PROXY": "c:3",
            "NO_PROXY": "d, e",
            "SSL_CERT_FILE": "/f",
        },
    )
    assert (settings.http_proxy, settings.https_proxy, settings.all_proxy) == ("a:1", "b:2", "c:3")
    assert (settings.no_proxy, settings.ca_bundle) == (("d", "e"), "/f")


def test_proxies_are_not_shown_since_they_may_hold_a_password() -> None:
    environ = {f"{each}_PROXY": "http://user:secret@a:1" for each in ("HTTP", "HTTPS", "ALL")}
    shown = [each.shown for each in explain(FetchSettings, PREFIX, environ)]
    assert shown.count("(set)") == 3
    assert "secret" not in str(shown)


def test_nothing_that_is_not_public_is_allowed_by_default() -> None:
    assert FetchSettings().allow_networks == ()


@pytest.mark.parametrize("networks", [("10.0.0.1/8",), ("intranet",), ("10.0.0.0/33",)])
def test_networks_that_cannot_be_read_are_a_bad_setting(networks: tuple[str, ...]) -> None:
    with pytest.raises(BadSetting):
        Fetcher(FetchSettings(allow_networks=networks))


@pytest.mark.parametrize("agent", ["a\r\nHost: b", "a\tb", "\u00e4"])
def test_a_user_agent_that_is_no_header_value_is_a_bad_setting(agent: str) -> None:
    with pytest.raises(BadSetting):
        load(FetchSettings, PREFIX, {"OFFING_FETCH_USER_AGENT": agent})


@pytest.mark.parametrize("content", [None, "", "not a certificate"])
def test_a_bundle_that_cannot_be_read_is_a_bad_setting(content: str | None, tmp_path: Path) -> None:
    bundle = tmp_path / "authority.pem"
    if content is not None:
        bundle.write_text(content)
    with pytest.raises(BadSetting):
        Fetcher(FetchSettings(ca_bundle=str(bundle))).prepare()


def test_importing_the_package_loads_neither_the_client_nor_the_tables_of_names() -> None:
    program = (
        "import sys, offing.kernel.fetch; print({'httpcore', 'h11', 'anyio', 'idna'} & set(sys.modules))"
    )
    ended = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert ended.stdout.strip() == "set()"
