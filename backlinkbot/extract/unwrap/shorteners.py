"""Recognises URLs that redirect without containing their target: shorteners, a site's own, those that the user names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

from backlinkbot import urls
from backlinkbot.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from backlinkbot.urls import URL

_SHORTENERS: Final = """
    1url.com adf.ly adfoc.us aka.ms amzn.eu amzn.to apple.co b.link bit.do bit.ly bitly.com bl.ink buff.ly cli.gs clck.ru
    clk.im cutt.ly db.tt deck.ly dlvr.it dub.co dub.sh ebx.sh ebay.to eepurl.com fb.me flic.kr flip.it fw.to g.co geni.us
    git.io go2l.ink goo.gl goo.su gg.gg hubs.la hubs.li hubs.ly ht.ly ift.tt is.gd j.mp kutt.it linktr.ee lnk.bio lnk.to
    lnkd.in mailchi.mp mcaf.ee mzl.la n9.cl nyti.ms on.fb.me onelink.me ouo.io ow.ly page.link pin.it po.st ppt.cc pst.cr
    qr.ae qr.net rb.gy rebrand.ly reut.rs rlu.ru s.id s2r.co sco.lt shor.by short.cm short.gy short.io shorturl.at smarturl.it
    snip.ly snip.li soo.gd spoti.fi su.pr surl.li t.co t.cn t.ly t.umblr.com t1p.de t2m.io tcrn.ch tiny.cc tiny.one tiny.pl
    tinyurl.com tmblr.co tny.im tr.im trib.al u.nu u.to url.cn url.ie urlz.fr urlr.me v.gd v.ht vk.cc vurl.com wapo.st we.tl
    wp.me x.co yep.it youtu.be zpr.io
"""
SHORTENERS: Final = frozenset(_SHORTENERS.split()) - {"youtu.be", "t.umblr.com", "linktr.ee"}
"""Hosts on which every URL but the front page is a short link."""

_SEGMENTS: Final = "away|exit|go|goto|jump|leave|out|outbound|recommend|recommends|redir|redirect|refer|visit"
OWN: Final = rf"[^a-z0-9_-](?:{_SEGMENTS})(?:/[^/?#]|\.(?:php|aspx?|cgi|html?)\?|/?\?)"
"""How a site's own redirector is written; a regular expression over text in lower case, with a sign before the name."""
_OWN: Final = re.compile(OWN)
LONGEST: Final = 2_083
"""The maximum number of characters of a URL that is requested."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirectors:
    """The redirectors to be resolved by a request."""

    named: tuple[tuple[str, str], ...] = ()
    """(host, path prefix) of the redirectors that the user names."""

    @classmethod
    def parse(cls, names: Iterable[str]) -> Self:
        """Parses the redirectors that the user names: hosts, optionally with a path.

        Raises:
            SettingError: one of them is neither.
        """
        found = []
        for name in names:
            url = urls.parse(name if "://" in name else f"https://{name}")
            if url is None or not urls.is_web(url) or url.search:
                raise SettingError(f"--redirector {name}: a host is expected, perhaps with a path (go.example/r/)")
            found.append((urls.bare_host(url.hostname), url.pathname))
        return cls(named=tuple(found))

    @property
    def hosts(self) -> frozenset[str]:
        """Every host that is known by its name."""
        return SHORTENERS | {host for host, _ in self.named}

    def leads_on(self, url: URL, written: str, page: URL) -> bool:
        """True if only a request can tell where a link leads.

        Args:
            url: of the link.
            written: its ``href``; a site's own redirectors are told by it, for so the prefilter sees them.
            page: where it stands.
        """
        if not urls.is_web(url) or len(url.href) > LONGEST:
            return False
        host = urls.bare_host(url.hostname)
        if any(host == name and url.pathname.startswith(path) for name, path in self.named):
            return True
        if url.pathname != "/" and not SHORTENERS.isdisjoint((host, host.removeprefix("www."))):
            return True
        return _OWN.search(f" {written.strip().lower()}") is not None and _is_own(host, page)


def _is_own(host: str, page: URL) -> bool:
    return urls.registrable_domain(host) == urls.registrable_domain(page.hostname)
