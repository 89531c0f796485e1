"""The pages of web-platform-tests and its neighbours that can be decided without running scripts.

What is expected is read from the pages themselves: their asserts, their references, their names. Every other file of the
archive is named in SKIPPED with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from urllib.parse import quote

import pytest

from backlinkbot import urls
from backlinkbot.extract import robots_directives
from backlinkbot.extract.link import collapse
from backlinkbot.extract.page import PageContent
from tests.conformance.conftest import Numbers
from tests.conformance.independent import read_independently, read_ours
from tests.conformance.shared_data import unpacked

pytestmark = pytest.mark.usefixtures("each_parser")

SITE = "https://wpt.example/"

CHARSET = "wpt/html/syntax/charset"
ENCODING = "wpt/encoding"
SNIFF = "encoding-sniff-jsdom/test/fixtures"
BASE = "wpt/html/semantics/document-metadata/the-base-element"
META = "wpt/html/semantics/document-metadata/the-meta-element"
REFRESH = f"{META}/pragma-directives/attr-meta-http-equiv-refresh"
ANCHORS = "wpt/html/semantics/links/links-created-by-a-and-area-elements"
A_ELEMENT = "wpt/html/semantics/text-level-semantics/the-a-element"
URL_PAGES = "wpt/html/infrastructure/urls"
QUERIES = f"{URL_PAGES}/resolving-urls/query-encoding"
ROBOTS = "robots-meta-spatie/tests/data"

SCRIPTED = "what it asserts comes about by script"
FRAMES = "it is about frames and what they inherit from their parent"
FETCHING = "it is about fetching or content types"
DATA = "data for another file here"
SKIPPED = {
    f"{CHARSET}/*inheritance*.html": FRAMES,
    f"{CHARSET}/xhr.html": "it is about XMLHttpRequest, whose fallback is UTF-8",
    f"{CHARSET}/README.md": "a note",
    f"{ENCODING}/*.headers": DATA,
    f"{ENCODING}/legacy-mb-*.headers": "the pages that these headers belong to are not in the archive",
    f"{ENCODING}/streams/*": SCRIPTED,
    f"{ENCODING}/resources/*.xml": "XML, which a page is not",
    f"{ENCODING}/remove-only-one-bom.html": DATA,
    f"{ENCODING}/sharedarraybuffer.https.html": SCRIPTED,
    f"{ENCODING}/utf-32.html": FRAMES,
    f"{ENCODING}/META.yml": "a note",
    f"{BASE}/base_about_blank.html": SCRIPTED,
    f"{BASE}/base_href_invalid.html": SCRIPTED,
    f"{BASE}/base_href_specified.html": SCRIPTED,
    f"{BASE}/base_multiple.html": "the page about example.html, which is tested itself",
    f"{BASE}/base_srcdoc.html": FRAMES,
    f"{BASE}/base_target_does_not_affect_*.html": SCRIPTED,
    f"{META}/color-scheme/*": "it is about colours",
    f"{META}/http-equiv-and-name-1.html": "it is about colours",
    f"{META}/pragma-directives/http-equiv-enumerated-*.html": "it is about the content security policy",
    f"{REFRESH}/allow-scripts-flag-changing-*.html": SCRIPTED,
    f"{REFRESH}/dynamic-append.html": SCRIPTED,
    f"{REFRESH}/not-in-shadow-tree.html": SCRIPTED,
    f"{REFRESH}/remove-from-document.html": SCRIPTED,
    f"{REFRESH}/support/*": DATA,
    f"{ANCHORS}/WEB_FEATURES.yml": "a note",
    f"{ANCHORS}/htmlanchorelement_attribute-getter-setter.html": SCRIPTED,
    f"{ANCHORS}/htmlanchorelement_noopener.html": SCRIPTED,
    f"{ANCHORS}/rel-opener-*.html": SCRIPTED,
    f"{ANCHORS}/support/*": DATA,
    f"{ANCHORS}/target_blank_*.html": SCRIPTED,
    "wpt/html/semantics/links/META.yml": "a note",
    "wpt/html/semantics/links/downloading-resources/*": FETCHING,
    "wpt/html/semantics/links/following-hyperlinks/*": "a note",
    "wpt/html/semantics/links/hyperlink-auditing/*": FETCHING,
    "wpt/html/semantics/links/linktypes/*": "it is about style sheets",
    f"{A_ELEMENT}/a-click-handler-*.html": SCRIPTED,
    f"{A_ELEMENT}/a-download-*.html": SCRIPTED,
    f"{A_ELEMENT}/a-stringifier.html": SCRIPTED,
    f"{A_ELEMENT}/a-type.historical.html": SCRIPTED,
    f"{A_ELEMENT}/a.text-setter-01.html": SCRIPTED,
    f"{A_ELEMENT}/resources/*": DATA,
    "wpt/html/semantics/embedded-content/the-area-element/*": "it is about shapes and clicks, or goes by script",
    f"{URL_PAGES}/base-url/*": SCRIPTED,
    f"{URL_PAGES}/dynamic-changes-to-base-urls/*": SCRIPTED,
    f"{URL_PAGES}/terminology-0/document-base-url.html": SCRIPTED,
    f"{URL_PAGES}/terminology-0/nontraditional-about-srcdoc.html": FRAMES,
    f"{QUERIES}/location.sub.html": SCRIPTED,
    f"{QUERIES}/navigation.sub.html": SCRIPTED,
    "wpt/url/META.yml": "a note",
    "wpt/url/README.md": "a note",
    "wpt/url/WEB_FEATURES.yml": "a note",
    "wpt/url/a-element-origin*": SCRIPTED,
    "wpt/url/a-element-xhtml.xhtml": "XML, which a page is not",
    "wpt/url/data-uri-fragment.html": FRAMES,
    "wpt/url/failure.html": SCRIPTED,
    "wpt/url/resources/*": "test_url_vectors.py",
    "wpt-url-current/*": "test_url_vectors.py",
    "wpt/mimesniff/*": FETCHING,
    "wpt/LICENSE.md": "a note",
    "html5lib-tests/tree-construction/*": "test_tree_construction.py",
    "html5lib-tests/encoding/*": "test_encoding_sniffing_of_html5lib below",
    "html5lib-tests/tokenizer/*": "what the parser is made of: the trees show what becomes of it",
    "html5lib-tests/serializer/*": "we write no HTML",
    "html5lib-tests/*": "a note",
    "publicsuffix/*": "test_public_suffixes.py",
    "feeds-feedparser/*": "feeds",
    "robots-crawler-commons/*": "robots.txt and sitemaps: fetching",
    f"{ROBOTS}/*.txt": "robots.txt: fetching",
    "scrapy-linkextractors/LICENSE": "a note",
    "scrapy-linkextractors/*.png": "no page",
    "structured-fields/*": "structured header fields, of which we read none",
    "url-canon-urlcanon/*": "another project's canonical URLs, not the standard's",
}


def root() -> Path:
    return unpacked("conformance")


def page(path: str, body: bytes | None = None, charset: str = "") -> PageContent:
    return PageContent((root() / path).read_bytes() if body is None else body, SITE + quote(path), charset)


def text_of(content: PageContent) -> str:
    element = content.document.root
    assert element is not None
    return element.text


def source(path: str) -> str:
    return (root() / path).read_text(encoding="utf-8", errors="replace")


def files(folder: str, pattern: str = "*.html") -> list[str]:
    return sorted(path.relative_to(root()).as_posix() for path in (root() / folder).glob(pattern))


@cache
def covered() -> dict[str, list[str]]:
    """What each test below takes its pages from: the archive must hold nothing else."""
    return {
        "charset": [path for path in files(CHARSET) if '<link rel="m' in source(path)],
        "references": files(f"{CHARSET}/references"),
        "meta charset": files(CHARSET, "meta-*.html"),
        "bogus": [f"{CHARSET}/resources/bogus-charset.html"],
        "endings": [path for path in files(ENCODING, "eof-*.html") if not path.endswith("-ref.html")],
        "ending references": files(ENCODING, "eof-*-ref.html"),
        "two boms": files(ENCODING, "resources/two-boms-*.html"),
        "utf-32": [f"{ENCODING}/utf-32-from-win1252.html", *files(ENCODING, "resources/utf-32-*.html")],
        "bom": [f"{ENCODING}/bom-handling.html"],
        "sniffing": [f"{ENCODING}/sniffing.html"],
        "sniffing of jsdom": files(SNIFF, "*/*.html"),
        "base": [*BASES],
        "refresh": [f"{REFRESH}/parsing.html"],
        "language": [*LANGUAGES],
        "getters": [f"{ANCHORS}/htmlanchorelement_getter.html"],
        "text": [f"{A_ELEMENT}/a.text-getter-01.html"],
        "a": ["wpt/url/a-element.html"],
        "queries": [*QUERY_PAGES, f"{QUERIES}/attributes.sub.html", f"{QUERIES}/lone-surrogates.sub.html"],
        "robots": [*ROBOTS_PAGES],
        "link extractors": files("scrapy-linkextractors", "**/*.html"),
    }


def test_every_file_of_the_archive_is_tested_or_named(numbers: Numbers) -> None:
    tested = {path for paths in covered().values() for path in paths}
    found = [path.relative_to(root()).as_posix() for path in root().rglob("*") if path.is_file()]
    unnamed = [path for path in found if path not in tested and not any(fnmatch(path, pattern) for pattern in SKIPPED)]
    in_vain = [pattern for pattern in SKIPPED if not any(fnmatch(path, pattern) for path in found)]
    skipped_pages = [path for path in found if path.startswith("wpt/") and path not in tested]
    numbers.add("web-platform-tests: files", compared=len(tested), skipped=len(skipped_pages))
    assert unnamed == []
    assert in_vain == []
    assert tested <= set(found)


# --- which encoding -------------------------------------------------------------------------------------------------------


def test_a_meta_counts_where_the_reference_says_so() -> None:
    wrong = {}
    for path in covered()["charset"]:
        content = page(path)
        is_match = 'rel="match"' in source(path)
        letter = text_of(content).partition("Test: ")[2][:1]
        if (content.encoding == "windows-1251", letter == "ж") != (is_match, is_match):
            wrong[path] = (is_match, content.encoding, letter)
    assert wrong == dict.fromkeys(LATE_METAS, (False, "windows-1251", "ж"))
    assert len(covered()["charset"]) == 22


# The folder's README says that its pages follow WebKit and Blink where these leave the standard. The standard changes the
# encoding for a meta that comes late, in the body or in a template, and so does our parser; those browsers do not.
LATE_METAS = [
    f"{CHARSET}/after-bogus-after-1kb.html",
    f"{CHARSET}/after-head-after-1kb-crlf.html",
    f"{CHARSET}/after-head-after-1kb.html",
    f"{CHARSET}/in-noscript-after-template-after-1kb.html",
    f"{CHARSET}/in-template-after-1kb.html",
]


def test_the_references_are_utf_8() -> None:
    for path in covered()["references"]:
        says_nothing = "charset" not in source(path)  # one is written in UTF-8 and declares nothing
        content = page(path, charset="utf-8" if says_nothing else "")
        assert (content.encoding, text_of(content).partition("Test: ")[2][:1]) == ("UTF-8", "ж"), path


def test_a_meta_charset_in_each_way_of_writing() -> None:
    for path in covered()["meta charset"]:
        match = re.search(r'assert_(not_)?equals\(document.characterSet, "(.*?)"\)', source(path))
        assert match is not None, path
        assert (page(path).encoding == match[2]) is (match[1] is None), path


def test_a_meta_charset_that_nobody_knows_counts_as_none() -> None:
    [path] = covered()["bogus"]
    content = page(path)
    assert (content.encoding, text_of(content).strip()) == ("windows-1252", "\xa2")
    assert page(path, charset="this-is-not-a-charset").encoding == "windows-1252"


def test_a_byte_order_mark_outranks_header_and_meta() -> None:
    [path] = covered()["bom"]
    header = source(f"{path}.headers")
    assert page(path, charset=header.strip().rpartition("charset=")[2]).encoding == "UTF-8"


def test_only_one_byte_order_mark_is_removed() -> None:
    assert len(covered()["two boms"]) == 3
    for path in covered()["two boms"]:
        assert text_of(page(path)) == "\ufeff", path


def test_a_page_that_ends_within_a_character() -> None:
    assert len(covered()["endings"]) == 4
    for path in covered()["endings"]:
        reference = page(path.replace(".html", "-ref.html"))
        assert collapse(text_of(page(path))) == collapse(text_of(reference)), path


def test_utf_32_is_no_encoding_of_the_web() -> None:
    [index, *pages] = covered()["utf-32"]
    expected = dict(re.findall(r"\{file: '(.*?)',\s*characterSet: '(.*?)'", source(index)))
    for path in pages:
        assert page(path).encoding == expected[path.removeprefix(f"{ENCODING}/")], path


def test_utf_8_is_not_guessed() -> None:
    [path] = covered()["sniffing"]
    content = page(path)
    assert content.encoding == "windows-1252"
    [expected] = re.findall(r'textContent, "(.*?)"\)', source(path))
    assert expected.encode().decode("unicode_escape") in text_of(content)


def test_sniffing_of_jsdom() -> None:
    wrong = {}
    for path in covered()["sniffing of jsdom"]:
        kind, name = Path(path).parts[-2], Path(path).stem
        expected = "UTF-8" if kind == "utf" else name if kind == "bom" else name.rpartition("_")[2]
        if page(path).encoding != expected:
            wrong[path] = (page(path).encoding, expected)
    assert wrong == {}
    assert len(covered()["sniffing of jsdom"]) == 16


# The standard's prescan takes a meta inside a script or a style sheet for one; browsers do not, and web-platform-tests
# agree with them (in-script.html, in-style.html).
METAS_IN_SCRIPTS = {
    b"<!DOCTYPE HTML>\n<script>document.write('<meta charset=\"iso8859-2\">')</script>",
    b'<!DOCTYPE HTML>\n<script type="text/plain"><meta charset="iso8859-2"></script>',
    b'<!DOCTYPE HTML>\n<style type="text/plain"><meta charset="iso8859-2"></style>',
}


def html5lib_encodings() -> Iterator[tuple[bytes, str]]:
    for path in sorted((root() / "html5lib-tests/encoding").glob("*.dat")):
        for case in path.read_bytes().split(b"#data\n")[1:]:
            data, _, expected = case.partition(b"\n#encoding\n")
            yield data, expected.split(b"\n", maxsplit=1)[0].decode("ascii").lower()


def test_encoding_sniffing_of_html5lib(numbers: Numbers) -> None:
    cases = list(html5lib_encodings())
    wrong = {data for data, expected in cases if PageContent(data, SITE).encoding.lower() != expected}
    numbers.add(
        "html5lib-tests: encodings",
        compared=len(cases),
        differences=len(wrong),
        explained=len(wrong & METAS_IN_SCRIPTS),
        unexplained=len(wrong - METAS_IN_SCRIPTS),
    )
    assert wrong == METAS_IN_SCRIPTS
    assert len(cases) == 82


# --- where relative URLs lead -------------------------------------------------------------------------------------------

# page -> (what {{...}} stands for is left as it is), the base URL; None: the page's own.
BASES = {
    f"{BASE}/base-data.html": None,
    f"{BASE}/base-javascript.html": None,
    f"{BASE}/base_href_empty.html": None,
    f"{BASE}/base_href_unspecified.html": None,
    f"{BASE}/example.html": None,
    f"{BASE}/example2.html": None,
    f"{URL_PAGES}/terminology-0/multiple-base.sub.html": "http://www.web-platform.test:8000/",
}


@pytest.mark.parametrize("path", BASES)
def test_the_base_url(path: str) -> None:
    body = (root() / path).read_bytes()
    for domain in ("www", "www1", "www2"):
        body = body.replace(b"{{domains[%s]}}" % domain.encode(), b"%s.web-platform.test" % domain.encode())
    content = page(path, body.replace(b"{{ports[http][0]}}", b"8000"))
    assert content.base_url.href == (BASES[path] or SITE + path)


def test_links_stand_on_the_base_of_the_first_base_element() -> None:
    [link] = page(f"{BASE}/example.html").links()
    assert link.url == f"{SITE}{BASE}/example2.html"


def test_the_parts_of_the_url_of_a_link() -> None:
    [path] = covered()["getters"]
    urls_of = {reference.element.text: reference.url for reference in page(path).references}
    asserts = re.findall(r'^  \["(\w+)", "(.*?)",\s+"(a\d+)"\]', source(path), re.MULTILINE)
    assert len(asserts) == 10
    for name, expected, anchor in asserts:
        assert getattr(urls_of[anchor], name) == expected, (name, anchor)


def test_line_breaks_in_a_url_are_removed() -> None:
    [path] = covered()["a"]
    [expected] = re.findall(r'assert_equals\(link.href, "(.*?)"\)', source(path))
    [reference] = [found for found in page(path).references if found.raw_href.startswith("data:")]
    assert reference.url is not None
    assert reference.url.href == expected


# --- the query in the page's encoding -------------------------------------------------------------------------------------

QUERY_PAGES = {
    f"{QUERIES}/utf-16be.html": ("UTF-16BE", "%C3%A5"),
    f"{QUERIES}/utf-16le.html": ("UTF-16LE", "%C3%A5"),
    f"{QUERIES}/utf-8.html": ("UTF-8", "%C3%A5"),
    f"{QUERIES}/windows-1251.html": ("windows-1251", "%26%23229%3B"),
    f"{QUERIES}/windows-1252.html": ("windows-1252", "%E5"),
}


@pytest.mark.parametrize("path", QUERY_PAGES)
def test_the_query_of_a_link_is_in_the_pages_encoding(path: str) -> None:
    encoding, expected = QUERY_PAGES[path]
    body = (root() / path).read_bytes() + '<a href="?q=&#229;">'.encode(encoding)
    content = page(path, body)
    [link] = content.links()
    assert content.encoding == encoding
    assert link.url.endswith(f"?q={expected}")


@pytest.mark.parametrize("tag", ["a", "area", "base"])
@pytest.mark.parametrize("label", ["windows-1252", "x-cp1251", "utf8"])
def test_the_query_of_an_attribute(tag: str, label: str) -> None:
    path = f"{QUERIES}/attributes.sub.html"
    expected = dict(re.findall(r'"(\S+)": "(%\S+)"', source(path)))
    body = (root() / path).read_bytes().replace(b"{{GET[encoding]}}", label.encode())
    content = page(path, body + f'<{tag} href="?&#xFF;">'.encode())
    url = content.base_url if tag == "base" else content.references[0].url
    assert url is not None
    assert url.search == f"?{expected[content.encoding]}"


@pytest.mark.parametrize("label", ["windows-1252", "utf8"])
def test_the_query_of_a_lone_surrogate(label: str) -> None:
    path = f"{QUERIES}/lone-surrogates.sub.html"
    expected = dict(re.findall(r'"(\S+)": "(%\S+)"', source(path)))
    body = (root() / path).read_bytes().replace(b"{{GET[encoding]}}", label.encode())
    content = page(path, body + b'<a href="?&#xD800;">')
    url = content.references[0].url
    assert url is not None
    assert url.search == f"?{expected[content.encoding]}"


# --- what a page says of itself -------------------------------------------------------------------------------------------


def test_the_text_of_a_link() -> None:
    [path] = covered()["text"]
    anchors = [link.anchor for link in page(path).links()]
    [expected] = re.findall(r'assert_equals\(list\[i\].text, "(.*?)"\)', source(path))
    without_script = collapse(expected.replace("b", ""))  # theirs counts the text of a <script>, which no reader sees
    assert anchors == [collapse(expected)] * 3 + [without_script]


LANGUAGES = {
    f"{META}/http-equiv-and-name-2.html": "de-DE",
    # A browser takes no language from a list; the column says what the page says.
    f"{META}/the-lang-attribute-012.html": "ko,zh,ja",
}


@pytest.mark.parametrize("path", LANGUAGES)
def test_the_language_of_a_page(path: str) -> None:
    assert page(path).language == LANGUAGES[path]


def test_where_a_meta_refresh_leads() -> None:
    [path] = covered()["refresh"]
    vectors = re.findall(r"^  \{input: '(.*)', expected: \[(.*)\]\},$", source(path), re.MULTILINE)
    wrong = []
    for text, expected in vectors:
        written = text.encode().decode("unicode_escape")
        content = "".join(f"&#{ord(character)};" for character in written)
        refresh = PageContent(f'<meta http-equiv=refresh content="{content}">'.encode(), SITE).refresh
        found = (int(refresh.seconds), refresh.url.href) if refresh is not None else None
        seconds, _, reference = expected.partition(", ")
        target = urls.parse(SITE)
        assert target is not None
        target = urls.resolve(reference[1:-1].encode().decode("unicode_escape"), target)
        assert target is not None
        leads_away = expected != "" and "__filename__" not in reference  # a page that only reloads itself leads nowhere
        if found != ((int(seconds), target.href) if leads_away else None):
            wrong.append((written, found, expected))
    assert wrong == []
    assert len(vectors) > 70


# page -> follow, indexable
ROBOTS_PAGES = {
    f"{ROBOTS}/all-allowed.html": (True, True),
    f"{ROBOTS}/nofollow.html": (False, True),
    f"{ROBOTS}/noindex-minified.html": (True, False),
    f"{ROBOTS}/noindex-nofollow.html": (False, False),
    f"{ROBOTS}/noindex.html": (True, False),
}


@pytest.mark.parametrize("path", ROBOTS_PAGES)
def test_robots_metas(path: str) -> None:
    verdict = robots_directives.judge(metas=page(path).metas)
    assert (verdict.follow, verdict.indexable) == ROBOTS_PAGES[path]


# --- and all of them once more, independently -----------------------------------------------------------------------------


PRESCAN = "html5lib 1.1's prescan departs from the standard and from browsers: scripts, refresh, x-user-defined, UTF-32"
INDEPENDENT_ENCODINGS = dict.fromkeys(
    (
        f"{SNIFF}/no-result/http-equiv-refresh_windows-1252.html",
        f"{SNIFF}/normal/charset-x-user-defined_windows-1252.html",
        f"{SNIFF}/normal/http-equiv-second-charset_ISO-8859-2.html",
        f"{ENCODING}/resources/utf-32-little-endian-bom.html",
        f"{CHARSET}/in-script.html",
        f"{CHARSET}/in-style.html",
        f"{CHARSET}/in-title.html",
    ),
    PRESCAN,
)


def test_every_page_of_the_archive_reads_the_same_independently(numbers: Numbers) -> None:
    wrong = []
    other_encodings = set()
    paths = sorted(root().rglob("*.html"))
    for path in paths:
        name, body = path.relative_to(root()).as_posix(), path.read_bytes()
        ours, theirs = read_ours(body, SITE, ""), read_independently(body, SITE, "")
        if (ours.base, ours.rows) != (theirs.base, theirs.rows):
            wrong.append((name, ours, theirs))
        if ours.encoding != theirs.encoding:
            other_encodings.add(name)
    numbers.add(
        "pages of the archive",
        compared=len(paths),
        differences=len(wrong) + len(other_encodings),
        explained=len(other_encodings & set(INDEPENDENT_ENCODINGS)),
        unexplained=len(wrong) + len(other_encodings - set(INDEPENDENT_ENCODINGS)),
    )
    assert wrong == []
    assert other_encodings == set(INDEPENDENT_ENCODINGS)
