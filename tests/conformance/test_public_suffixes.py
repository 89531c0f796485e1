"""The Public Suffix List's own tests (https://publicsuffix.org/list/), in both forms in which it publishes them.

Our answer for a host that has no registrable domain is the host itself, where these say null.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest

from backlinkbot import urls
from tests.conformance.conftest import Numbers
from tests.conformance.shared_data import unpacked

NO_HOST = "an empty label: no host that a link can lead to is written so"
SKIPPED = {
    "null": "no host at all",
    ".com": NO_HOST,
    ".example": NO_HOST,
    ".example.com": NO_HOST,
    ".example.example": NO_HOST,
}


def plain() -> Iterator[tuple[str, str]]:
    for line in (unpacked("conformance") / "publicsuffix/tests/tests.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("//"):
            host, domain = line.split()
            yield host, domain


def calls() -> Iterator[tuple[str, str]]:
    text = (unpacked("conformance") / "publicsuffix/tests/test_psl.txt").read_text(encoding="utf-8")
    for host, domain in re.findall(r"^checkPublicSuffix\((\S+), (\S+)\);", text, re.MULTILINE):
        yield host.strip("'"), domain.strip("'")


def as_ascii(host: str) -> str:
    url = urls.parse(f"http://{host}")
    assert url is not None
    return url.hostname


@pytest.mark.parametrize(("form", "compared"), [(plain, 73), (calls, 73)], ids=["tests.txt", "test_psl.txt"])
def test_registrable_domains(form: Callable[[], Iterator[tuple[str, str]]], compared: int, numbers: Numbers) -> None:
    cases = [(host, domain) for host, domain in form() if host not in SKIPPED]
    wrong = []
    for host, domain in cases:
        expected = as_ascii(host if domain == "null" else domain)
        actual = urls.registrable_domain(as_ascii(host))
        if actual != expected:
            wrong.append((host, actual, expected))
    numbers.add(
        f"public suffixes: {form.__name__}",
        compared=len(cases),
        skipped=len(SKIPPED),
        differences=len(wrong),
        unexplained=len(wrong),
    )
    assert wrong == []
    assert len(cases) == compared


def test_every_skipped_case_is_one() -> None:
    assert set(SKIPPED) <= {host for host, _ in plain()}


def test_hosts_in_unicode_are_the_same() -> None:
    for host, domain in plain():
        if not host.isascii():
            assert urls.registrable_domain(host) in {domain, host if domain == "null" else domain}, host
