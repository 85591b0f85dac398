"""Which addresses a fetch may connect to."""

# ruff: noqa: SIM905  a table of words is easier to read than a list of quoted ones

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from offing.kernel.fetch.address import REFUSED_V4, is_permitted, unmapped

NOT_PUBLIC = """
    0.0.0.0 0.255.255.255 10.0.0.0 10.255.255.255 100.64.0.0 100.100.100.200 100.127.255.255
    127.0.0.1 127.255.255.255 168.63.129.16 169.254.0.0 169.254.169.254 169.254.255.255
    172.16.0.0 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.0
    192.168.255.255 198.18.0.0 198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255
    240.0.0.0 255.255.255.254 255.255.255.255
    :: ::1 ::8.8.8.8 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254
    ::ffff:0:127.0.0.1 ::ffff:0:8.8.8.8
    64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::169.254.169.254 64:ff9b::100.64.0.1
    64:ff9b:1::8.8.8.8 64:ff9b:1:a00:0:100:: 100::1 100:0:0:1::1
    2001::1 2001:0:808:808:: 2001:2::1 2001:10::1 2001:20::1 2001:1ff:ffff::1 2001:db8::1
    2002:7f00:1:: 2002:a00:1:: 2002:808:808:: 3fff::1 3fff:fff::1 4000::1 5f00::1
    fc00::1 fd00:ec2::254 fd20:ce::254 fe80::1 fe80::1%eth0 febf::1 fec0::1 ff02::1 ff0e::1
    2606:4700::1%eth0 8000::1
""".split()

PUBLIC = """
    1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.0 100.63.255.255 100.128.0.0 126.255.255.255 128.0.0.1
    168.63.129.15 169.253.255.255 169.255.0.0 172.15.255.255 172.32.0.0 191.255.255.255 192.0.1.1
    192.167.255.255 192.169.0.0 198.17.255.255 198.20.0.0 223.255.255.255
    ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2001:200::1 2001:4860:4860::8888 2003::1 2606:4700::1111
    2a00:1450:4001::1 3ffe::1
""".split()


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not is_permitted(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_permitted(address: str) -> None:
    assert is_permitted(ip_address(address))


@given(st.ip_addresses())
def test_what_is_permitted_python_calls_global_too(address: IPv4Address | IPv6Address) -> None:
    assert not is_permitted(address) or unmapped(address).is_global


@given(st.sampled_from(REFUSED_V4).flatmap(lambda network: st.ip_addresses(network=network)))
def test_no_wrapping_makes_a_refused_address_permitted(inner: IPv4Address) -> None:
    value = int(inner)
    wrapped = {
        "mapped": 0xFFFF << 32 | value,
        "translated": 0xFFFF << 48 | value,
        "compatible": value,
        "NAT64": 0x64FF9B << 96 | value,
        "local NAT64 /96": 0x64FF9B0001 << 80 | value,
        "6to4": 0x2002 << 112 | value << 80 | 1,
        "Teredo server": 0x20010000 << 96 | value << 64,
        "Teredo client": 0x20010000 << 96 | 0x08080808 << 64 | value ^ 0xFFFFFFFF,
    }
    assert not any(is_permitted(IPv6Address(each)) for each in wrapped.values())


def test_an_allowed_network_permits_its_addresses_and_no_others() -> None:
    also = (ip_network("10.1.0.0/16"), ip_network("fd00::/64"))
    permitted = ["10.1.2.3", "::ffff:10.1.2.3", "fd00::1"]
    refused = ["10.2.0.1", "::ffff:10.2.0.1", "fd00:1::1", "fd00::1%eth0", "64:ff9b::10.1.2.3"]
    assert all(is_permitted(ip_address(each), also) for each in permitted)
    assert not any(is_permitted(ip_address(each), also) for each in refused)
