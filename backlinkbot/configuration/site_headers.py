"""Parses ``HOST: NAME: VALUE``: request headers for single sites, such as passwords, which no other site receives.

A site is an origin: scheme, host and port. That is narrower than what HTTP clients did at first, and had to correct
(https://curl.se/docs/CVE-2022-27774.html: passwords were sent to another port or protocol of the same host).
"""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from backlinkbot import urls
from backlinkbot.configuration.masking import MASK
from backlinkbot.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LINE: Final = re.compile(
    r"\s*(?:(?P<scheme>https?)://)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^\s:/@\[\]]+)(?::(?P<port>\d{1,5}))?/?:"
    r"\s*(?P<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(?P<value>.*?)\s*",
    re.IGNORECASE | re.DOTALL,
)
_VALUE: Final = re.compile(r"[\t\x20-\x7e\x80-\xff]+")
"""A field value, RFC 9110 §5.5."""
_VARIABLE: Final = re.compile(r"(?:(?<=\s)|^)env:([A-Za-z_][A-Za-z0-9_]*)(?=\s|$)")
_BASIC: Final = re.compile(r"(basic)\s+([^\s:]*:.*)", re.IGNORECASE)
_REFUSED: Final = frozenset(
    {
        *("host", "connection", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade", "content-length"),
        *("content-type", "expect", "proxy-authorization", "proxy-connection", "accept-encoding", "user-agent"),
    }
)
"""Headers that the client itself writes, and the one that says who visits."""
_PORTS: Final = {"https": 443, "http": 80}
_FORM: Final = "write HOST: NAME: VALUE, or HOST:PORT: NAME: VALUE"

PART: Final = "part_of_a_page"
"""Key of a request's meta: it is for a part of a rendered page, whose scripts may read the answer."""
FOREIGN: Final = "for_a_page_of_another_site"
"""Key of a request's meta: it is for a page of another site, which must not see what only the user may see."""

Origin = tuple[str, str, int]
"""Scheme, host and port."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteHeader:
    """One header for one site; its value is neither printed nor part of any message."""

    site: str
    """As written, for messages."""
    origins: tuple[Origin, ...]
    """Where it is sent."""
    name: str
    value: str

    def __repr__(self) -> str:
        """Names the site and the header."""
        return f"SiteHeader({shown_line(f'{self.site}: {self.name}: x')!r})"

    @classmethod
    def parse(cls, line: str, environment: Mapping[str, str]) -> SiteHeader:
        """Parses a line; ``env:NAME`` in its value stands for a variable of the environment.

        A host without a scheme is meant over https; one on this machine also over http, where nobody listens.

        Raises:
            SettingError: it has another form; the message does not contain the value.
        """
        read = _LINE.fullmatch(line)
        if read is None:
            raise SettingError(f"--header: {_FORM}; what was given has another form, and is not repeated here")
        name, site = read["name"], _site(read)
        if name.lower() in _REFUSED:
            raise SettingError(f"--header {site}: {name} cannot be set; the crawler itself writes it")
        return cls(
            site=site, origins=_origins(read, site), name=name, value=_value(read["value"], site, name, environment)
        )


class SiteHeaders:
    """The headers for single sites."""

    def __init__(self, headers: Iterable[SiteHeader] = ()) -> None:
        self._by_origin: dict[Origin, dict[str, str]] = {}
        self._sites: dict[str, str] = {}
        for header in headers:
            for origin in header.origins:
                self._by_origin.setdefault(origin, {})[header.name] = header.value
                self._sites[origin[1]] = header.site

    @classmethod
    def parse(cls, lines: Iterable[str], environment: Mapping[str, str]) -> SiteHeaders:
        """Parses lines as :meth:`SiteHeader.parse` does; raises SettingError."""
        return cls(SiteHeader.parse(line, environment) for line in lines)

    def __bool__(self) -> bool:
        return bool(self._by_origin)

    def of(self, scheme: str, host: str, port: int | None) -> Mapping[str, str]:
        """Returns name -> value of the headers for an origin; of no other, also not of the same host."""
        return self._by_origin.get((scheme, host.strip("[]"), port or _PORTS.get(scheme, 0)), {})

    def named(self, host: str) -> str:
        """Returns the site as the user wrote it if one of its origins has this host; empty for other hosts."""
        return self._sites.get(host.strip("[]"), "")


def _site(read: re.Match[str]) -> str:
    scheme = f"{read['scheme'].lower()}://" if read["scheme"] else ""
    return f"{scheme}{read['host']}{':' + read['port'] if read['port'] else ''}"


def _origins(read: re.Match[str], site: str) -> tuple[Origin, ...]:
    port = int(read["port"]) if read["port"] else None
    url = urls.parse(f"https://{read['host']}:{port or 443}/")
    if url is None or not url.hostname or port == 0:
        raise SettingError(f"--header {site}: this is no host; {_FORM}")
    host = url.hostname.strip("[]")
    schemes = (read["scheme"].lower(),) if read["scheme"] else ("https", "http") if _is_local(host) else ("https",)
    return tuple((scheme, host, port or _PORTS[scheme]) for scheme in schemes)


def _is_local(host: str) -> bool:
    """True for this machine, which https://www.w3.org/TR/secure-contexts/#is-origin-trustworthy trusts without encryption."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _value(text: str, site: str, name: str, environment: Mapping[str, str]) -> str:
    def variable(found: re.Match[str]) -> str:
        value = environment.get(found[1], "").strip()
        if not value:
            raise SettingError(f"--header {site}: {name}: the environment has no variable {found[1]}")
        return value

    value = _VARIABLE.sub(variable, text)
    if not value or not _VALUE.fullmatch(value):
        raise SettingError(f"--header {site}: {name}: its value is empty, or has characters that no header may have")
    if name.lower() == "authorization" and (basic := _BASIC.fullmatch(value)):
        value = f"{basic[1]} {b64encode(basic[2].encode()).decode()}"  # RFC 7617 §2.1
    return value


def shown_line(line: str) -> str:
    """Returns a line as it may be shown: without its value."""
    read = _LINE.fullmatch(line)
    return f"{_site(read)}: {read['name']}: {MASK}" if read is not None else MASK
