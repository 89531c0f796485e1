"""No address outside the public internet is reached: spellings by channels, names, and the user's own proxy."""

from __future__ import annotations

import os
import subprocess
import sys
from ipaddress import IPv6Network, ip_address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlinkbot import urls
from backlinkbot.download.special_addresses import IPV4, REACHABLE, is_private_address, is_private_host, is_special
from tests.chromium import chromium
from tests.conftest import WARNINGS, CrawlFunction, links, verify
from tests.fakeweb import FakeWeb
from tests.processes import marked

__all__ = ["marked"]

PAGE = links("https://target.example/")

# As a URL's host may be written; each leads to a machine, a link, a site, or nowhere that is public.
SPELLINGS = [
    # IPv4, in the forms of https://url.spec.whatwg.org/#concept-ipv4-parser
    *("127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.0.0.1.", "0x7f000001", "１２７.0.0.1", "%31%32%37.0.0.1"),
    *("0.0.0.0", "0", "10.0.0.5", "100.64.0.1", "169.254.169.254", "172.31.255.255", "192.168.1.1", "192.0.0.8"),
    *("192.0.0.170", "192.0.2.1", "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.9"),
    *("224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255"),
    # IPv6
    *("[::]", "[::1]", "[0:0:0:0:0:0:0:1]", "[fe80::1]", "[fec0::1]", "[feff::1]", "[fc00::1]", "[fdff::1]", "[ff02::1]"),
    *("[100::1]", "[100:0:0:1::1]", "[5f00::1]", "[3fff::1]", "[2001:db8::1]", "[2001:2::1]", "[2001:10::1]", "[4000::1]"),
    # IPv4 inside IPv6
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:8.8.8.8]", "[::127.0.0.1]", "[::ffff:0:127.0.0.1]"),
    *("[64:ff9b::7f00:1]", "[64:ff9b::10.0.0.5]", "[64:ff9b:1::7f00:1]", "[64:ff9b:1:a00:5::]", "[2002:7f00:1::]"),
    *("[2002:a00:5::1]", "[2001:0:7f00:1::]", "[2001::1]", "[2600::5efe:7f00:1]", "[2600::200:5efe:10.0.0.5]"),
    # Names
    *("localhost", "LOCALHOST", "localhost.", "x.localhost", "ｌocalhost"),
]  # fmt: skip
PUBLIC = [
    *("93.184.216.34", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "172.15.255.255"),
    *("172.32.0.0", "192.0.0.9", "192.0.0.10", "192.0.1.1", "192.31.196.1", "192.52.193.1", "192.175.48.1"),
    *("198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700::1111", "2001:1::1", "2001:20::1", "2001:4860::8888"),
    *("2620:4f:8000::1", "64:ff9b::808:808", "2002:808:808::1", "2600::5efe:808:808", "2600::5eff:7f00:1"),
]  # fmt: skip


@pytest.mark.parametrize("host", SPELLINGS)
def test_private_spellings(host: str) -> None:

    url = urls.parse(f"http://{host}/")
    assert url is not None
    assert is_private_host(url.hostname)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert not is_private_address(address)


@pytest.mark.parametrize("text", ["", "example.com", "10.example", "1.2.3.4.example", "[", "]", ":", "1"])
def test_what_is_no_address_is_not_private(text: str) -> None:
    assert not is_private_address(text)


@given(st.ip_addresses(v=4))
def test_what_is_private_in_itself_is_private_inside_another(inner: object) -> None:
    number = int(ip_address(str(inner)))
    outer = [0x64FF9B << 96 | number, 0x2002 << 112 | number << 80, 0x2600 << 112 | 0x5EFE << 32 | number]
    assert {is_special(ip_address(number)) for number in outer} == {is_special(ip_address(str(inner)))}


def test_every_reachable_part_lies_in_a_block_that_is_not() -> None:
    blocks = [block for block, _ in IPV4] + [IPv6Network("2001::/23")]
    for part in REACHABLE:
        assert any(part.version == block.version and part.subnet_of(block) for block in blocks)  # type: ignore[arg-type]


# --- channels: what leads a crawl somewhere ---------------------------------------------------------------------------------


def test_pages_redirects_and_refreshes(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    pages = [f"http://{host}/page" for host in SPELLINGS]
    ways = []
    for n, host in enumerate(SPELLINGS):
        web.redirect(f"https://a.example/r{n}", f"http://{host}/r".encode().decode("latin-1"), 302)
        web.page(
            f"https://a.example/m{n}", f'<meta charset=utf-8><meta http-equiv=refresh content="0;url=http://{host}/">'
        )
        ways += [f"https://a.example/r{n}", f"https://a.example/m{n}"]
    found = verify(crawl, tmp_path, *pages, *ways)
    assert {hit.host for hit in web.hits} == {"a.example"}
    assert len(web.paths("a.example")) == 1 + 2 * len(SPELLINGS)
    assert {reason for url, (_, reason) in found.items() if "/m" not in url} == {"private address"}


def test_robots_txt_and_sitemaps(web: FakeWeb, crawl: CrawlFunction, tmp_path: Path) -> None:
    for n, host in enumerate(SPELLINGS):
        web.redirect(f"https://r{n}.example/robots.txt", f"http://{host}/robots.txt".encode().decode("latin-1"), 302)
        web.page(f"https://r{n}.example/", PAGE)
    verify(crawl, tmp_path, *(f"https://r{n}.example/" for n in range(len(SPELLINGS))))
    assert {hit.target for hit in web.hits} == {"/robots.txt"}
    assert {hit.host for hit in web.hits} == {f"r{n}.example" for n in range(len(SPELLINGS))}
    web.forget()
    web.robots(
        "s.example", "".join(f"Sitemap: http://{host}/sitemap.xml\n" for host in SPELLINGS) + "Sitemap: /map.xml\n"
    )
    listed = "".join(f"<url><loc>http://{host}/listed</loc></url>" for host in SPELLINGS)
    web.page("https://s.example/map.xml", f"<urlset>{listed}</urlset>", content_type="application/xml")
    web.page("https://s.example/", PAGE)
    crawl("discover", seeds="https://s.example/", follow="all", max_hops="5")
    assert {hit.host for hit in web.hits} == {"s.example", "target.example"}


@pytest.mark.usefixtures("marked")
@pytest.mark.slow
def test_parts_of_a_page_in_the_browser(web: FakeWeb, crawl: CrawlFunction) -> None:
    tries = "".join(f"<script src='http://{host}/x.js'></script>" for host in SPELLINGS)
    web.page("https://a.example/", f"<meta charset=utf-8><div id=root></div>{tries}{PAGE}")
    found = crawl("discover", seeds="https://a.example/", render="always", browser=chromium())
    assert len(found.rows) == 1
    assert {hit.host for hit in web.hits} == {"a.example"}


# --- names, which a process of its own resolves as the test says -----------------------------------------------------------

NAMES = """
import socket, sys
from backlinkbot.cli.main import main

def look_up(name):
    name = name.decode() if isinstance(name, bytes) else name
    kind, _, rest = name.partition(".")
    if rest not in ("v4.example", "example") or (rest == "example" and kind not in ("inside", "proxy")):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return kind.replace("-", ".") if rest == "v4.example" else "127.0.0.1"

def getaddrinfo(name, port, *_, **__):
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (look_up(name), port or 0))]

if __name__ == "__main__":
    socket.gethostbyname, socket.getaddrinfo = look_up, getaddrinfo
    sys.exit(main())
"""


def checked(folder: Path, *candidates: str, **environ: str) -> dict[str, str]:
    """The reasons of some candidates, in a process of its own."""
    script, listed, checks = folder / "names.py", folder / "candidates.txt", folder / "checks.csv"
    script.write_text(NAMES)
    listed.write_text("\n".join(candidates))
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    words = ("verify", "target.example", "--candidates", listed, "--checks", checks, "--delay", "0", "--history", "")
    subprocess.run(
        [sys.executable, script, *words],
        env=kept | {"PYTHONWARNINGS": WARNINGS} | environ,
        capture_output=True,
        timeout=300,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    rows = [line.split(",") for line in checks.read_text().splitlines()[1:]]
    return {row[0]: row[3] or row[1] for row in rows}


@pytest.mark.subprocess
def test_names_of_special_addresses(tmp_path: Path) -> None:
    hosts = [str(block[1]).replace(".", "-") + ".v4.example" for block, _ in IPV4 if block.num_addresses > 1]
    with FakeWeb() as web:
        port = web.proxy.rpartition(":")[2]
        found = checked(tmp_path, *(f"http://{host}:{port}/" for host in ("inside.example", *hosts)))
        assert web.hits == []
    assert set(found.values()) == {"private address"}
    assert len(found) == 1 + len(hosts)


@pytest.mark.subprocess
@pytest.mark.parametrize(
    ("variable", "no_proxy", "url", "is_asked"),
    [
        ("http_proxy", "", "http://page.example/", True),
        ("http_proxy", "page.example", "http://page.example/", False),
        ("http_proxy", "proxy.example", "http://proxy.example:{other}/", False),
        ("http_proxy", "", "https://proxy.example:{other}/", False),
        ("https_proxy", "", "http://proxy.example:{port}/", False),
        ("https_proxy", "", "http://proxy.example:{other}/", False),
        ("ftp_proxy", "", "http://proxy.example:{port}/", False),
        ("all_proxy", "", "http://proxy.example:{port}/", False),
    ],
)
@pytest.mark.slow
def test_the_users_proxy_is_reached_as_a_proxy_only(
    *, tmp_path: Path, variable: str, no_proxy: str, url: str, is_asked: bool
) -> None:
    with FakeWeb() as web, FakeWeb() as other:
        ports = {"port": web.proxy.rpartition(":")[2], "other": other.proxy.rpartition(":")[2]}
        for host in ("page.example", "proxy.example", *(f"proxy.example:{port}" for port in ports.values())):
            web.page(f"http://{host}/", PAGE)
            other.page(f"http://{host}/", PAGE)
        address = url.format(**ports)
        environ = {variable: f"http://proxy.example:{ports['port']}", "no_proxy": no_proxy}
        found = checked(tmp_path, address, **environ)
        assert (bool(web.hits), other.hits) == (is_asked, [])
        assert (found[address] == "linked") is is_asked
