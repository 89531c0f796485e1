"""Headers for single sites: how they are written, where they are sent, and that no message repeats a value."""

from __future__ import annotations

from base64 import b64encode

import pytest

from backlinkbot.configuration.site_headers import SiteHeader, SiteHeaders
from backlinkbot.errors import SettingError

SECRET = "s3cr3t-value"

READ = {
    "staging.example: Authorization: Bearer a:b": ({("https", "staging.example", 443)}, "Authorization", "Bearer a:b"),
    "https://Staging.Example:8443: Cookie: a=1; b=2": ({("https", "staging.example", 8443)}, "Cookie", "a=1; b=2"),
    "http://staging.example: X-Key:k": ({("http", "staging.example", 80)}, "X-Key", "k"),
    "https://staging.example/: X-Key: k": ({("https", "staging.example", 443)}, "X-Key", "k"),
    "staging.example:8080:X-Key: k ": ({("https", "staging.example", 8080)}, "X-Key", "k"),
    "bücher.example: X-Key: k": ({("https", "xn--bcher-kva.example", 443)}, "X-Key", "k"),
    "127.0.0.1:8080: X-Key: k": ({("https", "127.0.0.1", 8080), ("http", "127.0.0.1", 8080)}, "X-Key", "k"),
    "localhost: X-Key: k": ({("https", "localhost", 443), ("http", "localhost", 80)}, "X-Key", "k"),
    "[::1]:80: X-Key: k": ({("https", "::1", 80), ("http", "::1", 80)}, "X-Key", "k"),
    "https://127.0.0.1:80: X-Key: k": ({("https", "127.0.0.1", 80)}, "X-Key", "k"),
    "a.localhost: X-Key: k": ({("https", "a.localhost", 443)}, "X-Key", "k"),
    "a.example: Authorization: Basic me:pass word": (
        {("https", "a.example", 443)},
        "Authorization",
        f"Basic {b64encode(b'me:pass word').decode()}",
    ),
    "a.example: Authorization: Basic bWU6eA==": ({("https", "a.example", 443)}, "Authorization", "Basic bWU6eA=="),
    "a.example: Authorization: Bearer env:TOKEN": ({("https", "a.example", 443)}, "Authorization", "Bearer t0k"),
    "a.example: Authorization: Basic env:LOGIN": (
        {("https", "a.example", 443)},
        "Authorization",
        f"Basic {b64encode(b'me:x').decode()}",
    ),
    "a.example: Cookie: env:TOKEN": ({("https", "a.example", 443)}, "Cookie", "t0k"),
    "a.example: Cookie: xenv:TOKEN": ({("https", "a.example", 443)}, "Cookie", "xenv:TOKEN"),
}


@pytest.mark.parametrize("line", READ)
def test_a_line_is_read(line: str) -> None:
    header = SiteHeader.parse(line, {"TOKEN": "t0k", "LOGIN": "me:x"})
    assert (set(header.origins), header.name, header.value) == READ[line]
    assert header.value not in repr(header)


REFUSED = {
    "": "write HOST: NAME: VALUE",
    f"Authorization: {SECRET}": "write HOST: NAME: VALUE",
    f"a.example {SECRET}": "write HOST: NAME: VALUE",
    f"ftp://a.example: Cookie: {SECRET}": "write HOST: NAME: VALUE",
    f"me@a.example: Cookie: {SECRET}": "write HOST: NAME: VALUE",
    f"a.example/path: Cookie: {SECRET}": "write HOST: NAME: VALUE",
    f"a.example:99999: Cookie: {SECRET}": "this is no host",
    f"a.example:0: Cookie: {SECRET}": "this is no host",
    f"a^b: Cookie: {SECRET}": "this is no host",
    f"a.example: Host: {SECRET}": "Host cannot be set",
    f"a.example: user-agent: {SECRET}": "user-agent cannot be set",
    f"a.example: Transfer-Encoding: {SECRET}": "Transfer-Encoding cannot be set",
    "a.example: Cookie:": "its value is empty",
    f"a.example: Cookie: {SECRET}\r\nX: y": "characters that no header may have",
    f"a.example: Cookie: {SECRET}\u0100": "characters that no header may have",
    f"a.example: Cookie: {SECRET} env:ABSENT": "the environment has no variable ABSENT",
}


@pytest.mark.parametrize("line", REFUSED)
def test_a_line_is_refused_without_its_value(line: str) -> None:
    with pytest.raises(SettingError) as refused:
        SiteHeader.parse(line, {})
    assert REFUSED[line] in str(refused.value)
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize(
    ("scheme", "host", "port"),
    [
        ("http", "a.example", 443),
        ("http", "a.example", 80),
        ("https", "a.example", 444),
        ("https", "www.a.example", 443),
        ("https", "a.example.", 443),
        ("https", "example", 443),
        ("https", "", 443),
    ],
)
def test_no_other_origin_gets_it(scheme: str, host: str, port: int) -> None:
    headers = SiteHeaders.parse(["a.example: Cookie: x", "b.example: Cookie: y"], {})
    assert headers.of("https", "a.example", None) == {"Cookie": "x"}
    assert headers.of(scheme, host, port) == {}
    assert not SiteHeaders()
