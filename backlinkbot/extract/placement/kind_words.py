# ruff: noqa: RUF001 - letters and signs of other alphabets are the subject
"""Multilingual patterns that suggest the kind of a link: labels, credits, addresses, names of classes and ids."""

from __future__ import annotations

import re
from typing import Final

from backlinkbot.extract.placement.stems import folded

COMMENT_BUTTONS: Final = re.compile(
    r"(?:(?:repl(?:y|ies)|permalink|permanent link|share(?: it| this)?|report(?: abuse| comment| this)?|flag|edit|delete|quote|rss|like"
    r"|log ?in(?: or .*| to .*)?|log out|sign (?:in|up).*|register|subscribe|load (?:more )?comments|more comments|guidelines"
    r"|community (?:guidelines|rules)|view (?:all|the|more|\S+ \S+.s discussions?)\b.*|(?:comments? )?powered by.*|request a badge|faq"
    r"|get livefyre|help|(?:discussion|comment|forum|community) policy|\d+ (?:comments?|kommentare?|commentaires?)|post a comment.*|learn more\W*|antworten|melden|zitieren|löschen|bearbeiten|anmelden|registrieren|teilen|répondre|citer|signaler|alerter"
    r"|se connecter|s.inscrire|partager|responder|citar|denunciar|reg[ií]strate|darme de alta|compartir|iniciar sesión|rispondi"
    r"|segnala|condividi|beantwoorden|odpowiedz|cytuj|zgłoś|ответить|цитировать|пожаловаться|войти|поделиться|返信|回复|回覆)"
    r"|(?:\S+ )?(?:\d{1,4}[-/.:]){1,2}\d{1,4}(?:[ ,T]+\d.*)?|\w+\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}.*|\d{1,2}\.? \w+ \d{4}.*"
    r"|\d+ \w+ ago|\d+)",
    re.IGNORECASE,
)
"""Must match a link's whole text, apart from punctuation: buttons and dates of a comment system."""
COMMENT_SYSTEMS: Final = re.compile(
    r"//(?:[\w-]+\.)*(?:disqus|livefyre|gigya|intensedebate|viafoura|openweb|hyvor|akismet|gravatar)\.(?:com|co|io)/|blogger\.com/(?:(?:comment|delete|post)-|rearrange|quickedit|blog-this)"
    r"|/(?:login|signin|register|report|abuse)\b|addcomment|wp-login|replytocom=",
    re.IGNORECASE,
)
"""Matched against a link's URL."""
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
PRESS_SLUG: Final = re.compile(r"\w+-\w+-\w+|\d{4,}|/(?:news|pm|releases?)/.")
"""The path of a single release, not of a log-in or a page about the service."""
PRESS_PATHS: Final = re.compile(
    r"press-?releases?(?:[/_.-]|$)|news-?releases?(?:[/_.-]|$)|pressemitteilung|pressemeldung|communique-?s?-?de-?presse"
    r"|comunicados?-?de-?(?:prensa|imprensa)|comunicat[oi]-?stampa|persbericht|pressmeddelande|pressemelding",
    re.IGNORECASE,
)
_PRESS: Final = (
    r"(?:press release|news release|for immediate release|pressemitteilung|pressemeldung|communiqué de presse"
    r"|comunicado de prensa|comunicado de imprensa|comunicato stampa|persbericht|pressmeddelande|pressemelding"
    r"|informacja prasowa|пресс-релиз|tisková zpráva|sajtóközlemény|basın bülteni)(?!\w)|(?:プレスリリース|新闻稿|新聞稿|보도자료)"
)
PRESS_WORDS: Final = re.compile(_PRESS, re.IGNORECASE)
PRESS_TITLE: Final = re.compile(rf"^\W*(?:{_PRESS})|[|:–—-]\s*(?:{_PRESS})\W*$", re.IGNORECASE)
"""Matched against a title or heading: it begins with such words, or ends with them behind a dash."""
PRESS_DATELINE: Final = re.compile(
    r"(?:/ ?(?:PRNewswire(?:-\w+)?|PRWEB|CNW(?: Telbec)?|EINPresswire\.com|Newsfile Corp\.?|ACCESSWIRE|Marketwire|Marketwired) ?/"
    r"|\((?:BUSINESS WIRE|Business Wire|GLOBE ?NEWSWIRE|Marketwired|Marketwire|ACCESSWIRE|Newsfile Corp\.?|PRWEB|PRNewswire|EZ Newswire"
    r"|NEWSWIRE)(?: via COMTEX)?\))(?= ?[-–—])",
)
"""Found after the place and date at the beginning of a release, on the site of its publisher and on those that copy it."""
PRESS_LABEL: Final = re.compile(
    rf"^[^\w\n]*(?:{_PRESS})[^\w\n]*(?:[\w.,]+[^\w\n]+){{0,4}}(?:(?:19|20)\d\d)?[^\w\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
"""A line above or below the title that calls the text a press release, with its date or without."""
PRESS_STEMS: Final = (
    *(
        "press release",
        "news release",
        "immediate release",
        "pressemitteilung",
        "pressemeldung",
        "communiqué de presse",
    ),
    *("comunicado de", "comunicato stampa", "persbericht", "pressmeddelande", "pressemelding", "informacja prasowa"),
    *(
        "пресс-релиз",
        "tisková zpráva",
        "sajtóközlemény",
        "basin bülteni",
        "プレスリリース",
        "新闻稿",
        "新聞稿",
        "보도자료",
    ),
)
"""Every text that ``PRESS_LABEL`` matches holds one of these."""
GUEST_WORDS: Final = re.compile(
    r"\b(?:guest[- ](?:blog )?(?:post|article|column|essay)(?: (?:is|was))? (?:co-?)?(?:by|from|written by|written with|contributed by)"
    r"|(?:this|the following|today.s) (?:is an? )?guest[- ](?:blog )?(?:post|article|column|essay)"
    r"|(?:article|post|essay|story|column|piece|this) (?:was |is |has been )?(?:contributed|guest[- ]written) by"
    r"|(?:dieser|ein|der) gast(?:beitrag|artikel)|gast(?:beitrag|artikel) von|article invité|entrada invitada|post convidado"
    r"|guest post di|gastblog van|gościnny wpis|wpis gościnny|гостевой пост)\b",
    re.IGNORECASE,
)
"""Matched against the words around a link: they call the text a guest's."""
GUEST_PERSONS: Final = re.compile(
    r"\b(?:guest (?:author|blogger|contributor|columnist|writer|poster)|guest (?=on|at|of|here)|gastautor(?:in)?|auteur invité"
    r"|autrice invitée|autora? invitad[oa]|autora? convidad[oa])\b",
    re.IGNORECASE,
)
"""Matched likewise: they call somebody a guest."""
GUEST_TITLE: Final = re.compile(
    r"^\W*(?:guest[- ](?:blog )?(?:post|article|column)|gast(?:beitrag|artikel)|article invité|entrada invitada|post convidado"
    r"|gastblog|wpis gościnny|гостевой пост)\b|\b(?:guest[- ](?:blog )?(?:post|article)|gastbeitrag)\W*$"
    r"|guest[- ](?:blog )?(?:post|article) (?:by|from)\b|gastbeitrag von\b",
    re.IGNORECASE,
)
"""Matched against a page's title."""
AUTHOR_HEADING: Final = re.compile(
    r"(?:about the (?:guest )?(?:author|writer|blogger|contributor)s?|(?:guest )?author bio(?:graphy)?|über (?:den|die) autor(?:in|en)?"
    r"|zum autor|zur autorin|à propos de l.auteur|sobre (?:el|la|o|a) autora?|informazioni sull.autore|l.autore|over de auteur"
    r"|o autorze|об авторе)",
    re.IGNORECASE,
)
"""Must match a whole heading."""
AUTHOR_BOX: Final = re.compile(
    r"author[-_]{0,2}(?:box|bio|desc|description|card|about|profile)|about[-_]?(?:the[-_]?)?author|autor[-_]?(?:box|bio)|authorbox"
    r"|bio[-_]?box|saboxplugin|\bm-a-box(?:-bio|-content|-container)?(?=$|\s)(?!.*m-a-box-related)|\bts-fab-|\babh_(?:box|tab|text)",
    re.IGNORECASE,
)
"""Names of boxes about an author: those of themes, and of the author boxes that are added to WordPress."""
AUTHOR_PATHS: Final = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|profiles?|users?|u|members?|writers?|staff|people|contributors?|columnists?)/",
    re.IGNORECASE,
)
"""Matched against the path of a link's URL."""
SPONSORED_LABEL: Final = re.compile(
    r"(?:sponsored(?: (?:content|posts?|links?|by|articles?|message|resources?|stories|listings?))?|paid (?:content|post|partnership|link)|advertisement"
    r"|advertisements|advertorial|advertising|ads?(?: by google)?|promoted(?: (?:content|by|post))?|our sponsors?|sponsors?"
    r"|partner content|in partnership with|brought to you by|presented by|anzeigen?|werbung|gesponsert(?:er beitrag)?"
    r"|bezahlter link|publicité|sponsorisé|article sponsorisé|contenu sponsorisé|en partenariat avec|annonces?|publicidad"
    r"|patrocinado|contenido patrocinado|anuncios?|publicidade|conteúdo patrocinado|pubblicità|sponsorizzato|annunci"
    r"|contenuto sponsorizzato|advertentie|gesponsord|reklam[ay]?|reklama|sponsorowan[ey]|artykuł sponsorowany|annons"
    r"|annonse|annonce|mainos|hirdetés|реклама|на правах рекламы|спонсор|спонсоры|広告|スポンサー(?:リンク)?|赞助|广告|광고)",
    re.IGNORECASE,
)
"""Must match a whole line, apart from punctuation."""
SPONSORED_BEGINNING: Final = re.compile(
    r"(?:sponsored|advertisement|anzeige|werbung|publicité|publicidad|reklama|реклама)\s*[:|–-]", re.IGNORECASE
)
"""Matched against the text of a link, which it begins as a label."""
SPONSORED_NAMES: Final = re.compile(
    r"(?:^|[\s_-])(?:sponsor(?:s|ed|ship)?|advert(?:s|isement|isements|ising|orial)?|ads?[_-]?(?:box|block|slot|space|unit)?"
    r"|adsense|adsbygoogle|paid[-_]?(?:content|post)|promoted|native[-_]?ad|anzeigen?|werbung|reklam[ay]?|publicite"
    r"|publicidad|pubblicita)(?=[\dx]*(?:$|[\s_-]))",
    re.IGNORECASE,
)
"""Names of elements for advertisements; a number may follow, as in ``ad160x60``, but no other letters, as in ``ad8f``."""
AD_SERVERS: Final = re.compile(
    r"//(?:[\w-]+\.)*doubleclick\.net/|googleadservices\.com/|smartadserver\.com/(?:call/pubjump|ac\?jump|click)|adtech(?:us|\.de)?\.com/adlink"
    r"|//adserver\.|/delivery/(?:ck|cl)\.php|//ad\.[\w.-]+/(?:jump|click|clk)/|paid\.outbrain\.com/network/redir|clk\.tradedoubler\.com/click"
    r"|awin1\.com/[ac]|click\.linksynergy\.com/|shareasale\.com/r\.cfm|(?:anrdoezrs|dpbolvw|jdoqocy|kqzyfj|tkqlhce)\.(?:net|com)/click"
    r"|ad\.zanox\.com/ppc|trc\.taboola\.com/.*click|h\.accesstrade\.net/sp/cc|partners\.webmasterplan\.com/click",
    re.IGNORECASE,
)
"""Matched against a link's URL: it counts clicks for a network of advertisements or of affiliates."""
AD_SERVER_STEMS: Final = (
    *("doubleclick", "adserv", "adtech", "/delivery/c", "//ad.", "outbrain", "tradedoubler", "awin1", "linksynergy"),
    *("shareasale", "/click", "zanox", "taboola", "accesstrade"),
)
"""Every URL that ``AD_SERVERS`` matches holds one of these."""
AD_PAGES: Final = re.compile(
    r"ad[-_]?(?:choices?|feedback|info|policy)\b|about-?(?:our-?)?ads\b|/advertis(?:e|ing|ements?)(?:[-_][\w-]*)?(?:[/.?]|$)|/adverts_general"
    r"|//(?:popup|www)\.(?:taboola|outbrain)\.com/|//(?:www\.)?teads\.|//[\w-]+\.teads\.tv/?$",
    re.IGNORECASE,
)
"""Matched likewise: it leads to what is said of advertisements, or to where they are sold."""
BY_NAME: Final = re.compile(r"(?:[\w']+ ){0,3}by\b(?: \S+){0,2}", re.IGNORECASE)
"""Must match a whole text: it names who places an advertisement, as in ``by Taboola``."""
CLICK_COUNTERS: Final = re.compile(
    r"//(?:ads?\d*|adserver|adclick|click|clk|track|banner|pubads|www\.googleadservices)\.|doubleclick|adserv|adclick|/(?:ad|ads|click|clk|ck|jump"
    r"|banner)s?[/.?]|[?&](?:utm_\w+|aff\w*|clickid|gclid|bannerid|oid|cid)=|mbclk|smartad|taboola|outbrain|zemanta|linksynergy|awin1?\.",
    re.IGNORECASE,
)
"""Matched against a link's URL: it counts clicks on advertisements."""
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
    *(
        "guest",
        "contributed by",
        "gastbeitrag",
        "gastartikel",
        "gastautor",
        "gastblog",
        "invit",
        "convidad",
        "gościnny",
    ),
    "гостевой",
)
"""Every text that ``GUEST_WORDS`` or ``GUEST_PERSONS`` matches holds one of these."""
GUEST_PERSON_STEMS: Final = ("guest ", "gastautor", "invit", "convidad")
"""Every text that ``GUEST_PERSONS`` matches holds one of these."""
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
