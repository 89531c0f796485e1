"""Words by which a page shows that it trades in links, or in what link spam is made for.

The words are the trades' own terms and those of Google's spam policies, in the languages in which most such pages are
written; none is taken from a list of sites. Those that honest pages use as well count only beside others.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# https://developers.google.com/search/docs/essentials/spam-policies#link-spam: bought and exchanged links, low-quality directories and
# bookmark sites, programs that create links.
_LINK_TRADE: Final = (
    r"back-?links? exchanges?",
    r"(?:buy|sell|cheap|free|automatic) (?:automatic |dofollow )?back-?links?",
    r"link[ -]?(?:exchanges?|director(?:y|ies)|swaps?)",
    r"(?:buy|sell|exchange|swap|free|cheap|dofollow|submit|add) (?:your |my |a )?(?:text )?(?:links?|urls?)",
    r"(?:submit|add|promote) (?:your |my |a )?(?:web ?)?sites?",
    r"(?:seo|free|submission) (?:web )?director(?:y|ies)",
    r"web director(?:y|ies)",
    r"article director(?:y|ies)",
    r"(?:social )?bookmark(?:ing|s) (?:sites?|submission|list)",
    r"(?:buy|sell|paid|high da) guest ?posts?",
    r"guest ?post(?:ing)? (?:service|price|package)s?",
    r"(?:buy|sell) expired domains?",
    r"(?:web|link)-?(?:katalog|verzeichnis)",
    r"linktausch",
    r"linkaustausch",
    r"échanges? de liens?",
    r"annuaire (?:gratuit|de liens|web|seo)",
    r"(?:intercambio|directorio) de (?:enlaces|links)",
    r"(?:troca|diretório) de links",
    r"scambio links?",
    r"link de[ğg]i[şs]imi",
    r"tukar link",
    r"wymiana link(?:ów|ami)",
    r"katalog stron",
    r"обмен ссылками",
    r"каталог (?:сайтов|ссылок)",
    r"(?:купить|продажа|биржа) ссылок?",
)
_ABOUT_LINKS: Final = (
    r"back-?links?",
    r"link[ -]?(?:building|farms?|wheels?|trad(?:e|ing))",
    r"social bookmarking",
    r"expired domains?",
    r"(?:high|domain) (?:authority|pagerank|page rank|pr|da)(?: domains?| links?| sites?)?",
    r"private blog networks?",
)
"""What pages about links say, too."""
_EXPLAINS: Final = re.compile(
    r"\b(?:what|how|why|guides?|tutorials?|tips|explained|definition|glossary|wikipedia|tools?|checkers?|analysis|news)\b|\?"
)
"""What titles of pages about a trade have."""
# What spammers are paid for: https://developers.google.com/search/docs/essentials/spam-policies#user-generated-spam and #hacked-content.
_SPAM_TRADES: Final = (
    r"(?:online|live|crypto|bitcoin|best|real money) casinos?",
    r"casinos? (?:online|bonus(?:es)?|games?|slots?)",
    r"(?:online|video|free) (?:poker|roulette|blackjack|baccarat)",
    r"(?:poker|roulette|blackjack|baccarat) online",
    r"slots? (?:online|gacor|games?|machines?)",
    r"(?:online|free|situs|agen|bandar) slots?",
    r"gacor",
    r"judi (?:online|slot|bola|casino|poker)",
    r"togel",
    r"bandarq",
    r"sports? betting",
    r"betting sites?",
    r"sportsbooks?",
    r"bahis",
    r"казино",
    r"ставки на спорт",
    r"博彩",
    r"赌场",
    r"娱乐城",
    r"カジノ",
    r"카지노",
    r"바카라",
    r"토토사이트",
    r"viagra",
    r"cialis",
    r"levitra",
    r"kamagra",
    r"sildenafil",
    r"tadalafil",
    r"tramadol",
    r"xanax",
    r"phentermine",
    r"виагра",
    r"(?:online|canadian|cheap) pharmac(?:y|ies)",
    r"(?:diet|weight ?loss|enhancement) pills?",
    r"male enhancement",
    r"pay ?day (?:loans?|advance)",
    r"(?:bad credit|instant|quick|no credit check) loans?",
    r"cash advances?",
    r"(?:essay|dissertation|term paper|thesis|paper) writing",
    r"(?:buy|write my|order|custom) (?:essays?|dissertations?|term papers?)",
    r"replica (?:watch(?:es)?|handbags?|bags|shoes|rolex)",
    r"(?:fake|replica) (?:rolex|louis vuitton|gucci)",
    r"escort (?:services?|girls?|agenc(?:y|ies))",
    r"sex (?:dating|cams?|chat)",
    r"porno?",
    r"эскорт",
    r"проститутки",
    r"(?:buy|cheap|get|free) (?:instagram|facebook|tiktok|youtube|twitter) (?:followers|likes|views|subscribers)",
    r"(?:full|free) crack(?:ed)?",
    r"keygens?",
    r"nulled",
)
_OTHER_SENSES: Final = (
    r"casinos?",
    r"poker",
    r"roulette",
    r"blackjack",
    r"baccarat",
    r"judi",
    r"escorts?",
    r"xxx",
    r"cracked",
)
"""Words of these trades that have another sense, too: names, games, cars and the like."""
_UNSPACED: Final = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
"""Scripts that write no spaces between words."""


def _terms(patterns: Iterable[str]) -> re.Pattern[str]:
    whole = (
        pattern if re.match(_UNSPACED, pattern) else rf"(?<![^\W_])(?:{pattern})(?![^\W_])" for pattern in patterns
    )
    return re.compile("|".join(whole))


_LINK_TERMS: Final = _terms((*_LINK_TRADE, *_ABOUT_LINKS))
_OFFERS: Final = _terms(_LINK_TRADE)
_TRADE_TERMS: Final = _terms((*_SPAM_TRADES, *_OTHER_SENSES))
_PLAIN_TRADE_TERMS: Final = _terms(_SPAM_TRADES)
# Longer than what other words contain, as `specialist` does `cialis`.
_IN_NAMES: Final = re.compile("casino|poker|viagra")


def link_trade_terms(text: str) -> list[str]:
    """Returns the different terms of the trade in links that a text contains, in lower case, in their order."""
    return _found(_LINK_TERMS, text)


def offers_links(text: str) -> list[str]:
    """Returns the terms by which a text offers links; none where it explains the trade, or only names it, as pages about links do."""
    return [] if _EXPLAINS.search(_plain(text)) else _found(_OFFERS, text)


def spam_trade_terms(text: str) -> list[str]:
    """Returns the different terms of the trades that spam is made for that a text contains, in lower case, in their order."""
    return _found(_TRADE_TERMS, text)


def names_spam_trade(text: str) -> list[str]:
    """Returns the terms that :func:`spam_trade_terms` finds; none if the only one is a word with another sense, as `escort` is in names."""
    found = spam_trade_terms(text)
    return found if len(found) > 1 or _found(_PLAIN_TRADE_TERMS, text) else []


def domain_words(domain: str) -> str:
    """Returns the words of a domain's name: what hyphens separate, and long names of trades that it contains."""
    name = domain.partition(".")[0]
    return " ".join((name.replace("-", " "), *_IN_NAMES.findall(name)))


def _found(terms: re.Pattern[str], text: str) -> list[str]:
    return list(dict.fromkeys(" ".join(found.split()) for found in terms.findall(_plain(text))))


def _plain(text: str) -> str:
    return re.sub(r"[\s_]+", " ", unicodedata.normalize("NFC", text).lower())
