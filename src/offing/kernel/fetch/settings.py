"""The settings of outbound fetches: proxies, certificates, redirects, allowed networks."""

from __future__ import annotations

from typing import Annotated

import msgspec

from offing import __version__
from offing.kernel.settings import meaning

PREFIX = "OFFING_FETCH_"


class FetchSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of outbound fetches, whichever service makes them."""

    http_proxy: Annotated[
        str,
        meaning(
            "Proxy for http URLs, as http://[user:password@]host:port.",
            aliases=("http_proxy", "HTTP_PROXY"),
            secret=True,
        ),
    ] = ""
    https_proxy: Annotated[
        str,
        meaning("Proxy for https URLs.", aliases=("https_proxy", "HTTPS_PROXY"), secret=True),
    ] = ""
    all_proxy: Annotated[
        str,
        meaning(
            "Proxy for URLs whose scheme has none of its own.",
            aliases=("all_proxy", "ALL_PROXY"),
            secret=True,
        ),
    ] = ""
    no_proxy: Annotated[
        tuple[str, ...],
        meaning(
            "Hosts reached without a proxy: domains with all below them, addresses, networks; `*` for all.",
            aliases=("no_proxy", "NO_PROXY"),
        ),
    ] = ()
    ca_bundle: Annotated[
        str,
        meaning(
            "File (PEM) of the certificate authorities to trust instead of the system's.",
            aliases=("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
        ),
    ] = ""
    max_redirects: Annotated[int, meaning("How many redirects a fetch follows.", ge=0, le=20)] = 5
    user_agent: Annotated[str, meaning("What fetches call themselves.", pattern="^[!-~]([ -~]*[!-~])?$")] = (
        f"offing/{__version__}"
    )
    allow_networks: Annotated[
        tuple[str, ...],
        meaning("Networks (CIDR) that fetches may reach although they are not public."),
    ] = ()
