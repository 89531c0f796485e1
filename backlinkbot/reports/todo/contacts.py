"""Finds whom to write to about a link, in the words that the page prints beside it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.reports.todo.tasks import UNKNOWN

if TYPE_CHECKING:
    from backlinkbot.items import Backlink

# A valid e-mail address of the HTML standard (https://html.spec.whatwg.org/multipage/input.html#valid-e-mail-address),
# with a dot in its domain.
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS: Final = re.compile(
    rf"(?<![\w.!#$%&'*+/=?^`{{|}}~@-])[\w.!#$%&'*+/=?^`{{|}}~-]{{1,64}}@(?:{_LABEL}\.)+{_LABEL}(?![\w@-])",
    re.IGNORECASE | re.ASCII,
)


def contact(row: Backlink) -> str:
    """Returns the e-mail address in the heading, the anchor or the words around the link; ``unknown`` if there is none.

    An address of the linked site is none of the page's.
    """
    own = urls.parse(row.target_url)
    ours = urls.registrable_domain(own.hostname) if own is not None else ""
    for text in (row.context_after, row.context_before, row.heading, row.anchor):
        for match in _ADDRESS.finditer(text):
            host = match[0].rpartition("@")[2].lower()
            is_of_url = "://" in text[: match.start()].rpartition(" ")[2]  # the name and password of a URL
            if not is_of_url and urls.registrable_domain(host) != ours:
                return match[0]
    return UNKNOWN
