"""Where notifications go: any service that Apprise knows, and signed webhooks. What is secret in an address is never printed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import http.client
import json
import logging
import uuid
import warnings
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import time
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener, getproxies, proxy_bypass

from backlinkbot.alerts.event import payload_of, text_of, title_of
from backlinkbot.errors import SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from backlinkbot.alerts.event import RunEnd

WEBHOOK: Final = ("webhook+https://", "webhook+http://")
TIMEOUT: Final = 20.0
"""Seconds for one request of a webhook."""
TRIES: Final = 2
"""Requests of a webhook whose server did not answer, or answered 5xx; each has the same ``webhook-id``."""
_PREFIX: Final = "whsec_"
_TUNNEL: Final = "Tunnel connection failed: "
"""How http.client says that a proxy did not connect, with its status and reason."""
_MOST_SAID: Final = 80
"""Characters of what a proxy says."""


class Channel(Protocol):
    """One address that is told."""

    @property
    def name(self) -> str:
        """Of the service, without anything secret."""
        ...

    def send(self, end: RunEnd) -> str:
        """Sends a message; returns why it could not be sent, or an empty text."""
        ...


def channels_of(urls: Iterable[str], secret: str) -> list[Channel]:
    """Returns the channels of the addresses behind ``--notify``.

    Args:
        urls: ``webhook+https://…``, or an address of Apprise: https://appriseit.com/services/
        secret: the key that signs webhooks.

    Raises:
        SettingError: an address is of no known service, Apprise is not installed, or there is no secret for a webhook. The
            message has no more of the address than its scheme.
    """
    return [_webhook(url, secret) if url.startswith(WEBHOOK) else _of_apprise(url) for url in urls]


def scheme_of(url: str) -> str:
    """Returns an address as it may be printed: ``slack://…``."""
    scheme, separator, _ = url.partition("://")
    return f"{scheme[:20]}://…" if separator and scheme.replace("+", "").isalnum() else "an address without a scheme"


# --- webhooks ---------------------------------------------------------------------------------------------------------


def signature_of(secret: str, identity: str, timestamp: str, body: bytes) -> str:
    """Returns the value of the header ``webhook-signature`` by the Standard Webhooks specification.

    HMAC-SHA256 over ``identity.timestamp.body``, in base64 behind ``v1,``:
    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

    Raises:
        SettingError: a secret that begins with ``whsec_`` is not in base64.
    """
    if secret.startswith(_PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            raise SettingError("BACKLINKBOT_NOTIFY_SECRET: what follows whsec_ is not in base64") from None
    else:
        key = secret.encode()
    signed = b".".join((identity.encode(), timestamp.encode(), body))
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


class _NoRedirects(HTTPRedirectHandler):
    """A redirect would carry what is signed to another server."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Webhook:
    """Sends JSON by POST, signed."""

    url: str
    secret: str
    name: str = "the webhook"

    def send(self, end: RunEnd) -> str:
        """Sends a message; returns why it could not be sent, or an empty text."""
        body = json.dumps(payload_of(end), separators=(",", ":")).encode()
        identity = f"msg_{uuid.uuid4().hex}"
        why = ""
        for _ in range(TRIES):
            stamp = str(int(time()))
            headers = {
                "Content-Type": "application/json",
                "User-Agent": "backlinkbot",
                "webhook-id": identity,
                "webhook-timestamp": stamp,
                "webhook-signature": signature_of(self.secret, identity, stamp, body),
            }
            status, why = self._post(body, headers)
            if status is not None and status < 500:
                return why
        return why

    def _post(self, body: bytes, headers: Mapping[str, str]) -> tuple[int | None, str]:
        request = Request(self.url, data=body, headers=dict(headers), method="POST")  # noqa: S310 - http(s) by its scheme
        try:
            with build_opener(_NoRedirects).open(request, timeout=TIMEOUT) as answer:
                return answer.status, ""
        except HTTPError as error:
            error.close()
            return error.code, f"it answered {error.code}{self._by_proxy()}"
        except (URLError, OSError, http.client.HTTPException) as error:
            reason = error.reason if isinstance(error, URLError) else error
            said = reason.strerror if isinstance(reason, OSError) and reason.strerror else type(reason).__name__
            if str(reason).startswith(_TUNNEL):
                said = " ".join("".join(filter(str.isprintable, str(reason)[:_MOST_SAID])).split())
            return None, f"it could not be reached{self._by_proxy()} ({said})"

    def _by_proxy(self) -> str:
        """Names the proxy of the environment that was asked; empty if there is none."""
        address = urlsplit(self.url)
        proxy = getproxies().get(address.scheme, "")
        if not proxy or proxy_bypass(address.netloc.rpartition("@")[2]):
            return ""
        return f" through the proxy {proxy.rpartition('@')[2].rpartition('//')[2].rstrip('/')}"  # without a password


def _webhook(url: str, secret: str) -> Webhook:
    address = url.removeprefix("webhook+")
    try:
        has_host = bool(urlsplit(address).hostname)
    except ValueError:
        has_host = False
    if not has_host:
        raise SettingError(f"--notify {scheme_of(url)}: no host is named; write webhook+https://HOST/PATH")
    if not secret:
        raise SettingError(
            f"--notify {scheme_of(url)}: a webhook is signed; set the environment variable BACKLINKBOT_NOTIFY_SECRET"
        )
    signature_of(secret, "", "", b"")
    return Webhook(address, secret)


# --- Apprise ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Service:
    """Sends text through Apprise: mail, Slack, Teams, Telegram and many others."""

    plugin: Any
    """Apprise's; it knows the address."""
    name: str

    def send(self, end: RunEnd) -> str:
        """Sends a message; returns why it could not be sent, or an empty text."""
        apprise = _apprise()
        sender = apprise.Apprise()
        sender.add(self.plugin)
        kind = apprise.NotifyType.FAILURE if end.is_failed else apprise.NotifyType.INFO
        with _silenced():
            try:
                is_sent = sender.notify(text_of(end), title_of(end), notify_type=kind, body_format="text")
            except Exception as error:  # noqa: BLE001 - a plugin is a library's; its message may hold the address
                return f"it failed ({type(error).__name__})"
        return "" if is_sent else "the service did not take it"


def _apprise() -> Any:
    """Imports Apprise; raises ImportError."""
    with _silenced():
        import apprise  # noqa: PLC0415 - an optional package
    return apprise


def _of_apprise(url: str) -> Service:
    try:
        apprise = _apprise()
    except ImportError as error:
        raise SettingError(
            f'--notify {scheme_of(url)}: it needs Apprise: pip install "backlinkbot[notify]"; webhook+https:// needs nothing'
        ) from error
    with _silenced():
        plugin = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if plugin is None:
        raise SettingError(
            f"--notify {scheme_of(url)}: Apprise knows no such address; https://appriseit.com/services/ lists them"
        )
    return Service(plugin, str(plugin.service_name))


@contextmanager
def _silenced() -> Iterator[None]:
    """Keeps Apprise from logging, for its messages hold addresses and so passwords, and from warnings of old modules that it imports."""
    logger = logging.getLogger("apprise")
    before = logger.disabled
    logger.disabled = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        logger.disabled = before
