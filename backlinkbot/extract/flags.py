"""Determines the flags of a link and of its page, each with its evidence; ``docs/hidden.md`` describes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from propcache.api import cached_property

from backlinkbot import urls
from backlinkbot.extract.visibility import LONGEST_EVIDENCE, Visibility
from backlinkbot.extract.visibility.computed import JUDGED
from backlinkbot.text.csv_escaping import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

    from backlinkbot.extract.html import DocumentLike, ElementLike
    from backlinkbot.urls import URL

Flagged = tuple[tuple[str, str], ...]
"""Flags, each with its evidence."""


class FlagFinder:
    """Determines the flags of one page's elements, above all of its links."""

    def __init__(self, document: DocumentLike, hidden_mark: str = "") -> None:
        """Keeps the page; nothing is examined yet.

        Args:
            document: the page.
            hidden_mark: the attribute in which a browser has marked what the page hides; empty without a browser.
        """
        self._document = document
        root = document.root
        self._mark = hidden_mark if hidden_mark and root is not None and root.attr(hidden_mark) == JUDGED else ""
        self.hiding: Final = Visibility(document)

    def of(self, element: ElementLike) -> Flagged:
        """Returns the flags of an element, each with its evidence."""
        return tuple([(flag, evidence) for flag, find in self._finders if (evidence := find(self, element))])

    @cached_property
    def _finders(self) -> tuple[tuple[str, Callable[[FlagFinder, ElementLike], str]], ...]:
        """The flags that an element of the page may have."""
        absent = {name for name, found in (("noscript", self.in_noscript), ("shadow", self.in_shadow)) if not found}
        return tuple(flag for flag in FLAGS.items() if flag[0] not in absent)

    def hidden(self, element: ElementLike) -> str:
        """Returns the evidence that readers do not see the element; the browser's if one rendered the page."""
        if self._mark:
            return one_line(element.attr(self._mark) or "", LONGEST_EVIDENCE)
        return self.hiding.evidence(element)

    @cached_property
    def in_noscript(self) -> AbstractSet[ElementLike]:
        """The links in ``<noscript>``."""
        return self._document.elements_inside("noscript", "a", "area")

    @cached_property
    def in_shadow(self) -> AbstractSet[ElementLike]:
        """The links in shadow trees."""
        return self._document.shadow_elements("a", "area")


# flag -> its evidence; empty where it does not hold.
FLAGS: Final[dict[str, Callable[[FlagFinder, ElementLike], str]]] = {
    "noscript": lambda page, link: "element noscript" if link in page.in_noscript else "",
    "shadow": lambda page, link: "shadow tree" if link in page.in_shadow else "",
    "hidden": FlagFinder.hidden,
    "aria_hidden": lambda page, link: page.hiding.aria_evidence(link),
}


CERTIFICATE_FLAGS: Final = {
    "expired": "certificate_expired",
    "not yet valid": "certificate_untrusted",
    "not valid": "certificate_untrusted",
}
"""By what is wrong with the certificate of the page's server. Self-signed certificates and those of unknown issuers have
none: many servers have never had another one."""

OTHERS: Final = (
    "brand",
    "brand_linked",
    "iframe",
    "commented",
    "template",
    "crawler_only",
    "browser_only",
    "canonical_elsewhere",
    *dict.fromkeys(CERTIFICATE_FLAGS.values()),
    "more",
)
"""The flags that other modules set."""


def of_page(
    *, url: URL, noindex_by: Iterable[str], agent: str, canonical_url: str, certificate_fault: str = ""
) -> Flagged:
    """Returns the flags of a page, which hold for each of its links: noindex, another canonical URL, certificate.

    Args:
        url: the page's.
        noindex_by: the rules that keep it out of the index.
        agent: the search engine's product token.
        canonical_url: the page's ``<link rel=canonical>``; empty where it has none.
        certificate_fault: what is wrong with the certificate of its server; empty where nothing is.
    """
    canonical = urls.parse(canonical_url)
    is_elsewhere = urls.is_web(canonical) and _page_key(canonical) != _page_key(url)
    doubt = CERTIFICATE_FLAGS.get(certificate_fault)
    return (
        *((f"closed_to_{agent}", rule) for rule in noindex_by),
        *((("canonical_elsewhere", canonical_url),) if is_elsewhere else ()),
        *(((doubt, certificate_fault),) if doubt else ()),
    )


def _page_key(url: URL | None) -> str:
    """Returns a key that is the same for http and https."""
    return urls.identity_key(url).partition("://")[2] if url is not None else ""


def named(flagged: Flagged) -> tuple[str, ...]:
    """Returns the flags, each once."""
    return tuple(dict.fromkeys(flag for flag, _ in flagged))


def shown(flagged: Flagged) -> tuple[str, ...]:
    """Returns ``flag:evidence`` for each flag that has evidence."""
    return tuple(f"{flag}:{evidence}" for flag, evidence in flagged if evidence)
