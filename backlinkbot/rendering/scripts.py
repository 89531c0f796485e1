"""Scripts that run in a rendered page: before its own scripts start, and when the page is read."""

from __future__ import annotations

from typing import Final

from backlinkbot.extract.visibility import computed

BEFORE: Final = """
(() => {
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) { return attach.call(this, {...init, mode: 'open'}); };
  Object.assign(window, {alert() {}, confirm: () => false, prompt: () => null, print() {}});
  for (const name of ['RTCPeerConnection', 'webkitRTCPeerConnection', 'WebTransport']) delete window[name];
})();
"""
"""Before the page's own scripts, in their world: shadow trees can be read, nobody is asked anything, nothing speaks but HTTP."""

PAGE_SCRIPTS: Final[tuple[str, ...]] = (computed.SCRIPT,)
"""What looks at a rendered page before it is written down: JavaScript functions that take the name of an attribute.

No script of the page knows that name, so what they mark with it (``element.setAttribute(mark, "…")``) is ours. They run in a
world of their own, in which the page has changed no built-in function, and in one step with the writing down.
"""

_READ: Final = """
((most, mark, looks) => {
  for (const look of looks) { try { look(mark); } catch { /* what it did not mark is not marked */ } }
  const root = document.documentElement;
  if (root === null) return {html: '', url: document.URL};
  const shadows = [];
  const walk = tree => {
    for (const element of tree.querySelectorAll('*')) {
      if (element.shadowRoot) { shadows.push(element.shadowRoot); walk(element.shadowRoot); }
    }
  };
  walk(document);
  const open = root.cloneNode(false).outerHTML.replace(/<\\/[^<>]*>$/, '');
  const inside = root.getHTML ? root.getHTML({shadowRoots: shadows}) : root.innerHTML;
  const html = (document.compatMode === 'CSS1Compat' ? '<!DOCTYPE html>' : '') + open + inside + '</html>';
  return html.length > most ? {size: html.length} : {html, url: document.URL};
})
"""


def reading(most: int, mark: str) -> str:
    """The expression that writes a page down, shadow trees as ``<template shadowrootmode>``.

    Its value is ``{html, url}``; ``{size}`` for a page of more than ``most`` characters.
    """
    return f"{_READ}({most}, {mark!r}, [{', '.join(f'({script})' for script in PAGE_SCRIPTS)}])"
