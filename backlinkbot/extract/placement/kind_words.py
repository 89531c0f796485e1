# ruff: noqa: RUF001 - letters and signs of other alphabets are the subject
"""Multilingual patterns that suggest the kind of a link: labels, credits, addresses, names of classes and ids."""

from __future__ import annotations

import re
from typing import Final

from backlinkbot.extract.placement.stems import folded

FORUM_PATHS: Final = re.compile(
    r"/(?:forums?|foren|foro|foros|phpbb\d*|vbulletin|smf|community)/|^/?(?:forum|forums|community)\.|viewtopic|showthread"
    r"|showpost|/threads?/|/topics?/",
    re.IGNORECASE,
)
"""Matched against the page's path."""
DIRECTORY_PATHS: Final = re.compile(
    r"(?:^|[/_.-])(?:links?|linklist|link-list|linkliste|links-page|my-?links|directory|directories|webdirectory|resources"
    r"|useful-links|blogroll|webring|partners?|friends|annuaire|liens|liens-utiles|webkatalog|katalog|linkkatalog|enlaces"
    r"|directorio|recursos|elenco|collegamenti|link-utili|odkazy|linki|katalog-stron|linkek|ssylki|catalog)(?:[/_.-]|$)",
    re.IGNORECASE,
)
PRESS_HOSTS: Final = frozenset(
    """
    accesswire.com briefingwire.com businesswire.com einpresswire.com einnews.com free-press-release.com globenewswire.com
    issuewire.com marketwired.com marketwire.com newswire.ca newswire.com newsfilecorp.com openpr.com openpr.de
    pr.com presseportal.de pressebox.de pressebox.com pressat.co.uk prfire.co.uk prfree.org prlog.org prleap.com
    prnewswire.com prnewswire.co.uk prurgent.com prweb.com pressreleasepoint.com realwire.com sbwire.com
    send2press.com webwire.com 24-7pressrelease.com 1888pressrelease.com cision.com
    """.split()  # noqa: SIM905
)
"""Registrable domains that publish press releases."""
PRESS_PATHS: Final = re.compile(
    r"press-?releases?(?:[/_.-]|$)|news-?releases?(?:[/_.-]|$)|pressemitteilung|pressemeldung|communique-?s?-?de-?presse"
    r"|comunicados?-?de-?(?:prensa|imprensa)|comunicat[oi]-?stampa|persbericht|pressmeddelande|pressemelding",
    re.IGNORECASE,
)
PRESS_WORDS: Final = re.compile(
    r"\b(?:press release|news release|for immediate release|pressemitteilung|pressemeldung|communiqué de presse"
    r"|comunicado de prensa|comunicado de imprensa|comunicato stampa|persbericht|pressmeddelande|pressemelding"
    r"|informacja prasowa|пресс-релиз|tisková zpráva|sajtóközlemény|basın bülteni)\b|プレスリリース|新闻稿|新聞稿|보도자료",
    re.IGNORECASE,
)
GUEST_WORDS: Final = re.compile(
    r"\b(?:guest (?:post|article|author|blogger|contributor|blog post)|is a guest|contributed by|gastbeitrag|gastartikel"
    r"|gastautor(?:in)?|article invité|auteur invité|autrice invitée|autor(?:a)? invitad[oa]|entrada invitada"
    r"|autor(?:a)? convidad[oa]|post convidado|guest post di|ospite|gastblog|gościnny wpis|wpis gościnny"
    r"|гостевой пост|about the author|über den autor|über die autorin|à propos de l.auteur|sobre (?:el|la|o|a) autora?"
    r"|informazioni sull.autore|l.autore|over de auteur|o autorze|об авторе)\b",
    re.IGNORECASE,
)
AUTHOR_BOX: Final = re.compile(
    r"author[-_]?(?:box|bio|info|desc|description|card|about|profile|block|area|details|wrap)|about[-_]?(?:the[-_]?)?author"
    r"|(?:entry|post|article)[-_]?author(?![-_]?(?:name|link))|autor[-_]?(?:box|info|bio)|authorbox|bio[-_]?box|saboxplugin",
    re.IGNORECASE,
)
SPONSORED_LABEL: Final = re.compile(
    r"(?:sponsored(?: (?:content|post|links?|by|article|message))?|paid (?:content|post|partnership|link)|advertisement"
    r"|advertisements|advertorial|advertising|ads?(?: by google)?|promoted(?: (?:content|by|post))?|our sponsors?|sponsors?"
    r"|partner content|in partnership with|brought to you by|presented by|anzeigen?|werbung|gesponsert(?:er beitrag)?"
    r"|bezahlter link|publicité|sponsorisé|article sponsorisé|contenu sponsorisé|en partenariat avec|annonces?|publicidad"
    r"|patrocinado|contenido patrocinado|anuncios?|publicidade|conteúdo patrocinado|pubblicità|sponsorizzato|annunci"
    r"|contenuto sponsorizzato|advertentie|gesponsord|reklam[ay]?|reklama|sponsorowan[ey]|artykuł sponsorowany|annons"
    r"|annonse|annonce|mainos|hirdetés|реклама|на правах рекламы|спонсор|спонсоры|広告|スポンサー(?:リンク)?|赞助|广告|광고)",
    re.IGNORECASE,
)
"""Must match a whole line, apart from punctuation."""
SPONSORED_NAMES: Final = re.compile(
    r"(?:^|[\s_-])(?:sponsor(?:s|ed|ship)?|advert(?:s|isement|isements|ising|orial)?|ads?[_-]?(?:box|block|slot|space|unit)?"
    r"|adsense|adsbygoogle|paid[-_]?(?:content|post)|promoted|native[-_]?ad|anzeigen?|werbung|reklam[ay]?|publicite"
    r"|publicidad|pubblicita)(?=$|[\s_-]|\d)",
    re.IGNORECASE,
)
MADE_BY: Final = re.compile(
    r"\b(?:(?:proudly )?powered by|powered with|hosted by|hosting by|built (?:with|by|on)|made (?:with|by)|running on"
    r"|(?:web ?site |site |web ?|theme |template |graphic )?(?:design|designed|development|developed|theme|template|skin|layout)"
    r"(?: (?:&|and) (?:development|hosting|design))?(?: by)?|themes? by|created (?:by|with)|web ?design"
    r"|webdesign(?: by| von)?|erstellt (?:mit|von)|gestaltung|umsetzung|realisierung|programmierung|bereitgestellt von"
    r"|propulsé par|réalisé par|réalisation|création(?: de site| site)?|conception|hébergé par|hébergement"
    r"|desarrollado por|diseñado por|diseño(?: web)?(?: por| de)?|funciona con|creado (?:por|con)|alojado (?:en|por)"
    r"|desenvolvido por|criado (?:por|com)|realizzato da|realizzazione|sviluppato da|creato (?:da|con)|sito web by"
    r"|mogelijk gemaakt door|ontwerp|gerealiseerd door|projekt(?: i wykonanie)?|wykonanie|realizacja|stworzone przez"
    r"|создание сайта|создание сайтов|разработка(?: сайта)?|дизайн|работает на|vytvořil[oi]?|tvorba webu|készítette"
    r"|tasarım|hazırlayan|producerad av|webbyrå|toteutus)\s*[:\-–|]?\s*",
    re.IGNORECASE,
)
BADGE_NAMES: Final = re.compile(
    r"(?:^|[\s_/.-])(?:badges?|awards?|seals?|trust-?seal|buttons?|siegel|zertifikat|certificat[eo]?|certified|verified"
    r"|featured-?(?:on|in)|as-?seen-?(?:on|in)|ranking|webring|counter|w3c|valid-?(?:x?html|css)|trustpilot|toplist"
    r"|88x31|80x15)(?=$|[\s_/.-]|\d)",
    re.IGNORECASE,
)
IMAGE_CREDIT: Final = re.compile(
    r"(?:\b|(?=©))(?:(?:photo|image|picture|pic|illustration|cover|header|featured image)s?(?: (?:credits?|source|courtesy(?: of)?|by|via|from|©))"
    r"|(?:photo(?:graph)?|image|picture)s?\s*:|credits?\s*:|courtesy (?:of)?|photograph(?:y|ed)? by|(?:getty|shutterstock|unsplash|flickr)"
    r"|(?:bild|foto|fotos|bilder)(?:quelle|nachweis|rechte|credits?)?\s*(?::|©|von|by)|titelbild|crédits?(?: photos?| image)?\s*:?"
    r"|photo\s*:|©\s*|foto de|fotografía(?: de)?|imagen(?: de)?\s*:|crédito|imagem\s*:|foto di|immagine\s*:|beeld\s*:|foto door"
    r"|zdjęcie|fot\.|źródło zdjęcia|фото\s*:|изображение|via)\s*[:\-–|]?\s*(?:\w+\s*[/|,]\s*)?",
    re.IGNORECASE,
)
"""Must match at the end of the text before a link."""

# --- what a text holds that one of these patterns matches: a cheap look for it spares most searches ----------------------------


GUEST_STEMS: Final = (
    *("guest", "contributed by", "gast", "invit", "convidad", "ospite", "gościnny", "гостевой"),
    *("author", "autor", "auteur", "авторе"),
)
"""Every text that ``GUEST_WORDS`` matches holds one of these."""
LONGEST_LABEL: Final = 40
"""The number of characters that no text has which ``SPONSORED_LABEL`` matches, or more."""
_OPEN_ENDS: Final = (":", "-", "–", "|")
MADE_BY_ENDS: Final = (
    *_OPEN_ENDS,
    *map(
        folded,
        """
        by with on design designed development developed theme template skin layout hosting von mit ung par site hébergement por
        diseño web de con en com da realizzazione door ontwerp projekt wykonanie realizacja przez сайта сайтов разработка дизайн
        на vytvořil vytvořilo vytvořili webu készítette tasarım hazırlayan av webbyrå toteutus
        """.split(),  # noqa: SIM905
    ),
)
"""Every text at whose end ``MADE_BY`` matches ends with one of these."""
IMAGE_CREDIT_ENDS: Final = (
    *(*_OPEN_ENDS, "/", ","),
    *map(
        folded,
        """
        credit credits source courtesy of by via from © getty shutterstock unsplash flickr von titelbild crédit crédits photo photos
        image de fotografía crédito di door zdjęcie fot. zdjęcia изображение
        """.split(),  # noqa: SIM905
    ),
)
"""Every text at whose end ``IMAGE_CREDIT`` matches, and which ends with no white space, ends with one of these."""
