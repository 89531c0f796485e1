"""Masks what is secret in the values of options, where they are shown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from backlinkbot.option_table import Option

MASK: Final = "********"
_PASSWORD: Final = re.compile(r"(?<=://)([^/?#\s@:]*):[^/?#\s@]*@")
_SECRET_NAME: Final = re.compile(r"KEY|SECRET|TOKEN|PASSWORD|PASS$|HEADERS|COOKIE|_URI", re.IGNORECASE)


def shown(option: Option, value: Any) -> Any:
    """Returns the value of an option as it may be shown: secrets and passwords in addresses are masked."""
    if isinstance(value, list | tuple):
        return [shown(option, item) for item in value]
    if option.is_secret and value:
        return MASK
    return without_passwords(value)


def shown_setting(name: str, value: Any) -> Any:
    """Returns the value of a setting of Scrapy as it may be shown; names such as ``SMTP_PASSWORD`` are of secrets."""
    return MASK if value and _SECRET_NAME.search(name) else without_passwords(value)


def without_passwords(value: Any) -> Any:
    """Returns a value with the passwords of addresses in it masked."""
    if isinstance(value, list | tuple):
        return [without_passwords(item) for item in value]
    return _PASSWORD.sub(rf"\1:{MASK}@", value) if isinstance(value, str) else value


def without_password(url: str) -> str:
    """Returns an address without its password; the user's name stays."""
    parts = urlsplit(url)
    if "@" not in parts.netloc:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}@{host}").geturl()
