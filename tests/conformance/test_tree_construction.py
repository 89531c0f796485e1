"""html5lib-tests, tree-construction: what our Document says of each page equals what the expected tree says.

Compared are the a and area elements (name, href, text) in tree order, the base elements, the title, the named metas.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from backlinkbot.extract.link import collapse
from backlinkbot.extract.page import PageContent
from tests.conformance.conftest import Numbers
from tests.conformance.shared_data import unpacked

pytestmark = pytest.mark.usefixtures("each_parser")

FOLDER = "html5lib-tests/tree-construction"
PAGE = "https://page.example/"

FRAGMENT = "the parser is started inside an element: a page is always a whole document"
SCRIPTING = "with scripting on, which we never are"


@dataclass(slots=True)
class Node:
    """An element of an expected tree, or its text."""

    name: str = ""
    """Empty for text; `svg a` for elements that are not HTML's."""
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    @property
    def local_name(self) -> str:
        return self.name.rpartition(" ")[2]


@dataclass(frozen=True, slots=True)
class Facts:
    """What can be compared of a page."""

    anchors: tuple[tuple[str, str | None, str], ...]
    """Every a and area, for few of these have an href: (name, href, text)."""
    bases: tuple[str, ...]
    title: str
    metas: tuple[tuple[str, str], ...]


# --- the files' format: https://github.com/html5lib/html5lib-tests/blob/master/tree-construction/README.md ------------


def cases(path: Path) -> Iterator[dict[str, str]]:
    """The sections of each test, without their last line break."""
    section = ""
    sections: dict[str, str] = {}
    for line in path.read_bytes().decode("utf-8").split("\n"):
        if line == "#data" and sections:
            yield {name: text.removesuffix("\n") for name, text in sections.items()}
            sections = {}
        if line.startswith("#") and line[1:] in SECTIONS:
            section = line[1:]
            sections[section] = ""
        else:
            sections[section] += f"{line}\n"
    yield {name: text.removesuffix("\n") for name, text in sections.items()}


SECTIONS = {
    "data",
    "errors",
    "new-errors",
    "document",
    "document-fragment",
    "script-on",
    "script-off",
}


def read_tree(dump: str) -> Node:
    """The tree of lines such as `|   <a>`, `|     href="x"`, `|     "text"`."""
    root = Node(name="#document")
    open_nodes: list[tuple[int, Node]] = [(-1, root)]
    entries: list[str] = []
    for line in dump.split("\n"):
        if line.startswith("| "):
            entries.append(line[2:])
        elif entries:
            entries[-1] += f"\n{line}"  # text may hold line breaks
    for entry in entries:
        stripped = entry.lstrip(" ")
        depth = (len(entry) - len(stripped)) // 2
        while open_nodes[-1][0] >= depth:
            open_nodes.pop()
        parent = open_nodes[-1][1]
        if stripped.startswith('"'):
            parent.children.append(Node(text=stripped.rstrip("\n")[1:-1]))
        elif stripped.startswith(("<!--", "<!DOCTYPE", "<?")):
            continue
        elif stripped.startswith("<") and stripped.rstrip("\n").endswith(">"):
            node = Node(name=stripped.rstrip("\n")[1:-1])
            parent.children.append(node)
            open_nodes.append((depth, node))
        elif stripped.rstrip("\n") == "content":
            content = Node(name="#content")
            parent.children.append(content)
            open_nodes.append((depth, content))
        else:
            name, _, value = stripped.rstrip("\n").partition("=")
            parent.attributes[name] = value[1:-1]
    return root


# --- what the expected tree says ----------------------------------------------------------------------------------------


def elements(node: Node) -> Iterator[Node]:
    for child in node.children:
        if child.name and child.name != "#content":
            yield child
            yield from elements(child)


def text_of(node: Node) -> str:
    if node.local_name in {"script", "style"} or node.name in {"template", "#content"}:
        return ""
    return node.text + "".join(map(text_of, node.children))


def expected(root: Node) -> Facts:
    found = list(elements(root))
    anchors = [
        (node.local_name, node.attributes.get("href", node.attributes.get("xlink href")), collapse(text_of(node)))
        for node in found
        if node.local_name in {"a", "area"}
    ]
    titles = [collapse(text_of(node)) for node in found if node.name == "title"]
    metas = [node.attributes for node in found if node.name == "meta" and node.attributes.get("name")]
    return Facts(
        anchors=tuple(anchors),
        bases=tuple(node.attributes["href"] for node in found if node.name == "base" and "href" in node.attributes),
        title=titles[0] if titles else "",
        metas=tuple((meta["name"], meta.get("content", "")) for meta in metas),
    )


def actual(source: str) -> Facts:
    content = PageContent(source.encode(), PAGE, "utf-8")
    document = content.document
    return Facts(
        anchors=tuple(
            (element.tag, element.attr("href") or element.attr("xlink:href"), collapse(element.text))
            for element in document.elements("a", "area")
        ),
        bases=tuple(href for base in document.html_elements("base") if (href := base.attr("href")) is not None),
        title=content.title,
        metas=content.metas,
    )


# --- the test -----------------------------------------------------------------------------------------------------------


def test_pages_have_the_expected_links_titles_and_metas(numbers: Numbers) -> None:
    folder = unpacked("conformance") / FOLDER
    skipped: Counter[str] = Counter()
    compared = anchors = 0
    wrong: dict[tuple[str, str], tuple[Facts, Facts]] = {}
    for path in sorted(folder.rglob("*.dat")):
        name = path.relative_to(folder).as_posix()
        for case in cases(path):
            if "document-fragment" in case:
                skipped[FRAGMENT] += 1
            elif "script-on" in case:
                skipped[SCRIPTING] += 1
            else:
                compared += 1
                wanted, found = expected(read_tree(case["document"])), actual(case["data"])
                anchors += len(wanted.anchors)
                if wanted != found:
                    wrong[name, case["data"]] = (wanted, found)
    numbers.add(
        "html5lib-tests: pages",
        compared=compared,
        skipped=skipped.total(),
        differences=len(wrong),
        unexplained=len(wrong),
    )
    assert wrong == {}
    assert (compared, anchors) == (1_592, 138)
    assert skipped == {FRAGMENT: 192, SCRIPTING: 12}
