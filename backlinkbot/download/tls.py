"""TLS as browsers use it, and the certificate faults with which a page is still read.

Certificates are checked as browsers do. If one is expired, self-signed or signed by an unknown authority, people
dismiss a warning and see the page; so the page is read and the fault is reported. If the certificate is for another
name, the response is another site's, often the server's default site; that page is not the requested one.
"""

from __future__ import annotations

import logging
import os
import ssl
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final

import certifi
from cryptography import x509
from cryptography.x509.oid import NameOID
from service_identity import VerificationError
from service_identity.cryptography import verify_certificate_hostname, verify_certificate_ip_address
from service_identity.exceptions import CertificateError

from backlinkbot.errors import SettingError

if TYPE_CHECKING:
    from scrapy.settings import BaseSettings

logger = logging.getLogger(__name__)

_OP_LEGACY_SERVER_CONNECT: Final = 0x4
"""``ssl.OP_LEGACY_SERVER_CONNECT`` of Python 3.12: for servers older than RFC 5746, to which browsers connect."""
_OP_IGNORE_UNEXPECTED_EOF: Final = 0x80
"""``ssl.OP_IGNORE_UNEXPECTED_EOF``, which Python 3.11 does not name: many servers close without a TLS notification."""


_VERSIONS: Final = {
    "TLSv1.0": ssl.TLSVersion.TLSv1,
    "TLSv1.1": ssl.TLSVersion.TLSv1_1,
    "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}
"""The values of Scrapy's settings."""


class CertificateFault(StrEnum):
    """A fault for which browsers warn of a site, though its certificate is for the right name."""

    EXPIRED = "expired"
    NOT_YET_VALID = "not yet valid"
    SELF_SIGNED = "self-signed"
    UNKNOWN_ISSUER = "unknown issuer"
    """The issuer is unknown, or the server omits an intermediate certificate."""
    OTHER = "not valid"


# https://docs.openssl.org/master/man3/X509_STORE_CTX_get_error/
_FAULTS: Final = {
    9: CertificateFault.NOT_YET_VALID,
    10: CertificateFault.EXPIRED,
    18: CertificateFault.SELF_SIGNED,
    19: CertificateFault.UNKNOWN_ISSUER,  # a chain that ends in a private authority
    2: CertificateFault.UNKNOWN_ISSUER,
    20: CertificateFault.UNKNOWN_ISSUER,
    21: CertificateFault.UNKNOWN_ISSUER,
}
_OTHER_NAME: Final = frozenset({62, 64})


@dataclass(slots=True)
class ConnectionProgress:
    """The progress of a request's connection."""

    is_handshaking: bool = False


PROGRESS: Final[ContextVar[ConnectionProgress | None]] = ContextVar("progress", default=None)
"""The progress of the request for which a connection is being made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contexts:
    """The two TLS contexts of a crawl."""

    strict: ssl.SSLContext
    """Rejects any fault of a certificate."""
    lenient: ssl.SSLContext
    """Rejects only a certificate for another name."""
    reads_faulty: bool
    """True if pages are read despite a faulty certificate."""


_ASKED: Final = (
    "DOWNLOADER_CLIENT_TLS_CIPHERS",
    "DOWNLOAD_TLS_MIN_VERSION",
    "DOWNLOAD_TLS_MAX_VERSION",
    "DOWNLOAD_VERIFY_CERTIFICATES",
)
"""Scrapy's settings of TLS."""
_made: Final[dict[tuple[str, ...], Contexts]] = {}


def contexts(settings: BaseSettings) -> Contexts:
    """Returns the two contexts of a crawl, made once per process: loading all authorities is slow.

    With ``DOWNLOAD_VERIFY_CERTIFICATES``, faulty certificates are rejected.
    """
    asked = tuple(str(settings[name]) for name in _ASKED)
    if asked not in _made:
        _made[asked] = _make(settings)
    return _made[asked]


def _make(settings: BaseSettings) -> Contexts:
    strict, lenient = _context(settings), _context(settings)
    for context in (strict, lenient):
        context.options |= _OP_LEGACY_SERVER_CONNECT | _OP_IGNORE_UNEXPECTED_EOF
        context.set_alpn_protocols(["http/1.1"])
    strict.check_hostname = True
    strict.verify_mode = ssl.CERT_REQUIRED
    _load_authorities(strict)
    strict.sslobject_class = _Watched
    lenient.check_hostname = False
    lenient.verify_mode = ssl.CERT_NONE
    lenient.sslobject_class = _Named
    return Contexts(strict=strict, lenient=lenient, reads_faulty=not settings.getbool("DOWNLOAD_VERIFY_CERTIFICATES"))


def _context(settings: BaseSettings) -> ssl.SSLContext:
    """Returns a context with the versions, ciphers and key log file that Scrapy's settings and the environment name.

    https://docs.scrapy.org/en/latest/topics/settings.html#download-tls-min-version

    Raises:
        SettingError: a setting names no version of TLS.
    """
    context = _Context(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = _version(settings, "DOWNLOAD_TLS_MIN_VERSION", context.minimum_version)
    context.maximum_version = _version(settings, "DOWNLOAD_TLS_MAX_VERSION", context.maximum_version)
    if ciphers := settings["DOWNLOADER_CLIENT_TLS_CIPHERS"]:
        context.set_ciphers(ciphers)
    if file := os.environ.get("SSLKEYLOGFILE"):
        try:
            context.keylog_filename = file
        except OSError as error:
            logger.warning("Cannot write TLS session keys to %s: %s", file, error)
    return context


def _version(settings: BaseSettings, name: str, default: ssl.TLSVersion) -> ssl.TLSVersion:
    version = settings[name]
    if not version:
        return default
    if version not in _VERSIONS:
        raise SettingError(f"{name}: {version!r} is none of {', '.join(_VERSIONS)}")
    return _VERSIONS[version]


class FaultyCertificateError(Exception):
    """Raised for a certificate of which browsers warn."""

    def __init__(self, cause: ssl.CertificateError) -> None:
        super().__init__(str(cause))
        code = getattr(cause, "verify_code", 0)
        self.fault = None if code in _OTHER_NAME else _FAULTS.get(code, CertificateFault.OTHER)
        """None if the certificate is for another name."""


def _load_authorities(context: ssl.SSLContext) -> None:
    """Loads the system's authorities, or those of a package if the system has none, as in small containers."""
    paths = ssl.get_default_verify_paths()
    if paths.openssl_cafile_env not in os.environ and _is_sorted(paths.capath):
        context.load_verify_locations(capath=paths.capath)  # each is read when a site needs it
        return
    context.load_default_certs()
    if not context.cert_store_stats()["x509_ca"]:
        context.load_verify_locations(certifi.where())


def _is_sorted(folder: str | None) -> bool:
    """True if a folder contains authorities under the hashed names by which OpenSSL finds them."""
    return folder is not None and next(Path(folder).glob("*.0"), None) is not None


class _Context(ssl.SSLContext):
    """A context that leaves the trailing dot of a host's name out of the handshake and of the check of the certificate.

    ``https://example.com./`` is the same host by another name: RFC 6066, section 3, https://www.rfc-editor.org/rfc/rfc6066#section-3.
    Clients do so for a direct connection, but not for one through a proxy.
    """

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # noqa: FBT001, FBT002 - the parameters of the base
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Returns the TLS half of a connection, as the base does."""
        if isinstance(server_hostname, str):
            server_hostname = server_hostname.removesuffix(".")
        return super().wrap_bio(incoming, outgoing, server_side, server_hostname, session)


class _Watched(ssl.SSLObject):
    """A TLS connection that records when it is in its handshake."""

    def do_handshake(self) -> None:
        progress = PROGRESS.get()
        if progress is not None:
            progress.is_handshaking = True
        super().do_handshake()
        if progress is not None:
            progress.is_handshaking = False


class _Named(_Watched):
    """The same, which checks the name although OpenSSL does not check the certificate."""

    def do_handshake(self) -> None:
        super().do_handshake()
        if self.server_hostname is not None and not _is_for(self.getpeercert(binary_form=True), self.server_hostname):
            error = ssl.SSLCertVerificationError(1, "certificate for another name")
            error.verify_code = 62
            raise error


def _is_for(certificate: bytes | None, host: str) -> bool:
    """True if a DER certificate is for the host; its common name counts if it has no alternative names."""
    try:
        read = x509.load_der_x509_certificate(certificate or b"")
        if not _has_alternative_names(read):
            common = read.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
            return any(_matches_common_name(str(name.value), host) for name in common)
        if _is_address(host):
            verify_certificate_ip_address(read, host)
        else:
            verify_certificate_hostname(read, host)
    except (ValueError, VerificationError, CertificateError, x509.UnsupportedGeneralNameType):
        return False
    return True


def _has_alternative_names(certificate: x509.Certificate) -> bool:
    try:
        certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return False
    return True


def _matches_common_name(name: str, host: str) -> bool:
    name, host = name.lower().rstrip("."), host.lower().rstrip(".")
    first, _, rest = name.partition(".")
    return name == host or (first == "*" and "." in rest and host.partition(".")[2] == rest and not _is_address(host))


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
