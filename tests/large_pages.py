"""Large hostile pages: each form repeats one piece of markup until the page is full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

HTML = "text/html; charset=utf-8"
TARGET: Final = "target.example"


@dataclass(frozen=True, slots=True)
class Form:
    """A form of page."""

    piece: Callable[[int], str]
    """The markup that is repeated, by its number."""
    head: str = "<!doctype html><html lang=en><head><title>Large</title></head><body>"
    content_type: str = HTML
    link_type: str = "text"
    """That of its rows."""
    count: int = 0
    """The number of pieces of the full page at most; 0: as many as there is room for."""

    def page(self, size: int) -> bytes:
        """Returns a page of at most so many bytes."""
        pieces, room, number = [self.head], size - len(self.head), 0
        while not self.count or number < self.count:
            piece = self.piece(number)
            room -= len(piece)
            if room < 0:
                break
            pieces.append(piece)
            number += 1
        return "".join(pieces).encode()


_HEAD: Final = "<!doctype html><html lang=en><head><title>Large</title></head><body>"
_IN_HEAD: Final = "<!doctype html><html lang=en><head><title>Large</title>"
_FEED: Final = '<?xml version="1.0"?><rss version="2.0"><channel><title>f</title>'

FORMS: Final[dict[str, Form]] = {
    "links": Form(lambda n: f"<a href=https://target.example/{n}>word {n}</a> "),
    "links, one address": Form(lambda _: "<a href=https://target.example/>t</a> "),
    "links in paragraphs": Form(lambda n: f"<p>some words <a href=https://target.example/{n}>word</a> and more</p>"),
    "links on hosts": Form(lambda n: f"<a href=//h{n}.target.example/>word {n}</a> "),
    "nested links": Form(lambda _: "<div><a href=//target.example/>x<table><td>", count=150_000),
    "open links": Form(lambda _: "<a href=//target.example/>x", count=150_000),
    "nested tables": Form(lambda _: "<table><tr><td><a href=//target.example/>x</a>", count=60_000),
    "nested boxes": Form(lambda n: f"<div><a href=//target.example/{n}>x</a>"),
    "lists": Form(lambda n: f"<ul><li><a href=//target.example/{n}>x</a></ul>"),
    "areas": Form(
        lambda n: f"<area href=//target.example/{n} alt=x>",
        head="<!doctype html><title>Large</title><img usemap=#m width=9 height=9 src=i><map name=m>",
        link_type="area",
    ),
    "iframes": Form(lambda n: f"<iframe src=//target.example/{n}></iframe>", link_type="frame"),
    "embeds": Form(lambda n: f"<embed src=//target.example/{n}>", link_type="frame"),
    "frames of markup": Form(lambda n: f"<iframe srcdoc='<a href=//target.example/{n}>x</a>'></iframe>"),
    "forms": Form(lambda n: f"<form action=//target.example/{n}></form>", link_type="form"),
    "buttons": Form(lambda n: f"<button formaction=//target.example/{n}>x</button>", link_type="form"),
    "canonicals": Form(
        lambda n: f"<link rel=canonical href=//target.example/{n}>", head=_IN_HEAD, link_type="canonical"
    ),
    "alternates": Form(lambda n: f"<link rel=alternate href=//target.example/{n}>", link_type="alternate"),
    "comments": Form(lambda n: f"<!--<a href=//target.example/{n}>x</a>-->"),
    "templates": Form(lambda n: f"<template><a href=//target.example/{n}>x</a></template>"),
    "mentions": Form(lambda n: f"<p>see target.example/{n}", link_type="mention"),
    "feed items": Form(
        lambda n: f"<item><link>https://target.example/{n}</link></item>",
        head=_FEED,
        content_type="application/rss+xml",
        link_type="feed",
    ),
    "links in feed items": Form(
        lambda n: (
            f"<item><link>https://page.example/{n}</link><description>&lt;a href=//target.example/{n}&gt;</description></item>"
        ),
        head=_FEED,
        content_type="application/rss+xml",
        link_type="feed",
    ),
    "wrapped links": Form(lambda n: f"<a href='//page.example/out?url=https%3A//target.example/{n}'>x</a> "),
    "other links": Form(lambda n: f"<a href=/{n}>word {n}</a> "),
    "other hosts": Form(lambda n: f"<a href=//h{n}.example/>word {n}</a> "),
    "targets": Form(lambda n: f"<a href=//t{n % 100_000}.example/>word {n}</a> "),
    "few tags": Form(lambda n: f"word {n} "),
    "long queries": Form(
        lambda n: f"<a href='//target.example/?q={n}&amp;{'key=value&amp;' * 20}'>x</a> ", count=200_000
    ),
    "links in one paragraph": Form(
        lambda n: f"<a href=//target.example/{n}>words of an anchor text</a> ", head=f"{_HEAD}<p>", count=200_000
    ),
    "links in one cell": Form(lambda n: f"<a href=//target.example/{n}>x</a> ", head=f"{_HEAD}<table><tr><td>"),
    "cells": Form(lambda n: f"<td><a href=//target.example/{n}>x</a>", head=f"{_HEAD}<table><tr>"),
    "rows": Form(lambda n: f"<tr><td><a href=//target.example/{n}>x</a>", head=f"{_HEAD}<table>"),
    "items of one list": Form(lambda n: f"<li><a href=//target.example/{n}>x</a>", head=f"{_HEAD}<ul>"),
    "one long anchor": Form(lambda n: f"word {n} ", head=f"{_HEAD}<a href=//target.example/>"),
    "one anchor of elements": Form(lambda n: f"<i>word {n}</i> ", head=f"{_HEAD}<a href=//target.example/>"),
    "nested bold": Form(lambda n: f"<b><a href=//target.example/{n}>x</a>", count=150_000),
    "nested fonts": Form(lambda n: f"<font color=#{n % 4096:03x}><a href=//target.example/{n}>x</a>", count=150_000),
    "bold paragraphs": Form(lambda n: f"<p><b id={n % 50}><a href=//target.example/{n}>x</a>", count=150_000),
    "styled links": Form(
        lambda n: f"<a style='color:#{n % 4096:03x};background:#fff' href=//target.example/{n}>x</a> "
    ),
    "style sheets": Form(
        lambda n: f"<style>.c{n}{{color:#{n % 4096:03x}}}</style><a class=c{n} href=//target.example/{n}>x</a> ",
        count=100_000,
    ),
    "data blocks": Form(
        lambda n: f"""<script type=application/ld+json>{{"@id":"https://target.example/{n}"}}</script>""", count=100_000
    ),
    "sources": Form(lambda n: f"<img srcset='//target.example/{n} 2x, //target.example/b{n} 3x'>", count=200_000),
    "images": Form(lambda n: f"<img src=//target.example/{n}.png>", count=200_000, link_type="image_source"),
    "linked images": Form(lambda n: f"<a href=//target.example/{n}><img src=/{n}.png alt=x></a>"),
    "emoji": Form(lambda n: f"<a href=//target.example/{n}>\N{GRINNING FACE} {n}</a> "),
}
"""Each form by what it repeats."""
