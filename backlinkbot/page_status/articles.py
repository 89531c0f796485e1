# ruff: noqa: RUF001 - letters of other alphabets are the subject
"""Recognises the titles of articles that explain walls and errors: such an article contains the words of what it explains."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from backlinkbot.text.accents import without_accents

_EXPLAINING: Final = (
    r"\bhow (?:to|do|does|can|i)\b|\bwhat (?:is|are|does|to do|now|can|should)\b|^why\b|\bfix(?:es|ed|ing)?\b|\bsolved\b|\btutorial\b|\bexplain|\btroubleshooting\b"
    r"|^wie (?:man|sie|du|ich|kann|funktioniert|lässt|behebt)\b|\bwas (?:ist|tun|bedeutet|nun|kann)\b|^warum\b|\banleitung\b|\bbeheben\b|^comment\b|\bpourquoi\b|\bque faire\b|qu'est-ce|\bcómo\b|\bqué (?:es|hacer|significa)\b|\bpor qué\b"
    r"|\b(?:corriger|corregir|corrigir|solucionar|arreglar|resolver|risolvere|oplossen|исправить|naprawić|opravit|düzelt\w+)\b|\blöser (?:du|man)\b|\bco s ní\b|\bco to znaczy\b|\bcosa significa\b|^come \w+(?:are|ere|ire)\b|\bcos'è\b|\bche cos|\bcosa fare\b|\bperché\b|^como \w+(?:ar|er|ir)\b|\bo que (?:é|fazer|significa)\b|^hoe\b|\bwat (?:is|te doen|betekent|nu)\b|^waarom\b|^jak\b|\bco (?:to|zrobić|oznacza|je|dělat|robić)\b|\bdlaczego\b|\bczy warto\b|^proč\b"
    r"|(?:^|\s)как (?:\w+(?:ть|ться|ти)\b|это)|\bчто (?:такое|делать|значит|это)\b|^почему\b|\bщо (?:таке|робити)\b|\bnasıl\b|\bnedir\b|\bneden\b|\bne yapma|^hur (?:man|du|jag|gör|fungerar)\b|\bvad (?:är|gör|betyder)\b|とは|方法|対処|なぜ|どうす|解決|怎么|如何|什么是|为什么|解决|怎麼|什麼是|방법|무엇|해결|나올 때|왜 |كيف|ما هو|ما هي|لماذا|حل مشكلة"
)


def is_explaining(title: str) -> bool:
    """True if a title, in lower case, asks or explains something, as no wall and no error page does."""
    return _explaining().search(without_accents(title)) is not None


@cache
def _explaining() -> re.Pattern[str]:
    return re.compile(without_accents(_EXPLAINING))
