"""Reading URLs: one meaning, or none."""

from __future__ import annotations

import contextlib
import socket
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.kernel.fetch import BadUrl, redacted
from offing.kernel.fetch.host import read_host
from offing.kernel.fetch.url import Url, read_url
from tests.kernel.fetch.notations import AMBIGUOUS, OTHERS, loopback

NUMBERS = st.integers(0, 2**33)
CLOSE_TO_ADDRESSES = st.text(
    st.sampled_from("0123456789.xXaf:[]%-_@\u0661\uff11\u3002\uff0e\u2460\u017f\u00ad\u200b/\\ ?#"),
    max_size=24,
)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTP://EXAMPLE.com:80/A?b#c", "http://example.com/A?b"),
        ("https://example.com.:443", "https://example.com/"),
        ("https://example.com:8443?q=1", "https://example.com:8443/?q=1"),
        ("http://my_bucket.s3-eu.example.com/a%20b/ü", "http://my_bucket.s3-eu.example.com/a%20b/%C3%BC"),
        ("http://Bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://b%C3%BCcher.example/", "http://xn--bcher-kva.example/"),
        ("http://1.example/", "http://1.example/"),
        ("http://8.8.8.8.", "http://8.8.8.8/"),
        ("http://134744072/", "http://8.8.8.8/"),
        ("http://[2606:4700:0:0::1111]:81/", "http://[2606:4700::1111]:81/"),
        ('http://example.com/"<a>|{b}^`', "http://example.com/%22%3Ca%3E%7C%7Bb%7D%5E%60"),
    ],
)
def test_a_url_is_brought_to_its_plain_form(text: str, plain: str) -> None:
    assert str(read_url(text)) == plain
    assert str(read_url(plain)) == plain


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com",
        "//example.com",
        "http:example.com",
        "http:/example.com",
        "http:///example.com",
        "ftp://example.com",
        "file:///etc/hostname",
        "gopher://example.com",
        "javascript:alert(1)",
        "data:,x",
        "http\u017f://example.com",
        "http://",
        "http://:80",
        "http://example.com:",
        "http://example.com:0",
        "http://example.com:080",
        "http://example.com:65536",
        "http://example.com:99999999",
        "http://example.com:8o",
        "http://example.com:\u0661",
        "http://example.com:80:80",
        "http://user@example.com",
        "http://user:secret@example.com",
        "http://@example.com",
        "http://example.com\\@127.0.0.1",
        "http:\\\\example.com",
        "http://example.com/a b",
        "http://example.com/\ta",
        "http://example.com/a\r\nHost: x",
        "http://example.com/\x00",
        "http://example.com/\x7f",
        "http://example.com/\x85",
        "http://example.com/\u3000",
        "http://example.com/\ud800",
        " http://example.com",
        "http://example.com\n",
        "http://-example.com",
        "http://example-.com",
        "http://example..com",
        "http://.example.com",
        f"http://{'a' * 64}.com",
        f"http://{'a.' * 127}com",
        f"http://{'%61' * 500}.com",
        f"http://example.com/{'a' * 8192}",
        "http://xn--\u00fc.example",
        "http://exa mple.com",
        "http://exa<mple.com",
    ],
)
def test_what_readers_disagree_on_is_not_a_url(text: str) -> None:
    with pytest.raises(BadUrl):
        read_url(text)


@pytest.mark.parametrize("host", AMBIGUOUS)
def test_a_host_that_is_almost_an_address_is_refused(host: str) -> None:
    with pytest.raises(BadUrl):
        read_url(f"http://{host}/")


@pytest.mark.parametrize("host", [*loopback(1), *OTHERS])
def test_every_notation_of_an_address_is_read_as_one(host: str) -> None:
    assert read_url(f"http://{host}/").host.address is not None


@given(
    st.lists(
        st.tuples(NUMBERS, st.sampled_from(["{}", "0x{:x}", "0X{:X}", "0x000{:x}"])), min_size=1, max_size=5
    )
)
def test_numbers_are_read_as_the_system_would_or_not_at_all(numbers: list[tuple[int, str]]) -> None:
    text = ".".join(form.format(number) for number, form in numbers)
    try:
        system = IPv4Address(socket.inet_aton(text))
    except OSError:
        with pytest.raises(BadUrl):
            read_host(text)
    else:
        assert read_host(text).address == system


@given(st.one_of(CLOSE_TO_ADDRESSES, st.text(max_size=60)))
def test_an_accepted_name_is_no_address_to_the_system_either(text: str) -> None:
    with contextlib.suppress(BadUrl):
        host = read_url(f"http://{text}/").host
        if host.address is None:
            with pytest.raises(OSError, match="illegal IP address"):
                socket.inet_aton(host.name)


@given(st.one_of(st.text(), st.text().map("http://{}".format), CLOSE_TO_ADDRESSES.map("https://{}".format)))
def test_no_text_makes_reading_fail_otherwise_than_as_a_bad_url(text: str) -> None:
    with contextlib.suppress(BadUrl):
        url = read_url(text)
        assert str(url).isascii()
        assert read_url(str(url)) == url


@given(st.text())
def test_no_location_makes_a_redirect_fail_otherwise_than_as_a_bad_url(location: str) -> None:
    with contextlib.suppress(BadUrl):
        assert read_url("https://example.com/a/b?c").redirected(location).scheme == "https"


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("c", "https://example.com/a/c"),
        ("/c?d#e", "https://example.com/c?d"),
        ("../../c", "https://example.com/c"),
        ("?d", "https://example.com/a/b?d"),
        ("//other.example/c", "https://other.example/c"),
        ("https://other.example", "https://other.example/"),
        ("/\u00fc", "https://example.com/%C3%BC"),
    ],
)
def test_a_location_is_resolved_against_the_url_that_sent_it(location: str, target: str) -> None:
    assert str(read_url("https://example.com/a/b?c").redirected(location)) == target


@pytest.mark.parametrize(
    "location",
    [
        "http://example.com/",
        "ftp://example.com/",
        "/a b",
        "/a\tb",
        "/a\n",
        "htt\tps://example.com",
        "//[::1",
        "/\\evil",
    ],
)
def test_a_location_that_is_no_good_is_a_bad_url(location: str) -> None:
    with pytest.raises(BadUrl):
        read_url("https://example.com/").redirected(location)


def test_the_origin_tells_scheme_host_and_port_apart() -> None:
    origins = {
        read_url(each).origin
        for each in ("http://a.example", "https://a.example", "http://a.example:81", "http://b.example")
    }
    assert len(origins) == 4
    assert read_url("http://A.example:80/x").origin == read_url("http://a.example./y").origin


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://example.com:8443/secret?token=1#x", "https://example.com:8443"),
        ("http://[2606:4700::1]/secret", "http://[2606:4700::1]"),
        ("https://user:password@example.com/", "(not a URL)"),
        ("mailto:someone@example.com", "(not a URL)"),
    ],
)
def test_the_form_for_logs_holds_no_more_than_the_origin(text: str, shown: str) -> None:
    assert redacted(text) == shown


@given(st.text())
def test_any_text_has_a_form_for_logs(text: str) -> None:
    assert isinstance(redacted(text), str)


def test_a_url_record_cannot_be_changed() -> None:
    url: Url = read_url("http://example.com/")
    with pytest.raises(AttributeError):
        url.port = 1  # type: ignore[misc]
