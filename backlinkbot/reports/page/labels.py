"""Labels for the values of rows and figures, as the report shows them."""

from __future__ import annotations

from typing import Final

from backlinkbot.items import Reason
from backlinkbot.reports.anchors import AnchorKind

# Short enough for the names in a chart.
VOTES: Final = {
    "follow": "followed",
    "not_indexable": "followed, noindex",
    "nofollow_link": "nofollow on link",
    "nofollow_page": "nofollow on page",
    "no_vote": "frames and others",
}
VOTE_COLOURS: Final = {
    "follow": "good",
    "not_indexable": "muted",
    "nofollow_link": "bad",
    "nofollow_page": "bad",
    "no_vote": "muted",
}

ANSWERS: Final = {
    "broken": "not found",
    "soft_404": "a not-found page",
    "redirected_home": "the home page instead",
    "suspended": "the host has closed the site",
    "parked": "a parked domain",
    # could not be checked
    "server_error": "server error",
    "unreachable": "no answer",
    "refused": "refused",
    "blocked_by_robots": "closed by robots.txt",
    "incomplete": "an incomplete answer",
    "challenged": "a bot check",
    "login": "a login page",
    "consent": "a consent page",
    "queue": "a waiting room",
    "maintenance": "under maintenance",
}
"""The state of a linked address, if it is not the page."""

KINDS: Final = {
    AnchorKind.BRANDED: "branded",
    AnchorKind.EXACT: "exact",
    AnchorKind.NAKED_URL: "naked URL",
    AnchorKind.GENERIC: "generic",
    AnchorKind.IMAGE: "image",
    AnchorKind.EMPTY: "empty",
    AnchorKind.OTHER: "other words",
}

LINK_TYPES: Final = {
    "text": "text",
    "image": "image",
    "area": "image map",
    "frame": "frame",
    "form": "form",
    "canonical": "canonical",
    "alternate": "alternate",
    "http_link": "Link header",
    "meta_refresh": "refresh",
    "redirect": "redirect",
    "feed": "feed",
    "mention": "mention",
}

LINK_KINDS: Final = {
    "none": "no kind suggested",
    "comment": "comment",
    "forum": "forum",
    "directory": "directory",
    "guest_post": "guest post",
    "press_release": "press release",
    "sponsored_label": "labelled as paid",
    "badge": "badge",
    "image_credit": "image credit",
}
LINK_KIND_COLOURS: Final = {"none": "muted"}

PLACEMENTS: Final = {
    "none": "not known",
    "content": "content",
    "nav": "navigation",
    "header": "site head",
    "footer": "footer",
    "aside": "sidebars, boxes",
    "comment": "comments",
}

REASONS: Final = {
    Reason.PAGE_FOUND: "on a page that was not known",
    Reason.LINK_FOUND: "on a page that was known without it",
    Reason.REMOVED_FROM_PAGE: "removed from the page",
    Reason.PAGE_GONE: "the page is gone",
    Reason.PAGE_REDIRECTED: "the page redirects elsewhere",
    Reason.NOINDEX: "the page must not be indexed now",
    Reason.NOINDEX_REMOVED: "the page may be indexed again",
    Reason.NOT_CANONICAL: "the page names another canonical address",
    Reason.CANONICAL_AGAIN: "the page is canonical again",
    Reason.NOFOLLOW_ADDED: "nofollow added",
    Reason.NOFOLLOW_REMOVED: "nofollow removed",
    Reason.ANCHOR_CHANGED: "another anchor",
    Reason.TARGET_CHANGED: "leads to another page of the target",
    Reason.HIDDEN: "hidden now",
    Reason.SHOWN: "shown again",
}

# ISO 639 codes of the most frequent languages of the web; other codes are shown as they are.
LANGUAGES: Final = {
    "ar": "Arabic",
    "bg": "Bulgarian",
    "bn": "Bengali",
    "ca": "Catalan",
    "cs": "Czech",
    "da": "Danish",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "et": "Estonian",
    "fa": "Persian",
    "fi": "Finnish",
    "fr": "French",
    "he": "Hebrew",
    "hi": "Hindi",
    "hr": "Croatian",
    "hu": "Hungarian",
    "id": "Indonesian",
    "it": "Italian",
    "ja": "Japanese",
    "ko": "Korean",
    "lt": "Lithuanian",
    "lv": "Latvian",
    "ms": "Malay",
    "nb": "Norwegian",
    "nl": "Dutch",
    "no": "Norwegian",
    "pl": "Polish",
    "pt": "Portuguese",
    "ro": "Romanian",
    "ru": "Russian",
    "sk": "Slovak",
    "sl": "Slovenian",
    "sr": "Serbian",
    "sv": "Swedish",
    "th": "Thai",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "vi": "Vietnamese",
    "zh": "Chinese",
}
