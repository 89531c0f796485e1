"""The table of known wrappers, by host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from backlinkbot.extract.unwrap.places import (
    amp,
    disqus,
    in_path,
    parameter,
    proofpoint,
    trade_doubler,
    whole_query,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from backlinkbot.urls import URL


@dataclass(frozen=True, slots=True)
class Wrapper:
    """A known way to wrap a link."""

    hosts: tuple[str, ...]
    """The hosts; their subdomains are included."""
    path: str
    """A regular expression that the path begins with."""
    read: Callable[[URL], Iterable[str]]


_ANY: Final = "/"

# https://support.google.com/…, https://www.facebook.com/l.php?u=…, and so on: what stands behind each, see docs/links.md.
KNOWN: Final = (
    # search engines
    Wrapper(("google",), r"/url$", parameter("q", "url")),
    Wrapper(("google",), r"/amp/", amp),
    Wrapper(("cdn.ampproject.org", "bing-amp.com"), r"/(?:[acivw]|wp)/", amp),
    Wrapper(("bing.com",), r"/ck/a", parameter("u")),
    Wrapper(("duckduckgo.com",), r"/l/?$", parameter("uddg")),
    Wrapper(("search.yahoo.com",), _ANY, in_path(r"/RU=(?P<url>[^/]+)")),
    Wrapper(("yandex.ru", "yandex.com"), r"/(?:clck|redir)", parameter("url")),
    Wrapper(("baidu.com",), r"/link$", parameter("url")),
    # networks and messengers
    Wrapper(("facebook.com",), r"/l\.php$", parameter("u")),
    Wrapper(("instagram.com", "threads.net", "threads.com"), r"/$", parameter("u")),
    Wrapper(("youtube.com",), r"/redirect$", parameter("q", "url")),
    Wrapper(("linkedin.com",), r"/(?:redir/redirect|safety/go|redir/general-malware-page)", parameter("url")),
    Wrapper(("out.reddit.com",), _ANY, parameter("url")),
    Wrapper(("vk.com", "vk.ru"), r"/away(?:\.php)?$", parameter("to")),
    Wrapper(("ok.ru",), r"/dk$", parameter("st.link")),
    Wrapper(("slack-redir.net",), r"/link$", parameter("url")),
    Wrapper(("steamcommunity.com", "steampowered.com"), r"/linkfilter/?", parameter("url", "u")),
    Wrapper(("steamcommunity.com",), r"/linkfilter/http", in_path(r"/linkfilter/(?P<url>.+)")),
    Wrapper(("tumblr.com", "t.umblr.com"), r"/redirect$", parameter("z")),
    Wrapper(("medium.com",), r"/r/?$", parameter("url")),
    Wrapper(("weibo.cn", "weibo.com"), r"/sinaurl$", parameter("u", "toasturl")),
    Wrapper(("link.zhihu.com", "link.csdn.net", "link.juejin.cn", "gitee.com"), _ANY, parameter("target")),
    Wrapper(("getpocket.com",), r"/redirect$", parameter("url")),
    Wrapper(("exit.sc", "gate.sc"), _ANY, parameter("url")),
    Wrapper(("disq.us",), r"/url$", disqus),
    # guards of mail and of privacy
    Wrapper(("safelinks.protection.outlook.com",), _ANY, parameter("url")),
    Wrapper(("urldefense.com", "urldefense.proofpoint.com"), r"/v3/", in_path(r"^/v3/__(?P<url>.+?)__;")),
    Wrapper(("urldefense.proofpoint.com",), r"/v2/", proofpoint),
    Wrapper(("cudasvc.com",), r"/url$", parameter("a")),
    Wrapper(("fireeye.com", "symantec.com"), _ANY, parameter("u")),
    Wrapper(("secure-web.cisco.com",), _ANY, in_path(r"^/[^/]+/(?P<url>https?(?::|%3a).+)")),
    Wrapper(("href.li", "anonym.to", "anonym.es", "nullrefer.com", "dereferer.me"), _ANY, whole_query),
    # affiliate networks
    Wrapper(("awin1.com", "zenaps.com"), r"/(?:cread|awclick)\.php$", parameter("ued", "p")),
    Wrapper(("shareasale.com",), r"/(?:r|u)\.cfm$", parameter("urllink")),
    Wrapper(("linksynergy.com",), _ANY, parameter("murl")),
    Wrapper(("skimresources.com", "redirectingat.com"), _ANY, parameter("url")),
    Wrapper(("viglink.com", "sjv.io"), _ANY, parameter("u", "out")),
    Wrapper(("tradedoubler.com",), r"/click", parameter("url")),
    Wrapper(("tradedoubler.com",), r"/click", trade_doubler),
    Wrapper(("prf.hn",), r"/click/", in_path(r"/destination:(?P<url>.+)")),
    Wrapper(
        ("anrdoezrs.net", "dpbolvw.net", "jdoqocy.com", "kqzyfj.com", "tkqlhce.com"),
        r"/(?:links|click)",
        in_path(r"(?:[?&]url=|/links/.*?/)(?P<url>https?(?::|%3a).+)"),
    ),
)

ENCODERS: Final = ("urldefense.com", "urldefense.proofpoint.com")
"""Those of the table that write a host in a spelling of their own, or what no host ends with behind it."""
