# ruff: noqa: RUF001 - letters of other alphabets are the subject
"""Header aliases: the names of columns in other languages and other versions of a tool."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# A header cell and its aliases: localised exports, and names in other versions of a tool. Cells are compared after
# `fold`, so case, accents, white space and punctuation need no aliases. An alias is read wherever a format names the
# header cell itself.
SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    # Search Console
    "Linking page": (
        "דף מקשר", "Página de enlace", "Página que enlaza", "Trang liên kết", "Verlinkende Seite", "Verweisende Seite",
        "Page de référence", "Page contenant le lien", "Page d'origine", "Pagina di collegamento", "Página de vinculação",
        "Página com link", "Linkende pagina", "Strona linkująca", "Ссылающаяся страница", "Страница со ссылкой",
        "Bağlantı veren sayfa", "リンク元ページ", "링크 페이지", "链接页面", "連結網頁", "Halaman penautan",
    ),
    "Last crawled": (
        "נסרק לאחרונה", "Último rastreo", "Lần thu thập dữ liệu gần đây nhất", "Zuletzt gecrawlt", "Letztes Crawling",
        "Dernière exploration", "Ultima scansione", "Último rastreamento", "Laatst gecrawld", "Ostatnie indeksowanie",
        "Последнее сканирование", "Son tarama", "前回のクロール", "마지막 크롤링", "上次抓取时间", "上次檢索時間",
        "Terakhir di-crawl",
    ),
    "Site": (
        "אתר", "Sitio", "Sitio web", "Trang web", "Website", "Sito", "Site web", "Witryna", "Сайт", "サイト", "사이트",
        "网站", "網站", "Situs",
    ),
    "Linking pages": (
        "דפים מקשרים", "Páginas de enlace", "Páginas que enlazan", "Các trang liên kết", "Verlinkende Seiten",
        "Verweisende Seiten", "Pages de référence", "Pages d'origine", "Pagine di collegamento", "Páginas de vinculação",
        "Páginas com link", "Linkende pagina's", "Strony linkujące", "Ссылающиеся страницы", "リンク元ページ数",
        "链接页面数", "Halaman yang menautkan",
    ),
    "Target pages": (
        "דפי יעד", "Páginas de destino", "Trang đích", "Zielseiten", "Pages cibles", "Pagine di destinazione",
        "Doelpagina's", "Strony docelowe", "Целевые страницы", "ターゲットページ数",
    ),
    "Target page": (
        "דף יעד", "Página de destino", "Zielseite", "Page cible", "Pagina di destinazione", "Doelpagina",
        "Strona docelowa", "Целевая страница", "ターゲットページ",
    ),
    "Incoming links": (
        "קישורים נכנסים", "Enlaces entrantes", "Eingehende Links", "Liens entrants", "Link in entrata", "Links de entrada",
        "Inkomende links", "Linki przychodzące", "Входящие ссылки", "被リンク",
    ),
    "Internal links": (
        "קישורים פנימיים", "Enlaces internos", "Interne Links", "Liens internes", "Link interni", "Links internos",
        "Linki wewnętrzne", "Внутренние ссылки", "İç bağlantılar", "Dahili bağlantılar", "内部リンク", "내부 링크",
        "内部链接", "內部連結", "Liên kết nội bộ", "Link internal",
    ),
    # Screaming Frog
    "Anchor": ("Ancrage", "Ancre", "Anker", "Ancla", "Ancora", "アンカー"),
    "Destination": ("Destino", "Ziel", "Destinazione"),
    "Source": ("Origen", "Quelle", "Fuente", "Sorgente"),
    "Follow": ("Suivre", "Folgen", "Seguir", "Segui"),
    "Alt Text": ("Texte Alt", "Alt-Text", "Texto Alt", "Testo Alt"),
    "Link Position": ("Position du lien", "Linkposition", "Posición del enlace", "Posizione link"),
    # tools that renamed a column
    "Nofollow": ("Is nofollow",),
    "Domain rating": ("DR",),
    "Toxicity Score": ("Toxic Score", "Toxicity"),
}  # fmt: skip


@lru_cache(maxsize=10_000)
def fold(cell: str) -> str:
    """Reduces a header cell to its letters and digits: no case, accents, white space or punctuation."""
    return "".join(c for c in unicodedata.normalize("NFKD", cell[:200].casefold()) if c.isalnum())


_CANONICAL: Final = {fold(spelling): fold(name) for name, spellings in SPELLINGS.items() for spelling in spellings}


def canonical(cell: str) -> str:
    """Returns the name of a header cell in the table of formats, folded."""
    folded = fold(cell)
    return _CANONICAL.get(folded, folded)
