"""Recognises referers that are not backlinks: the site itself, search engines, referrer spam, bots and apps."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.importers.outcomes import Skip

if TYPE_CHECKING:
    from collections.abc import Mapping

# First label of the registrable domain -> patterns of the hosts below it that are search pages; other hosts of the same
# company (sites.google.com, groups.google.com) are pages with links.
SEARCH_ENGINES: Final[Mapping[str, str]] = {
    "google": r"|www|news|images|encrypted|lens|cse|scholar|m|ipv4|ipv6|search",
    "bing": r"|www|cn|m|[a-z]{2}",
    "yahoo": r"|(?:.+\.)?search",
    "yandex": r"|www|m|ya",
    "ya": r"|www",
    "baidu": r"|www|m|wap|news|image",
    "duckduckgo": r"|.+",
    "ecosia": r"|www",
    "qwant": r"|www|lite",
    "startpage": r"|.+",
    "ask": r"|www|uk|de",
    "aol": r"(?:.+\.)?search",
    "naver": r"(?:m\.)?search",
    "daum": r"search",
    "seznam": r"|search|www",
    "sogou": r"|www|m|wap",
    "so": r"|www|m",
    "sm": r"|m|so",
    "haosou": r"|www",
    "coccoc": r"|www",
    "rambler": r"nova",
    "kagi": r"|www",
    "mojeek": r"|www",
    "swisscows": r"|www",
    "metager": r"|www",
    "presearch": r"|www",
    "brave": r"search",
    "you": r"|www",
    "perplexity": r"|www",
    "dogpile": r"|www",
    "onet": r"szukaj",
    "t-online": r"suche",
    "gmx": r"suche",
    "web": r"suche",
    "lycos": r"search|www",
    "excite": r"search|msxml",
}
# Registrable domains known for referrer spam; a domain that is not listed is verified.
SPAMMERS: Final = frozenset(
    """
    100dollars-seo.com 4webmasters.org best-seo-offer.com best-seo-solution.com bestwebsitesawards.com
    blackhatworth.com buttons-for-website.com buttons-for-your-website.com buy-cheap-online.info cenoval.ru
    cityadspix.com darodar.com dbutton.net domination.ml econom.co erot.co event-tracking.com eyes-on-you.ga
    fbdownloader.com fix-website-errors.com floating-share-buttons.com free-floating-buttons.com free-share-buttons.com
    free-social-buttons.com get-free-social-traffic.com get-free-traffic-now.com googlsucks.com hulfingtonpost.com
    hundejo.com humanorightswatch.org ilovevitaly.co ilovevitaly.com iskalko.ru kambasoft.com keywords-monitoring.com
    law-enforcement-bot-ff.xyz lomb.co make-money-online.com o-o-6-o-o.com o-o-8-o-o.com
    pizza-imperia.com pornhub-forum.ga priceg.com ranksonic.info ranksonic.org rank-checker.online savetubevideo.com
    semalt.com semaltmedia.com seo-platform.com seoanalyses.com sexyali.com sharebutton.net simple-share-buttons.com
    site-auditor.online social-buttons.com success-seo.com theguardlan.com top1-seo-service.com traffic2cash.org
    traffic2money.com trafficbot.life trafficmonetize.org trafficmonetizer.org
    videos-for-your-business.com vitaly-rules.google webmonetizer.net website-analytics.online website-errors-scanner.com
    websites-reviews.com yourserverisdown.com
    """.split()  # noqa: SIM905 - a list of one a line would be a screen long
)
# Words in the user agents of bots.
_BOTS: Final = re.compile(
    r"bot\b|bot[/ ;-]|crawl|spider|slurp|archiver|mediapartners|facebookexternalhit|curl/|wget/|python|java/|"
    r"go-http|httpclient|libwww|okhttp|scrapy|headless|phantomjs|preview|monitor|pingdom|uptime|feed(?:fetcher|ly|bin)|"
    r"lighthouse|check_http|axios|node-fetch|ruby|php/|perl|zgrab|masscan|nikto|sqlmap",
    re.IGNORECASE,
)
_APP_SCHEMES: Final = (
    "android-app:",
    "ios-app:",
    "app:",
    "chrome-extension:",
    "moz-extension:",
    "about:",
    "file:",
    "data:",
)
# Webmail: the link is in a mail, which cannot be fetched.
_MAIL: Final = re.compile(
    r"(?:web)?mail\d*\.|outlook\.(?:live|office)|deref-(?:mail|gmx|web)|.*\bmail\.(?:google|yahoo|ru)\b"
)
NO_REFERERS: Final = frozenset({"", "-", '"-"', "null", "(null)", "undefined", "none"})


def is_bot(agent: str) -> bool:
    """True if the user agent is declared as a bot."""
    return _BOTS.search(agent) is not None


@lru_cache(maxsize=50_000)
def refuse(scheme_and_host: str) -> Skip | None:
    """Returns why a referer of this host is not a page with a link; None if it may be one."""
    scheme, _, hostname = scheme_and_host.partition("//")
    if scheme in _APP_SCHEMES:
        return Skip.APP
    registrable = urls.registrable_domain(hostname)
    if registrable in SPAMMERS or hostname in SPAMMERS:
        return Skip.REFERRER_SPAM
    label = registrable.partition(".")[0]
    below = SEARCH_ENGINES.get(label)
    if below is not None and re.fullmatch(below, hostname.removesuffix(registrable).rstrip(".")):
        return Skip.SEARCH_ENGINE
    return Skip.APP if _MAIL.match(hostname) else None


def is_app(referer: str) -> bool:
    """True if the referer is an app or a page of the browser itself."""
    return referer[:20].lower().startswith(_APP_SCHEMES)
