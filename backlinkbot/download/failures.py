"""Maps exceptions and statuses to failures: the state and the reason of a page that could not be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from scrapy import exceptions as scrapy_errors
from scrapy.exceptions import IgnoreRequest

from backlinkbot.items import Failure, State

if TYPE_CHECKING:
    from scrapy.http import Response


class VisitRefusedError(IgnoreRequest):
    """Raised when a page must not be fetched; the spider records the page with this reason."""

    def __init__(self, state: State, reason: str) -> None:
        super().__init__(reason)
        self.failure = Failure(state=state, reason=reason)


class UnansweredError(scrapy_errors.DownloadFailedError):
    """Raised when no response came; a retry may succeed."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.failure = Failure(state=State.UNREACHABLE, reason=reason)


class BrokenOffError(scrapy_errors.ResponseDataLossError):
    """Raised when only a part of the response came."""

    def __init__(self, reason: str, response: Response) -> None:
        super().__init__(reason)
        self.failure = Failure(state=State.INCOMPLETE, reason=reason)
        self.response = response
        """The part that came, with Scrapy's flag ``dataloss``."""


class MalformedAnswerError(Exception):
    """Raised when the response is not HTTP as this reader understands it; a retry with the same reader is useless."""

    def __init__(self, reason: str, *, is_last: bool) -> None:
        super().__init__(reason)
        self.failure = Failure(state=State.UNREACHABLE, reason=f"{MALFORMED}: {reason}")
        self.is_last = is_last
        """True if there is no more lenient reader."""


class CertificateNameError(Exception):
    """The server's certificate is for another host, so its response would most likely be another site's."""

    def __init__(self) -> None:
        super().__init__(OTHER_NAME.reason)
        self.failure = OTHER_NAME


REDIRECT_STATUSES: Final = frozenset({301, 302, 303, 307, 308})
MALFORMED: Final = "malformed answer"
BROKE_OFF: Final = "the answer broke off"
CERTIFICATE_FAULT: Final = "certificate_fault"
"""Key of a request's meta after a response over https: what is wrong with the certificate; empty if nothing is."""
CUT_OFF: Final = "cut_off"
"""Key of a request's meta: why only a part of the response came."""
REASON: Final = "reason"
"""Key of a request's meta: what to report besides the status of a response that is not a page."""
PRIVATE_ADDRESS: Final = Failure(state=State.UNREACHABLE, reason="private address")
OTHER_NAME: Final = Failure(state=State.UNREACHABLE, reason="TLS: the certificate is for another name")
OUT_OF_DESCRIPTORS: Final = Failure(state=State.UNREACHABLE, reason="out of file descriptors on this machine")
TOO_LARGE: Final = Failure(state=State.UNREACHABLE, reason="larger than the size limit")

_OURS: Final = (VisitRefusedError, UnansweredError, BrokenOffError, MalformedAnswerError, CertificateNameError)
# Exceptions of Scrapy and other clients. The first match wins; any other exception is reported by its own message.
_REASONS: Final[tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...]] = (
    (scrapy_errors.CannotResolveHostError, "no such host"),
    (scrapy_errors.DownloadTimeoutError, "no whole answer in time"),
    (scrapy_errors.DownloadConnectionRefusedError, "connection refused"),
    (scrapy_errors.DownloadCancelledError, TOO_LARGE.reason),
    (scrapy_errors.ResponseDataLossError, BROKE_OFF),
    ((scrapy_errors.UnsupportedURLSchemeError, scrapy_errors.NotSupported), "not http or https"),
    (scrapy_errors.DownloadFailedError, "connection lost"),
)


def failure_of_exception(exception: BaseException) -> Failure:
    """Returns the failure that a request's exception means for its page; never raises."""
    if isinstance(exception, _OURS):
        return exception.failure
    for kind, reason in _REASONS:
        if isinstance(exception, kind):
            return Failure(state=State.INCOMPLETE if reason == BROKE_OFF else State.UNREACHABLE, reason=reason)
    if isinstance(exception, IgnoreRequest):
        reason = TOO_LARGE.reason if "DOWNLOAD_MAXSIZE" in str(exception) else str(exception)
        return Failure(state=State.UNREACHABLE, reason=reason)
    text = " ".join(str(exception).split())[:200]
    if "CONNECT tunnel" in text:
        text = "the proxy could not reach the host"
    return Failure(state=State.UNREACHABLE, reason=text or type(exception).__name__)


PAGES: Final = frozenset({200, 203})
"""Statuses of complete responses that contain the page: https://www.rfc-editor.org/rfc/rfc9110#name-successful-2xx."""
_BINARY: Final = re.compile(
    rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]"
)  # https://mimesniff.spec.whatwg.org/#binary-data-byte
_SNIFFED: Final = 1445


def failure_of_content(response: Response) -> Failure | None:
    """Returns why a missing link proves nothing: the response is partial, empty or binary; None if it is complete."""
    if response.status not in PAGES:
        return Failure(state=State.INCOMPLETE, reason=f"{response.status}: no whole page")
    reason = response.meta.get(CUT_OFF) if response.request is not None else None
    if reason:
        return Failure(state=State.INCOMPLETE, reason=reason)
    if not response.body or response.body.isspace():
        return Failure(state=State.INCOMPLETE, reason="the answer is empty")
    return None


def failure_of_encoding(response: Response) -> Failure | None:
    """Returns why a body cannot be read if its content encoding could not be decoded; None if it can."""
    named = response.headers.get("Content-Encoding")
    if not named or _BINARY.search(response.body, 0, _SNIFFED) is None:
        return None
    return Failure(state=State.INCOMPLETE, reason=f"content encoding {named.decode('latin-1')!r} cannot be undone")


_STATES: Final = {404: State.GONE, 410: State.GONE}


def failure_of_status(response: Response) -> Failure | None:
    """Returns the failure that a response's status means; None if it is a page."""
    status = response.status
    if 200 <= status < 300:
        return None
    if status >= 500:
        state = State.SERVER_ERROR
    elif status >= 400:
        state = _STATES.get(status, State.REFUSED)
    else:  # a redirect without a valid Location
        state = State.UNREACHABLE
    said = response.request.meta.get(REASON) if response.request is not None else None
    return Failure(state=state, reason=said or _words_of_status(response))


def _words_of_status(response: Response) -> str:
    status = response.status
    if status >= 400:
        return str(status)
    if status not in REDIRECT_STATUSES:
        return f"{status}: no page"
    where = "to no web address" if (response.headers.get("Location") or b"").strip() else "without a Location"
    return f"{status}: a redirect {where}"
