"""Sites whose TLS or certificate is not as it should be: real servers on loopback, each with its own fault."""

from __future__ import annotations

import datetime as dt
import http.server
import ipaddress
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from scrapy.settings import Settings
from scrapy.utils.project import get_project_settings

from backlinkbot.download import tls
from backlinkbot.download.tls import CertificateFault
from backlinkbot.errors import SettingError
from backlinkbot.extract.flags import CERTIFICATE_FLAGS
from backlinkbot.history.observation import is_doubtful
from backlinkbot.items import Page, State
from tests.conftest import Crawl, CrawlFunction, links
from tests.fakeweb import FakeWeb

PAGE = links("https://target.example/")
WITHOUT_LINK = "<!doctype html><title>Other</title><p>" + "Another site's default page. " * 20
NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)
HOST = "127.0.0.1"
PEM = serialization.Encoding.PEM


Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class Authority:
    """Signs certificates, as an authority that the crawl may or may not know."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Authority {x509.random_serial_number()}")])
        built = self._builder(self.name, self._key, NOW - 90 * DAY, NOW + 90 * DAY)
        self._own = built.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(
            self._key, hashes.SHA256()
        )

    @property
    def pem(self) -> bytes:
        return self._own.public_bytes(PEM)

    def _builder(self, subject: x509.Name, key: Key, start: dt.datetime, end: dt.datetime) -> x509.CertificateBuilder:
        builder = x509.CertificateBuilder(issuer_name=self.name, subject_name=subject, public_key=key.public_key())
        return builder.serial_number(x509.random_serial_number()).not_valid_before(start).not_valid_after(end)

    def certificate(
        self,
        file: Path,
        *,
        name: str = HOST,
        start: dt.datetime = NOW - 30 * DAY,
        end: dt.datetime = NOW + 30 * DAY,
        key: Key | None = None,
    ) -> Path:
        """A file with a key and a certificate for the name or address."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a server")])
        is_address = name[0].isdigit()
        shown = x509.IPAddress(ipaddress.ip_address(name)) if is_address else x509.DNSName(name)
        builder = self._builder(subject, key, start, end).add_extension(
            x509.SubjectAlternativeName([shown]), critical=False
        )
        made = builder.sign(self._key, hashes.SHA256())
        private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(private + made.public_bytes(PEM))
        return file

    def own_certificate(self, file: Path) -> Path:
        """A file with a key and a certificate for loopback that is signed by that key."""
        self_signed = Authority()
        key = self_signed._key
        builder = self_signed._builder(self_signed.name, key, NOW - DAY, NOW + DAY).add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(HOST))]), critical=False
        )
        private = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        file.write_bytes(private + builder.sign(key, hashes.SHA256()).public_bytes(PEM))
        return file


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, body: str, context: ssl.SSLContext | None) -> None:
        self.body, self.context = body, context
        self.asked: list[str] = []
        super().__init__((HOST, 0), _Handler)

    def finish_request(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        """Serves one connection; on its own thread, so that a handshake holds up nobody."""
        with suppress(OSError):  # the client ends what it does not like
            request.settimeout(30)
            if self.context is None or not _is_tls(request):
                _Handler(request, client_address, self)
                return
            with self.context.wrap_socket(request, server_side=True) as connection:
                _Handler(connection, client_address, self)


def _is_tls(connection: socket.socket) -> bool:
    """True if the client begins with a TLS record: so one port answers over both schemes."""
    return connection.recv(1, socket.MSG_PEEK) == b"\x16"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        over = "https" if isinstance(self.connection, ssl.SSLSocket) else "http"
        self.server.asked.append(f"{over} {self.path}")
        body = (WITHOUT_LINK if over == "https" and self.server.body == MIXED else self.server.body).encode()
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing: the tests look at what was asked."""


MIXED = PAGE + "<!-- over http -->"
"""The page over http of a server that has another site's page over https."""


@contextmanager
def serving(body: str, context: ssl.SSLContext | None) -> Iterator[_Server]:
    """A server of one page, over http and, where it has a context, over https at the same port."""
    server = _Server(body, context)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def context_of(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def direct(
    crawl: CrawlFunction, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CrawlFunction:
    """A crawl without a proxy, which knows the authority and may visit this machine."""
    known = tmp_path / "authority.pem"
    known.write_bytes(authority.pem)
    monkeypatch.setenv("SSL_CERT_FILE", str(known))
    monkeypatch.setattr(tls, "_made", {})  # contexts of another authority
    for scheme in ("http", "https"):
        monkeypatch.delenv(f"{scheme}_proxy")
        monkeypatch.delenv(f"{scheme.upper()}_PROXY")

    def run(url: str, **given: object) -> Crawl:
        file = tmp_path / "candidates.txt"
        file.write_text(url)
        settings = {"BACKLINKBOT_ALLOW_PRIVATE": True, "ROBOTSTXT_OBEY": False, "RETRY_TIMES": 0}
        return crawl("verify", candidates=str(file), **settings, **given)

    return run


def only_check(found: Crawl) -> tuple[State, str]:
    (check,) = found.checks.values()
    return check.state, check.reason


FAULTS = {
    "none": ("", (), ""),
    "expired": ("expired", ("certificate_expired",), "certificate: expired"),
    "not_yet_valid": ("not yet valid", ("certificate_untrusted",), "certificate: not yet valid"),
    "self_signed": ("self-signed", (), ""),
    "unknown_issuer": ("unknown issuer", (), ""),
}


def certificate_with(fault: str, authority: Authority, file: Path) -> Path:
    if fault == "expired":
        return authority.certificate(file, start=NOW - 30 * DAY, end=NOW - DAY)
    if fault == "not_yet_valid":
        return authority.certificate(file, start=NOW + DAY)
    if fault == "self_signed":
        return authority.own_certificate(file)
    return (Authority() if fault == "unknown_issuer" else authority).certificate(file)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_page_behind_a_faulty_certificate_is_read_and_the_fault_is_told(
    direct: CrawlFunction, authority: Authority, tmp_path: Path, fault: str
) -> None:
    said, flags, reason = FAULTS[fault]
    with serving(PAGE, context_of(certificate_with(fault, authority, tmp_path / "server.pem"))) as server:
        found = direct(f"https://{HOST}:{server.server_port}/")
        assert set(server.asked) == {"https /"}
    (page,) = found.pages
    (row,) = page.backlinks
    assert page.certificate_fault == said
    assert only_check(found) == (State.LINKED, reason)
    assert row.flags == flags
    assert row.flags_by == tuple(f"{flag}:{said}" for flag in flags)


def test_a_missing_link_behind_an_expired_certificate_comes_with_the_fault(
    direct: CrawlFunction, authority: Authority, tmp_path: Path
) -> None:
    with serving(WITHOUT_LINK, context_of(certificate_with("expired", authority, tmp_path / "server.pem"))) as server:
        state, reason = only_check(direct(f"https://{HOST}:{server.server_port}/"))
    assert (state, reason.endswith("; certificate: expired")) == (State.NOT_LINKED, True)


def test_no_faulty_certificate_is_read_where_the_user_says_so(
    direct: CrawlFunction, authority: Authority, tmp_path: Path
) -> None:
    with serving(PAGE, context_of(certificate_with("expired", authority, tmp_path / "server.pem"))) as server:
        found = direct(f"https://{HOST}:{server.server_port}/", DOWNLOAD_VERIFY_CERTIFICATES=True)
        assert server.asked == []
    assert only_check(found) == (State.UNREACHABLE, "TLS: the certificate is faulty: expired")


def test_a_fault_has_a_flag_where_it_leaves_a_doubt() -> None:
    for fault in CertificateFault:
        page = Page(url="https://a.example/", requested_url="", fetched_at="", certificate_fault=fault)
        assert (fault in CERTIFICATE_FLAGS) is is_doubtful(page), fault


# --- another site's certificate -----------------------------------------------------------------------------------------

OTHER_NAME = "TLS: the certificate is for another name"


@pytest.mark.parametrize("signer", ["known", "unknown"])
@pytest.mark.parametrize("name", ["other.example", "127.0.0.2"])
def test_where_another_site_answers_over_https_the_http_page_is_read(
    direct: CrawlFunction, authority: Authority, tmp_path: Path, name: str, signer: str
) -> None:
    signed_by = authority if signer == "known" else Authority()
    with serving(MIXED, context_of(signed_by.certificate(tmp_path / "server.pem", name=name))) as server:
        found = direct(f"https://{HOST}:{server.server_port}/")
        assert server.asked == ["http /"]  # nothing of the other site
        (row,) = found.rows
        assert row.source_url == f"http://{HOST}:{server.server_port}/"
    assert only_check(found) == (State.LINKED, "")


def test_where_nothing_answers_over_http_either_the_certificate_is_the_reason(
    direct: CrawlFunction, authority: Authority, tmp_path: Path
) -> None:
    certificate = authority.certificate(tmp_path / "server.pem", name="other.example")
    with TlsOnly(context_of(certificate)) as server:
        found = direct(f"https://{HOST}:{server.port}/")
    assert only_check(found) == (State.UNREACHABLE, OTHER_NAME)
    assert found.rows == []
    assert server.asked == 0


# --- no TLS in common ---------------------------------------------------------------------------------------------------


class TlsOnly:
    """A server that ends connections on which no handshake succeeds; counts the requests that it reads."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context
        self._socket = socket.create_server((HOST, 0))
        self.port: int = self._socket.getsockname()[1]
        self.asked = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            peer.settimeout(20)
            with suppress(OSError), self._context.wrap_socket(peer, server_side=True) as connection:
                self.asked += bool(connection.recv(65536))


def old(context: ssl.SSLContext) -> None:
    context.set_ciphers("DEFAULT@SECLEVEL=0")
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1


def foreign_cipher(context: ssl.SSLContext) -> None:
    """One that browsers have never offered."""
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-ECDSA-AES128-CCM8")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1:DeprecationWarning")
@pytest.mark.parametrize(
    ("spoil", "reason"), [(old, "TLS: no protocol version in common"), (foreign_cipher, "TLS: no cipher in common")]
)
def test_where_no_tls_is_in_common_the_reason_says_what_is_missing(
    direct: CrawlFunction, authority: Authority, tmp_path: Path, spoil: object, reason: str
) -> None:
    context = context_of(authority.certificate(tmp_path / "server.pem"))
    assert callable(spoil)
    spoil(context)
    with TlsOnly(context) as server:
        assert only_check(direct(f"https://{HOST}:{server.port}/")) == (State.UNREACHABLE, reason)
    assert server.asked == 0


def test_a_server_without_tls_says_so(direct: CrawlFunction) -> None:
    with serving(PAGE, None) as server:
        found = direct(f"https://{HOST}:{server.server_port}/")
    assert only_check(found) == (State.UNREACHABLE, "TLS: the server answered without TLS")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make the parameters")
def test_a_server_that_prefers_a_weak_dhe_takes_ecdhe(
    direct: CrawlFunction, authority: Authority, tmp_path: Path
) -> None:
    """DHE with 1,024 bits, before ECDHE: browsers do not offer the former, and so connect."""
    parameters = tmp_path / "dh.pem"
    subprocess.run(["openssl", "dhparam", "-dsaparam", "-out", parameters, "1024"], check=True, capture_output=True)
    key = rsa.generate_private_key(65537, 2048)
    context = context_of(authority.certificate(tmp_path / "server.pem", key=key))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("DHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")
    context.load_dh_params(str(parameters))
    context.options |= ssl.OP_CIPHER_SERVER_PREFERENCE
    with serving(PAGE, context) as server:
        weak = direct(f"https://{HOST}:{server.server_port}/", DOWNLOADER_CLIENT_TLS_CIPHERS="DEFAULT")
        assert only_check(weak) == (State.UNREACHABLE, "TLS: the server's key exchange is too weak")
        found = direct(f"https://{HOST}:{server.server_port}/")
    assert only_check(found) == (State.LINKED, "")


def test_scrapys_settings_of_tls_versions_hold() -> None:
    made = tls.contexts(Settings({"DOWNLOAD_TLS_MIN_VERSION": "TLSv1.3", "DOWNLOAD_TLS_MAX_VERSION": "TLSv1.3"}))
    for context in (made.strict, made.lenient):
        assert context.minimum_version == context.maximum_version == ssl.TLSVersion.TLSv1_3


def test_an_unknown_tls_version_is_the_users_mistake() -> None:
    with pytest.raises(SettingError, match=r"DOWNLOAD_TLS_MIN_VERSION: 'SSLv3' is none of TLSv1\.0, TLSv1\.1, TLSv1"):
        tls.contexts(Settings({"DOWNLOAD_TLS_MIN_VERSION": "SSLv3"}))


def test_session_keys_go_to_the_file_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(tls, "_made", {})
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    assert tls.contexts(Settings()).strict.keylog_filename == str(tmp_path / "keys")
    monkeypatch.setattr(tls, "_made", {})
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "none" / "keys"))
    assert tls.contexts(Settings()).strict.keylog_filename is None
    assert "Cannot write TLS session keys" in caplog.text


# --- a host's name with a trailing dot -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["strict", "lenient"])
def test_the_trailing_dot_of_a_host_is_no_part_of_the_name_in_a_handshake(name: str) -> None:
    """RFC 6066, section 3."""
    context: ssl.SSLContext = getattr(tls.contexts(get_project_settings()), name)
    for given in ("a.example.", "a.example"):
        connection = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname=given)
        assert connection.server_hostname == "a.example"


def test_a_host_with_a_trailing_dot_is_visited_over_https_through_a_proxy(
    web: FakeWeb, crawl: CrawlFunction, tmp_path: Path
) -> None:
    for host in ("ref.example", "ref.example."):
        web.page(f"https://{host}/", body='<a href="https://target.example/">t</a>')
    file = tmp_path / "candidates.txt"
    file.write_text("https://ref.example./\n")
    found = crawl("verify", candidates=str(file))
    assert [row.source_url for row in found.rows] == ["https://ref.example./"]
