"""Decides by one scan of a WAT record's bytes if its page may link to a target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from backlinkbot.prefilter.hosts import has_address, host_expressions
from backlinkbot.prefilter.patterns import ENCODED_SCHEME, ENCODER_HOSTS, SCHEME
from backlinkbot.prefilter.scan import kept_scan_for

if TYPE_CHECKING:
    from pathlib import Path

    from backlinkbot.targets import Targets

BOUNDED_IN_WAT: Final = 100
"""Up to so many hosts are looked for between their boundaries: WAT has little text, so names without boundaries are
scanned for faster, and few are found in vain."""

_KEY: Final = r"\"(?:url|href|base|location|refresh)\"[\t\n\r ]*:[\t\n\r ]*\""
_ESCAPE: Final = r"\\[tnrbfu]"
_JSON_LEAD: Final = r"(?:[\x00-\x20]|\\[tnrbf]|\\u00[01][0-9a-f]|\\u0020)*"
_JSON_SLASH: Final = r"(?:\\?/|\\\\)"
_JSON_BEFORE_HOST: Final = rf"(?:https?:{_JSON_SLASH}*|{_JSON_SLASH}{{2,}})"
_JSON_ODD_HOST: Final = rf"{_JSON_BEFORE_HOST}[^\"/\\?#%\x80-\xff]*(?:[%\x80-\xff]|\\[^/])"
SUSPICIOUS_IN_WAT: Final = (
    rf"{_KEY}{_JSON_LEAD}(?:{SCHEME}+{_ESCAPE}|\\u00[2-7])",
    rf"{_KEY}{_JSON_LEAD}(?:https?:{_JSON_SLASH}*|{_JSON_SLASH}+){_ESCAPE}",
    rf"{_KEY}{_JSON_LEAD}{_JSON_ODD_HOST}",
    rf"\"content\"[\t\n\r ]*:[\t\n\r ]*\"{_JSON_LEAD}[0-9.][^\"]*(?:{_ESCAPE}|{_JSON_ODD_HOST})",
    rf"<{_JSON_LEAD}(?:{SCHEME}*{_ESCAPE}|{_JSON_SLASH}+{_ESCAPE}|{_JSON_ODD_HOST})",
    ENCODED_SCHEME,
    *ENCODER_HOSTS,
)
"""What may hide a host in a WAT record, which has URLs as JSON strings: the same as in HTML, with JSON's escapes in place
of character references, in URLs, in what a ``<meta>`` sends its readers to, and in ``Link`` headers."""


class WatPrefilter:
    """As :class:`~backlinkbot.prefilter.Prefilter`, for records of WAT; thread-safe.

    Why "no" is never wrong: steps 3 to 8 of the proof in :mod:`backlinkbot.prefilter` hold for JSON strings with
    :data:`SUSPICIOUS_IN_WAT`. WAT is UTF-8, and character references are decoded in it, or are a part of the URL. The page's
    own host stands in its record, too.
    """

    def __init__(self, targets: Targets, cache_dir: Path | None = None) -> None:
        """Compiles the filter; never raises. ``cache_dir`` is as in :meth:`backlinkbot.prefilter.Prefilter.for_targets`."""
        hosts = targets.hosts
        expressions = host_expressions(hosts, SUSPICIOUS_IN_WAT, bounded_up_to=BOUNDED_IN_WAT)
        self._scan = None if has_address(hosts) else kept_scan_for(expressions, cache_dir)

    @property
    def is_blind(self) -> bool:
        """True if every record is "perhaps": no Hyperscan, or an IP address among the targets."""
        return self._scan is None

    def may_link(self, record: bytes) -> bool:
        """True if the record must be parsed; False only if its page holds no link to a target."""
        return self._scan is None or self._scan.finds(record)
