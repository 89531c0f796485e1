"""Estimates from the words of an address or an anchor whether an unvisited page links to other sites.

Facts about the web, as a table; what a crawl sees soon outweighs them.
"""

from __future__ import annotations

from typing import Final

EXPECTATIONS: Final[tuple[tuple[float, str], ...]] = (
    # Pages that exist to name others, and whole documents on one page.
    (
        6.0,
        (
            "links link blogroll webring resources resource bookmarks bookmark partners partner sponsors sponsor supporters "
            "donors friends directory ecosystem showcase bibliography print printable "
            "linkliste sponsoren freunde foerderer unterstuetzer liens partenaires ressources amis enlaces recursos amigos "
            "collegamenti risorse amici odkazy partnerzy linki"
        ),
    ),
    # Pages about people, events and works, which seldom are all a site's own.
    (
        2.5,
        (
            "community communities about faq help contributing contributors people team staff press publications papers talks "
            "projects tools software users customers clients members credits thanks acknowledgements acknowledgments references "
            "reading recommended recommendations roundup weekly newsletter digest week month year related media news events "
            "conferences conference glossary history guidelines third party integrations plugins extensions libraries learn "
            "learning books colophon uses awards sources alternatives comparison support "
            "presse mitglieder projekte veranstaltungen kunden publikationen equipe projets membres evenements miembros "
            "proyectos eventos prensa progetti membri stampa"
        ),
    ),
    # Pages that repeat what others say, or speak of their own site alone.
    (
        0.4,
        (
            "login signin signup register tag tags category categories archive archives search privacy terms cart checkout "
            "calendar edit diff rev revision revisions version versions index genindex modindex api module modules class source "
            "src static assets img image images page impressum datenschutz warenkorb kategorie kategorien suche panier recherche "
            "connexion carrito buscar etiqueta"
        ),
    ),
)
"""How many times as many outside hosts as a page of its site shows on average, and the words of which that is expected."""
