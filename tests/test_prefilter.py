"""The prefilter never hides a link: by its proof's steps, by hand-written traps, and over generated and real pages."""

from __future__ import annotations

import encodings.aliases
import os
import random
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from html.entities import html5
from pathlib import Path

import pytest
from webencodings.labels import LABELS as STANDARD_LABELS

from backlinkbot import prefilter, urls
from backlinkbot.extract import html
from backlinkbot.extract.html import Document
from backlinkbot.extract.page import PageContent
from backlinkbot.prefilter import ASCII_TRANSPARENT, HAS_HYPERSCAN, REFERENCES, Prefilter, page_signs, scan
from backlinkbot.targets import Targets
from tests.conformance.shared_data import SavedPage, saved_pages
from tests.hidden_hosts import TARGET_SETS, Case, make_case, names_target, shrink, target_set

PAGE = "https://page.test/folder/"
GENERATED = 10_000
"""``make fuzz`` looks at a million."""


@pytest.fixture
def scanner() -> None:
    if not HAS_HYPERSCAN:
        message = "Hyperscan is missing, so nothing is filtered: pip install backlinkbot[speed]"
        if os.environ.get("BACKLINKBOT_CI") == "1":
            pytest.fail(message)
        pytest.skip(message)


scanned = pytest.mark.usefixtures("scanner")


@cache
def prefilter_for(*names: str) -> Prefilter:
    return Prefilter.for_targets(Targets.parse(names))


def may_link(body: bytes, charset: str = "", page: str = PAGE, targets: tuple[str, ...] = ("example.com",)) -> bool:
    url = urls.parse(page)
    assert url is not None
    return prefilter_for(*targets).may_link(body, charset, url)


def links(body: bytes, charset: str = "", page: str = PAGE, targets: tuple[str, ...] = ("example.com",)) -> bool:
    return names_target(PageContent(body, page, charset), Targets.parse(targets))


# --- hand-written traps -------------------------------------------------------------------------------------------

# Each is a link to example.com.
LINKS = {
    "plain": b"<a href='http://example.com/'>",
    "upper case": b"<A HREF='HTTP://EXAMPLE.COM/'>",
    "below the target": b"<a href='https://www.example.com/'>",
    "unquoted": b"<a href=http://example.com>",
    "spaces around =": b"<a href \n=\t\f 'http://example.com'>",
    "no scheme": b"<a href='//example.com'>",
    "one slash": b"<a href='http:/example.com'>",
    "no slash": b"<a href='http:example.com'>",
    "many slashes": b"<a href='http://///example.com'>",
    "backslashes": rb"<a href='http:\\example.com\x'>",
    "mixed slashes, no scheme": rb"<a href='/\example.com'>",
    "user": b"<a href='http://user@example.com/'>",
    "user and password": b"<a href='http://user:p@ss@example.com/'>",
    "& in the user": b"<a href='http://a&b@example.com/'>",
    "port": b"<a href='https://example.com:8443/'>",
    "trailing dot": b"<a href='http://example.com./'>",
    "query at once": b"<a href='http://example.com?x'>",
    "fragment at once": b"<a href='http://example.com#x'>",
    "leading spaces and controls": b"<a href='\n \x01\x1fhttp://example.com'>",
    "decimal reference in the host": b"<a href='http://ex&#97;mple.com'>",
    "hexadecimal reference in the host": b"<a href='http://ex&#x61;mple.com'>",
    "reference without semicolon": b"<a href='http://example&#46com/'>",
    "leading zeros": b"<a href='http://ex&#0000097;mple.com'>",
    "named dot": b"<a href='http://example&period;com'>",
    "whole value in references": b"<a href=" + b"".join(b"&#%d;" % c for c in b"http://example.com/") + b">",
    "reference in the scheme": b"<a href='ht&#116;p://example.com'>",
    "first letter is a reference": b"<a href='&#104;ttp://example.com'>",
    "named colon": b"<a href='http&colon;//example.com'>",
    "named first slash": b"<a href='&sol;/example.com'>",
    "named second slash": b"<a href='/&sol;example.com'>",
    "named slashes after the scheme": b"<a href='http:&sol;&bsol;example.com'>",
    "leading tab as a reference": b"<a href='&Tab;http://example.com'>",
    "leading newline as a reference, unquoted": b"<a href=&NewLine;//example.com>",
    "tab between the slashes as a reference": b"<a href='/&Tab;/example.com'>",
    "space as a reference before the scheme": b"<a href=&#32;http://example.com>",
    "tab in the host": b"<a href='http://exam\tple.com'>",
    "newline in the host": b"<a href='http://exam\nple.com'>",
    "CR LF in the host": b"<a href='http://exam\r\nple.com'>",
    "newline in the scheme": b"<a href='ht\ntp://example.com'>",
    "newline after the colon": b"<a href='http:\n//example.com'>",
    "newline between the slashes": b"<a href='http:/\n/example.com'>",
    "newline between the slashes, no scheme": b"<a href='/\n/example.com'>",
    "newline after the slashes": b"<a href='http://\nexample.com'>",
    "newline between host and end": b"<a href='http://example.com\n'>",
    "percent-encoded host": b"<a href='http://%65xample.com'>",
    "percent-encoded dot": b"<a href='http://example%2Ecom'>",
    "percent-encoded UTF-8 of a full-width letter": b"<a href='http://%EF%BD%85xample.com'>",
    "full-width letters": "<meta charset=utf-8><a href='http://ｅｘａｍｐｌｅ.com'>".encode(),
    "full-width dot": "<meta charset=utf-8><a href='http://example．com'>".encode(),
    "ideographic dot": "<meta charset=utf-8><a href='http://example。com'>".encode(),
    "soft hyphen": "<meta charset=utf-8><a href='http://exam\u00adple.com'>".encode(),
    "soft hyphen as a reference": b"<a href='http://exam&shy;ple.com'>",
    "soft hyphen without semicolon": b"<a href='http://example&shy.com'>",
    "zero width space": "<meta charset=utf-8><a href='http://exam\u200bple.com'>".encode(),
    "word joiner as a reference": b"<a href='http://exam&NoBreak;ple.com'>",
    "variation selector": "<meta charset=utf-8><a href='http://example\ufe0f.com'>".encode(),
    "superscript letter": "<meta charset=utf-8><a href='http://exampl\u1d49.com'>".encode(),
    "base": b"<base href='http://example.com/'><a href=x>",
    "base with a hidden host": b"<base href='http://ex%61mple.com/'><a href=x>",
    "base without scheme": b"<base href=//example.com/x><a href=y>",
    "base for the port only": b"<base href='http://example.com/'><a href='?x'>",
    "area": b"<map><area href='http://example.com/'>",
    "svg": b"<svg><a xlink:href='http://example.com/'>",
    "svg with a hidden host": b"<svg><a xlink:href='http://ex&#97;mple.com/'>",
    "shadow tree": b"<p><template shadowrootmode=open><a href='http://exam\tple.com/'></template>",
    "noscript": b"<noscript><a href='http://example.com/'></noscript>",
    "NUL in the name of the element's neighbour": b"<p\x00><a href='http://example.com/'>",
    "the second link": b"<a href=/><a href='mailto:a&#64;b.test'><a href='http://exam&#112;le.com'>",
    "the first of two attributes": b"<a href='http://exam&#112;le.com' href='http://other.test'>",
    "after a broken tag": b"<a title='<a href=\"' href='http://exam&#112;le.com'>",
    "UTF-8 BOM": b"\xef\xbb\xbf<a href='http://example.com'>",
    "UTF-16 with BOM": "\ufeff<a href='http://example.com'>".encode("utf-16-le"),
    "UTF-16 BE with BOM": "\ufeff<a href='http://example.com'>".encode("utf-16-be"),
    "ISO-2022-JP by meta, escapes in the host": b"<meta charset=iso-2022-jp><a href='http://exa\x1b(Bmp\x1b(Jle.com'>",
    "ISO-2022-JP by a late meta": b"<a href='http://exa\x1b(Bmple.com'>" + b" " * 2_000 + b"<meta charset=iso-2022-jp>",
    "UTF-16 by meta is UTF-8": b"<meta charset=utf-16><a href='http://example.com'>",
    "a lead byte before the tag": b"<meta charset=shift_jis>\x81<a href='http://example.com'>",
}


@scanned
@pytest.mark.parametrize("body", LINKS.values(), ids=LINKS)
def test_a_hidden_link_is_not_missed(body: bytes) -> None:
    assert links(body)
    assert may_link(body)


# (body, header charset, page, targets)
LINKS_BY_CIRCUMSTANCE = {
    "UTF-16 by header": ("<a href='http://example.com'>".encode("utf-16-le"), "utf-16", PAGE, ("example.com",)),
    "ISO-2022-JP by header": (b"<a href='http://exam\x1b(Bple.com'>", "iso-2022-jp", PAGE, ("example.com",)),
    "a charset that nobody knows": (b"<a href='http://example.com'>", "no-such", PAGE, ("example.com",)),
    "a charset that only Python knows": (b"<a href='http://example.com'>", "utf-7", PAGE, ("example.com",)),
    "a BOM against the header": (b"\xef\xbb\xbf<a href='http://example.com'>", "utf-16", PAGE, ("example.com",)),
    "the page is on the target": (b"<a href=x>", "", "http://example.com/", ("example.com",)),
    "the page is below the target": (b"<a href=x>", "", "http://www.Example.com.:8080/", ("example.com",)),
    "the page is on an alias": (b"<a href=x>", "", "http://other.test/", ("example.com", "other.test")),
    "an address in other words": (b"<a href='http://0xC0.0.519'>", "", PAGE, ("192.0.2.7",)),
    "an address as one number": (b"<a href=//3221225991>", "", PAGE, ("192.0.2.7", "example.com")),
    "an IPv6 address": (b"<a href='http://[2001:DB8:0:0::7]'>", "", PAGE, ("[2001:db8::7]",)),
    "punycode": (b"<a href='http://XN--bcher-kva.example'>", "", PAGE, ("bücher.example",)),
    "Unicode": ("<a href='http://Bücher.example'>".encode(), "utf-8", PAGE, ("xn--bcher-kva.example",)),
    "Unicode in a legacy encoding": (b"<a href='http://b\xfccher.example'>", "latin1", PAGE, ("bücher.example",)),
    "decomposed": ("<a href='http://bu\u0308cher.example'>".encode(), "utf-8", PAGE, ("bücher.example",)),
    "sharp s": ("<a href='http://faß.example'>".encode(), "utf-8", PAGE, ("faß.example",)),
    "capital sharp s is ss": ("<a href='http://FAẞ.example'>".encode(), "utf-8", PAGE, ("fass.example",)),
    "ligature": ("<a href='http://oﬃce.example'>".encode(), "utf-8", PAGE, ("office.example",)),
    "ligature as a reference": (b"<a href='http://o&ffilig;ce.example'>", "", PAGE, ("office.example",)),
    "fj in one reference": (b"<a href='http://&fjlig;ord.example'>", "", PAGE, ("fjord.example",)),
    "Kelvin sign": ("<a href='http://\u212aelvin.example'>".encode(), "utf-8", PAGE, ("kelvin.example",)),
    "& in the target": (b"<a href='http://a&b.example'>", "", PAGE, ("subdomains:a&b.example",)),
    "' in the target": (b'<a href="http://a\'b.example">', "", PAGE, ("subdomains:a'b.example",)),
    "' in the target, unquoted": (b"<a href=http://a'b.example>", "", PAGE, ("subdomains:a'b.example",)),
    "a name without dots": (b"<a href='http://localhost/'>", "", PAGE, ("localhost",)),
    "a target below another": (b"<a href=//www.example.com>", "", PAGE, ("example.com", "www.example.com")),
    "a path": (b"<a href='//exam&#112;le.com/a/b'>", "", PAGE, ("https://example.com/a/",)),
    "one page": (b"<a href='//exam&#112;le.com/a?b'>", "", PAGE, ("exact:https://example.com/a?b",)),
    "a port": (b"<a href='//example.com:8443/'>", "", PAGE, ("https://example.com:8443/",)),
}


@scanned
@pytest.mark.parametrize("case", LINKS_BY_CIRCUMSTANCE.values(), ids=LINKS_BY_CIRCUMSTANCE)
def test_a_link_that_hides_in_the_circumstances_is_not_missed(case: tuple[bytes, str, str, tuple[str, ...]]) -> None:
    assert links(*case)
    assert may_link(*case)


# The prefilter is of use only if it says "no" to pages like these.
NO_LINKS = {
    "empty": b"",
    "text": "<p>Fish &amp; chips, 5 € &lt; 6&nbsp;€".encode(),
    "links elsewhere": b"<a href='http://other.test/?a=1&amp;b=2%20c'>x</a><a href=/local>y</a><a href=\"#f\">",
    "non-ASCII path and text": "<a href='https://other.test/é/?q=ü&x=ß'>Grüße</a>".encode(),
    "mail": b"<a href='mailto:a&#64;b.test?subject=a%20b'>",
    "script": b"<a href='javascript:void(0);'>",
    "telephone": b"<a href='tel:+49&nbsp;30'>",
    "the name only in text": b"<p>example.com is a fine name",
    "longer to the left": b"<a href='http://notexample.com'>",
    "longer to the right": b"<a href='http://example.community'>",
    "longer by a hyphen": b"<a href='http://example.com-x.test/'>",
    "a legacy encoding": "<meta charset=shift_jis><a href='//other.test'>例え".encode("cp932"),
}


@scanned
@pytest.mark.parametrize("body", NO_LINKS.values(), ids=NO_LINKS)
def test_a_page_with_nothing_to_hide_is_skipped(body: bytes) -> None:
    assert not links(body)
    assert not may_link(body)


@scanned
@pytest.mark.parametrize("charset", ["", "utf-8", " UTF-8 ", "ISO-8859-1", "windows-1252", "gbk", "Shift_JIS"])
def test_a_page_in_any_ordinary_encoding_is_skipped(charset: str) -> None:
    assert not may_link(b"<a href='http://other.test/'>", charset)


# --- the steps of the proof ---------------------------------------------------------------------------------------

LABELS = sorted(STANDARD_LABELS)
OPAQUE = {"utf-16le", "utf-16be", "iso-2022-jp", "replacement"}
_ASCII_RUN = re.compile(r"[\x01-\x09\x0b-\x7f]+")


def encoding_of(label: str) -> str:
    return Document(b"", label).encoding.lower()


def lines_of(label: str, without: bytes = b"\r\n") -> list[bytes]:
    """Every pair of bytes whose first can begin something, and longer random strings, between two letters."""
    rng = random.Random(label)
    special = [b for b in (0x00, 0x0E, 0x0F, 0x1B, 0x2B, 0x7E, *range(0x80, 0x100)) if b not in without]
    others = [b for b in range(0x100) if b not in without]
    found = [b"k%c%ck" % (first, second) for first in special for second in others]
    found += [b"k%bk" % escape for escape in (b"\x1b(B", b"\x1b(J", b"\x1b$B\x1b(B") if not set(escape) & set(without)]
    found += [
        b"h%bk" % bytes(rng.choices(special + list(range(0x30, 0x40)), k=rng.randint(3, 6))) for _ in range(5_000)
    ]
    return found


def invents_ascii(label: str, lines: list[bytes]) -> list[bytes]:
    """The lines whose text has a run of ASCII characters that does not stand in their bytes."""
    root = Document(b"<plaintext>" + b"\n".join(lines), label).root
    assert root is not None
    texts = root.text.split("\n")
    if len(texts) != len(lines):
        return lines
    return [
        line
        for text, line in zip(texts, lines, strict=True)
        if any(run.encode() not in line for run in _ASCII_RUN.findall(text))
    ]


def test_the_allowed_labels_are_those_of_the_ascii_transparent_encodings() -> None:
    assert {label for label in LABELS if encoding_of(label) not in OPAQUE} | {""} == ASCII_TRANSPARENT


@pytest.mark.slow
@pytest.mark.parametrize("encoding", sorted({encoding_of(label) for label in ASCII_TRANSPARENT}))
def test_an_ascii_run_of_the_text_stands_in_the_bytes(encoding: str) -> None:
    assert invents_ascii(encoding, lines_of(encoding)) == []


@pytest.mark.parametrize("encoding", ["utf-16le", "utf-16be", "iso-2022-jp"])
def test_an_encoding_that_is_not_transparent_betrays_itself_by_nul_or_escape(encoding: str) -> None:
    assert invents_ascii(encoding, lines_of(encoding)) != []
    if encoding == "iso-2022-jp":
        assert invents_ascii(encoding, lines_of(encoding, without=b"\r\n\x1b")) == []
    else:  # every ASCII character takes a NUL; nothing without one can be ASCII
        text = Document(b"\n\n".join(lines_of(encoding, without=b"\r\n\x00")), encoding).root
        assert text is not None
        assert not _ASCII_RUN.search(text.text)


@pytest.mark.parametrize("label", ["replacement", "hz-gb-2312", "iso-2022-kr", "iso-2022-cn"])
def test_a_page_in_the_replacement_encoding_has_no_links(label: str) -> None:
    link = b"<a href='http://example.com/'>"
    assert not links(link, label)
    assert not links(f"<meta charset={label}>".encode() + link)
    assert not links(link + b" " * 2_000 + f"<meta charset={label}>".encode())


def test_no_label_leads_outside_of_the_encoding_standard() -> None:
    known = {encoding_of(label) for label in LABELS}
    python = {*encodings.aliases.aliases, *encodings.aliases.aliases.values()}
    for label in sorted({*LABELS, *python, *(alias.replace("_", "-") for alias in python), "", "none", "utf-8\x00"}):
        assert Document(b"<p>", label).encoding.lower() in known
        assert Document(f"<meta charset='{label}'><p>".encode()).encoding.lower() in known
        assert Document(f"<?xml version='1.0' encoding='{label}'?><p>".encode()).encoding.lower() in known


def test_no_other_named_reference_can_stand_for_a_part_of_a_scheme_or_of_slashes() -> None:
    scheme = "abcdefghijklmnopqrstuvwxyz0123456789+.-"
    before_the_host = {*scheme, *scheme.upper(), *":/\\", *map(chr, range(0x21))}
    found = {name for name, text in html5.items() if text[0] in before_the_host}
    assert {name.removesuffix(";").lower() for name in found} == {*REFERENCES}
    assert all(name.endswith(";") for name in found)


def test_only_http_is_a_link_to_a_target() -> None:
    # Other schemes write their hosts by other rules; the scan does not know them.
    targets = Targets.parse(["example.com"])
    for scheme in ("ftp", "ws", "file", "foo"):
        url = urls.parse(f"{scheme}://example.com/")
        assert url is not None
        assert url.hostname == "example.com"
        assert targets.match(url) == ()


# --- generated pages ----------------------------------------------------------------------------------------------


def truth(case: Case) -> bool:
    return names_target(PageContent(case.body, case.url, case.charset), target_set(case.chosen))


@cache
def linking_cases() -> list[Case]:
    return [case for case in map(make_case, range(GENERATED)) if truth(case)]


def missed(case: Case, filters: Mapping[int, Prefilter]) -> bool:
    page = urls.parse(case.url)
    assert page is not None
    return not filters[case.chosen].may_link(case.body, case.charset, page)


@pytest.mark.slow
@scanned
def test_no_generated_page_hides_a_link() -> None:
    filters = {number: Prefilter.for_targets(target_set(number)) for number in range(len(TARGET_SETS))}
    wrong = next((case for case in linking_cases() if missed(case, filters)), None)
    assert wrong is None, shrink(wrong, lambda case: truth(case) and missed(case, filters))
    assert len(linking_cases()) > GENERATED / 5


PRECAUTIONS = [(name, one) for name in ("SUSPICIOUS", "OTHER_ENCODING") for one in getattr(prefilter, name)]


@pytest.mark.slow
@scanned
@pytest.mark.parametrize(
    ("name", "one"), PRECAUTIONS, ids=[f"{n}-{number}" for number, (n, _) in enumerate(PRECAUTIONS)]
)
def test_the_generated_pages_would_notice_the_loss_of_a_precaution(
    name: str, one: str | bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefilter, name, tuple(other for other in getattr(prefilter, name) if other != one))

    def is_noticed(number: int) -> bool:
        filters = {number: Prefilter.for_targets(target_set(number))}
        return any(missed(case, filters) for case in linking_cases() if case.chosen == number)

    assert any(is_noticed(number) for number, names in enumerate(TARGET_SETS) if len(names) < 1_000)  # quickly made


# --- real pages ---------------------------------------------------------------------------------------------------


@cache
def sampled_pages() -> list[SavedPage]:
    return [page for corpus in ("pages", "little-web") for page in saved_pages(corpus)[::40]]


@pytest.mark.slow
@scanned
@pytest.mark.parametrize(("size", "draws"), [(1, 20), (10, 5), (1_000, 1)])
def test_no_real_page_hides_a_link(size: int, draws: int) -> None:
    pages = [
        (page, page.file.read_bytes(), PageContent(page.file.read_bytes(), page.url, page.charset))
        for page in sampled_pages()
    ]
    linked = sorted({urls.registrable_domain(url.hostname) for *_, content in pages for url in content.linked_urls})
    names = [f"subdomains:{name}" for name in linked if not name.rpartition(".")[2].isdigit() and name[0] != "["]
    for draw in range(draws):
        rng = random.Random(f"{size} {draw}")
        targets = Targets.parse(rng.sample(names, min(size, len(names))))
        chosen = Prefilter.for_targets(targets)
        for page, body, content in pages:
            found = next(content.links(targets.match), None)
            assert found is None or chosen.may_link(body, page.charset, content.url), (page.path, found)
        if size == 1:
            skipped = sum(not chosen.may_link(body, page.charset, content.url) for page, body, content in pages)
            assert skipped > len(pages) / 2


# --- without Hyperscan, in threads, and the compiled database on disk ---------------------------------------------


def test_without_hyperscan_every_page_is_perhaps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "HAS_HYPERSCAN", False)
    blind = Prefilter.for_targets(Targets.parse(["example.com"]))
    page = urls.parse(PAGE)
    assert page is not None
    assert blind.is_blind
    assert blind.may_link(b"", "", page)


@scanned
def test_only_an_address_makes_it_blind() -> None:
    assert not prefilter_for("example.com").is_blind
    assert prefilter_for("example.com", "https://192.0.2.7/x").is_blind


@scanned
def test_threads_may_ask_at_once() -> None:
    bodies = [(b"<p>text" * 20_000) + (b"<a href=//example.com>" if number % 3 else b"") for number in range(60)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(may_link, bodies * 5)) == [number % 3 != 0 for number in range(60)] * 5


MANY = [f"a{number}.example" for number in range(100)]


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many expressions each database was built of."""
    found: list[int] = []
    build = scan._build

    def counted(expressions: list[bytes]) -> object:
        found.append(len(expressions))
        return build(expressions)

    monkeypatch.setattr(scan, "_build", counted)
    monkeypatch.setattr(scan, "_CACHED_ABOVE", 50)
    return found


def check(chosen: Prefilter) -> None:
    page = urls.parse(PAGE)
    assert page is not None
    assert chosen.may_link(b"<a href=//a77.example>", "", page)
    assert not chosen.may_link(b"<a href=//other.test>", "", page)


@scanned
def test_a_large_database_is_compiled_once(tmp_path: Path, builds: list[int]) -> None:
    for _ in range(3):
        check(Prefilter.for_targets(Targets.parse(MANY), tmp_path / "new"))
    assert len(builds) == 1
    check(Prefilter.for_targets(Targets.parse(MANY[:-1]), tmp_path / "new"))
    assert len(builds) == 2


@scanned
def test_a_small_database_leaves_no_file(tmp_path: Path) -> None:
    Prefilter.for_targets(Targets.parse(["example.com"]), tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@scanned
@pytest.mark.parametrize("damage", ["", "cut", "changed", "another machine"])
def test_a_damaged_file_is_made_anew(damage: str, tmp_path: Path, builds: list[int]) -> None:
    check(Prefilter.for_targets(Targets.parse(MANY), tmp_path))
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    if damage == "another machine":  # whole, but no database that this Hyperscan takes
        file.write_bytes(scan._DIGEST(b"x" * 1_000).digest() + b"x" * 1_000)
    else:
        broken = {"": b"", "cut": whole[:-1], "changed": whole[:5_000] + b"?" + whole[5_001:]}
        file.write_bytes(broken[damage])
    check(Prefilter.for_targets(Targets.parse(MANY), tmp_path))
    assert len(builds) == 2
    assert file.read_bytes()[32:200] == whole[32:200]
    assert list(tmp_path.iterdir()) == [file]


@scanned
def test_a_folder_that_cannot_be_written_costs_only_time(tmp_path: Path, builds: list[int]) -> None:
    (tmp_path / "file").write_text("in the way")
    check(Prefilter.for_targets(Targets.parse(MANY), tmp_path / "file"))
    assert len(builds) == 1


@pytest.mark.slow
@scanned
def test_only_the_latest_few_databases_stay(tmp_path: Path, builds: list[int]) -> None:
    for more in range(6):
        check(Prefilter.for_targets(Targets.parse([*MANY, f"b{more}.example"]), tmp_path))
    assert len(builds) == 6
    assert len(list(tmp_path.iterdir())) == 4


# --- the question about a refresh -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<p>http-equiv, refresh",
        b'<meta http-equiv=refresh content="0;url=/">',
        b"<META HTTP-EQUIV = \n'Refresh' content=0>",
        b"<meta http-equiv=&#114;efresh content=0>",
        b"<meta http-equiv='x-ua-compatible'>\xff\xfe",
        "<meta http-equiv=refresh>".encode("utf-16"),
        b"\x1b$B",
    ],
)
@pytest.mark.parametrize("has_hyperscan", [True, False])
def test_a_refresh_is_seen_with_and_without_hyperscan(
    body: bytes, monkeypatch: pytest.MonkeyPatch, *, has_hyperscan: bool
) -> None:
    monkeypatch.setattr(scan, "HAS_HYPERSCAN", scan.HAS_HYPERSCAN and has_hyperscan)
    page_signs._refresh_scan.cache_clear()
    assert page_signs.may_refresh(body) == html.may_refresh(body)
    page_signs._refresh_scan.cache_clear()
