"""The ways to write addresses that must never be reached."""

# ruff: noqa: SIM905  a table of words is easier to read than a list of quoted ones

from __future__ import annotations

FULL_WIDTH = {ord(plain): ord(plain) + 0xFEE0 for plain in "0123456789.xabcdef"}
CIRCLED = {ord("0"): "\u24ea", **{ord(str(n)): chr(0x2460 + n - 1) for n in range(1, 10)}}
BOLD = {ord(str(n)): chr(0x1D7CE + n) for n in range(10)}


def loopback(last: int) -> list[str]:
    """Ways to write 127.0.0.``last`` (1 to 9) that one reader or another takes for it."""
    plain = f"127.0.0.{last}"
    return [
        plain,
        f"{plain}.",
        f"{0x7F000000 + last}",
        f"0x7f00000{last}",
        f"0X7F00000{last}",
        f"0x000000007f00000{last}",
        f"127.{last}",
        f"127.0.{last}",
        f"0x7f.{last}",
        f"0x7f.0x0.0x0.0x{last}",
        f"0x7F.0.0x0.{last}",
        f"127.0x00000{last}",
        f"{0x7F000000 + last}.",
        f"%31%32%37.0.0.{last}",
        f"127%2e0%2E0%2e{last}",
        f"%3{last}27.0.0.{last}" if last == 1 else f"127.0.0.%3{last}",
        f"%30x7f.{last}",
        plain.translate(FULL_WIDTH),
        f"0x7f00000{last}".translate(FULL_WIDTH),
        plain.translate(CIRCLED),
        plain.translate(BOLD),
        plain.replace(".", "\u3002"),
        plain.replace(".", "\uff61"),
        plain.replace(".", "\uff0e"),
        f"127.0.0.{last}\u3002",
        f"\u00ad127.0.0.{last}",
        f"127\u200b.0.0.{last}",
        "%EF%BC%91%EF%BC%92%EF%BC%97" + f".0.0.{last}",
        f"[::ffff:{plain}]",
        f"[::FFFF:7f00:{last}]",
        f"[0:0:0:0:0:ffff:7f00:000{last}]",
        f"[::{plain}]",
        f"[::ffff:0:{plain}]",
        f"[64:ff9b::{plain}]",
        f"[64:ff9b::7f00:{last}]",
        f"[64:ff9b:1::{plain}]",
        f"[2002:7f00:{last}::]",
        f"[2001:0:{0x7F00:x}:{last}::]",
        f"[2001:0:808:808:0:0:80ff:{0xFFFF - last:x}]",
    ]


OTHERS = """
    0 0.0.0.0 0x0 0x00.0 [::] [0:0:0:0:0:0:0:0] [::1] [0:0:0:0:0:0:0:1] [::0.0.0.1]
    10.0.0.1 167772161 0xa000001 10.1 [::ffff:10.0.0.1] [64:ff9b::a00:1] [2002:a00:1::]
    172.16.0.1 2886729729 192.168.1.1 3232235777 192.168.257 0xc0.0xa8.0x1.0x1
    169.254.169.254 2852039166 0xa9fea9fe 169.254.43518 169.16689662 0xa9.254.0xa9fe
    [::ffff:169.254.169.254] [::ffff:a9fe:a9fe] [64:ff9b::a9fe:a9fe] [fd00:ec2::254] [fd20:ce::254]
    168.63.129.16 100.64.0.1 1681915905 100.100.100.200 100.6579400 192.0.0.192
    [::ffff:100.64.0.1] [64:ff9b::6440:1] 198.18.0.1 203.0.113.7 224.0.0.1 240.0.0.1
    255.255.255.255 4294967295 0xffffffff 255.16777215 [fe80::1] [fec0::1] [fc00::1] [ff02::1]
    [100::1] [2001:db8::1] [3fff::1] [5f00::1]
""".split()

AMBIGUOUS = """
    0177.0.0.1 017700000001 0177.1 0x7f.00.0.1 127.0.0.01 127.000.000.001 010.8.8.8 08.8.8.8 00 00.0
    999.1.1.1 256.0.0.1 127.0.0.256 1.2.3.4.5 1.2.3.4.5.6.7.8 4294967296 0x100000000 127.16777216
    1.1.65536 0x 0x.0.0.1 127.0.0.0x 127.0.0.1.. ..127.0.0.1 127..1 .127.1 foo.1 foo.0x7f
    -1 1.-1 1.+1 +1 0b1.1 0o177.0.0.1 1_0.0.0.1 127.0.0.1%00 127.0.0.1%0a 127.0.0.1%20
    %00127.0.0.1 127.0.0.1%2523 %2531 127.0.0.1%23@example.com 127.0.0.1%2fx %5b::1%5d [::1%25lo]
    [::1%lo] [fe80::1%25eth0] [::1 ::1] [::ffff:0177.0.0.1] [::ffff:127.0.0.1.] [::127.1] [1::2::3]
    [v1.127.0.0.1] [127.0.0.1] [] [::g] [::1]x x[::1] [[::1]] example.com@127.0.0.1 127.0.0.1\\@x
    a:b@127.0.0.1 @127.0.0.1 %ff.com \u2100.com \ud800.com
""".split()
