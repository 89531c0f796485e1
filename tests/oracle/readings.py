"""Two readings of one page, the browser's and ours, brought into one form."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from backlinkbot.extract.link import collapse
from backlinkbot.extract.page import PageContent


@dataclass(frozen=True, slots=True)
class Row:
    """One http(s) link, in tree order; those of declarative shadow trees behind the others."""

    url: str
    rel: tuple[str, ...]
    text: str
    raw_href: str
    has_layout: bool = field(default=True, compare=False)
    """Whether the browser lays it out; where it does not, the text is all that the link holds, shown or not."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a page says of itself."""

    encoding: str
    base: str
    metas: tuple[tuple[str, str], ...]
    """(name, content) of every ``<meta name>`` for robots, in tree order."""
    rows: tuple[Row, ...]


# Evaluated in an isolated world of the page. The page's elements may shadow properties of `document` (<form
# name=querySelectorAll>), so these are taken from the prototypes.
EXPRESSION = r"""
(() => {
  const XLINK = "http://www.w3.org/1999/xlink", SVG = "http://www.w3.org/2000/svg";
  const own = (prototype, name) => Object.getOwnPropertyDescriptor(prototype, name).get.call(document);
  const all = (root, selector) => root === document
    ? [...Document.prototype.querySelectorAll.call(root, selector)] : [...root.querySelectorAll(selector)];
  // A reader sees what innerText says, but for capitals that a style sheet makes. What hides the whole link is undone:
  // the text of a hidden link is what it would show, and at once.
  const plain = Document.prototype.createElementNS.call(document, "http://www.w3.org/1999/xhtml", "style");
  plain.textContent = "* { text-transform: none !important; transition: none !important }";
  own(Document.prototype, "documentElement")?.append(plain);
  // Scripts are off so that pages stay as they were sent; our readers have them on, to whom these sheets do not apply.
  for (const sheet of all(document, "noscript style")) sheet.media = "not all";
  const filter = element => element.nodeType === Node.ELEMENT_NODE
    && /^(script|style|title|desc|metadata|defs|symbol)$/.test(element.localName)
    ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT;
  const drawn = element => {
    const walker = Document.prototype.createTreeWalker.call(document, element, NodeFilter.SHOW_ALL, filter);
    const parts = [];
    while (walker.nextNode())
      if (walker.currentNode instanceof Text) parts.push(walker.currentNode.data);
    return parts.join("");
  };
  const text = element => {
    if (!(element instanceof HTMLElement)) return [drawn(element), false];
    if (!element.checkVisibility()) return [drawn(element), false];
    if (getComputedStyle(element).visibility !== "visible") element.style.setProperty("visibility", "visible", "important");
    return [element.innerText, true];
  };
  const probe = Document.prototype.createElement.call(document, "a");
  const web = url => { try { return /^https?:$/.test(new URL(url).protocol); } catch { return false; } };

  const roots = [document], links = [], metas = [];
  for (const root of roots) {
    for (const element of all(root, "a, area")) {
      let raw = element.getAttribute("href"), url;
      if (element instanceof SVGElement) {
        raw ??= element.getAttributeNS(XLINK, "href");
        if (raw === null) continue;
        probe.href = element.href.baseVal;  // resolves in the document's encoding, as following the link does
        url = probe.href;
      } else {
        if (raw === null) continue;
        url = element.href;
      }
      if (url !== undefined && web(url)) links.push([url, element.getAttribute("rel") ?? "", raw, ...text(element)]);
    }
    for (const meta of all(root, "meta[name]"))
      metas.push([meta.getAttribute("name"), meta.getAttribute("content") ?? ""]);
    for (const element of all(root, "*")) if (element.shadowRoot) roots.push(element.shadowRoot);
  }
  return {
    url: own(Document.prototype, "URL"),
    base: own(Node.prototype, "baseURI"),
    encoding: own(Document.prototype, "characterSet"),
    metas, links,
  };
})()
"""


def read_browsers(value: dict[str, Any]) -> Reading:
    """Bring into form what ``EXPRESSION`` gave."""
    rows = (Row(url, _tokens(rel), collapse(text), raw, shown) for url, rel, raw, text, shown in value["links"])
    return Reading(value["encoding"].lower(), value["base"], _for_robots(value["metas"]), tuple(rows))


def read_ours(body: bytes, url: str, charset: str) -> Reading:
    content = PageContent(body, url, charset)
    rows = (
        Row(link.url, link.rel, link.anchor if link.anchor_source == "text" else "", link.raw_href)
        for link in content.links()
    )
    return Reading(content.encoding.lower(), content.base_url.href, _for_robots(content.metas), tuple(rows))


def _tokens(rel: str) -> tuple[str, ...]:
    return tuple(filter(None, re.split(r"[\s,]", rel)))


def _for_robots(metas: Iterable[Iterable[str]]) -> tuple[tuple[str, str], ...]:
    pairs = ((name.strip().lower(), content) for name, content in metas)
    return tuple((name, content) for name, content in pairs if name in {"robots", "googlebot"})
