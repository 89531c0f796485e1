"""The fallback format: a table of an unknown tool, read by its header or its values."""

from __future__ import annotations

from typing import Final

from backlinkbot.importers.formats.formats import LISTED, Format, Role

# Header cells that name the column of referring pages, best first.
URL_COLUMNS: Final = (
    "source_url",
    "source url",
    "referring page url",
    "linking page",
    "candidate",
    "url_from",
    "source",
    "page",
    "url",
    "address",
    "link",
)

TABLE: Final = Format(
    name="table",
    title="Any table with a column of pages or domains",
    origin="table",
    confidence=LISTED,
    columns={
        Role.SOURCE: (
            *URL_COLUMNS[:6],
            "backlink", "backlink url", "backlink page", "source page", "source page url", "referring page",
            "referring url", "referring link", "referrer", "referer", "linking url", "linking page url", "link from",
            "from url", "url source", "link source", "external url", "found on", "page from", "donor", "donor url", "from",
            "Quell-URL", "URL der verweisenden Seite", "URL source", "Page source", "URL de la page référente",
            "URL de origen", "Página de origen", "URL di origine", "Pagina di origine", "URL de origem", "Bron-URL",
            "Źródłowy URL", "Страница донора", "URL донора", "Исходный URL", "来源网址", "来源页面",
            *URL_COLUMNS[6:],
        ),
        Role.DOMAIN: (
            "source_domain", "referring domain", "referring domains", "linking domain", "linking site", "source domain",
            "domain", "root domain", "linking root domains", "domain name", "host", "hostname", "site", "website",
            "Verweisende Domain", "Domaine référent", "Domaine", "Dominio de referencia", "Dominio", "Dominio referente",
            "Domínio", "Ссылающийся домен", "Домен", "域名",
        ),
        Role.TARGET: (
            "target_url", "target url", "url_to", "target", "link to", "to url", "link url", "destination",
            "destination url", "target page", "linked page", "linked url", "landing page", "page to", "your url", "acceptor", "to",
            "Ziel-URL", "URL cible", "URL de destino", "URL di destinazione", "Doel-URL", "Docelowy URL", "Акцептор",
            "URL акцептора", "目标网址",
        ),
        Role.ANCHOR: (
            "anchor", "anchor text", "link anchor", "link text", "anchortext", "anchor and backlink", "linktext",
            "Ankertext", "Linktext", "Texte d'ancrage", "Texte de l'ancre", "Texto de anclaje", "Texto ancla",
            "Testo di ancoraggio", "Texto âncora", "Ankertekst", "Анкор", "Текст ссылки", "アンカーテキスト", "锚文本",
        ),
        Role.REL: ("rel", "rel attribute", "attributes", "link attributes", "rel_attributes"),
        Role.NOFOLLOW: ("nofollow", "is nofollow", "no follow", "flagnofollow", "rel=nofollow"),
        Role.FOLLOW: ("follow", "dofollow", "is dofollow", "do follow", "is follow"),
        Role.UGC: ("ugc", "is ugc"),
        Role.SPONSORED: ("sponsored", "is sponsored"),
        Role.TYPE: ("link type", "type", "follow type", "dofollow/nofollow", "follow/nofollow", "nofollow/dofollow"),
        Role.INTERNAL: ("is internal", "internal", "is internal link", "internal/external", "link scope"),
        Role.FIRST_SEEN: (
            "first_seen", "first seen", "first found", "first indexed", "first indexed date", "first discovered", "found",
            "discovered", "discovered on", "discovery date", "date found", "first seen date", "date_first_seen",
            "first_seen_at", "link found", "Zuerst gesehen", "Premier vu", "Visto por primera vez", "Дата обнаружения",
        ),
        Role.LAST_SEEN: (
            "last_seen", "last seen", "last checked", "last check", "last crawled", "last crawl", "last visited",
            "last seen date", "date_last_seen", "last_seen_at", "last found", "last update", "last updated", "date",
            "checked", "Zuletzt gesehen", "Dernière vue", "Visto por última vez", "Последняя проверка",
        ),
        Role.LOST: ("lost", "is lost", "lost date", "date lost", "lost link", "lost at", "link lost", "lost on"),
    },
)  # fmt: skip
