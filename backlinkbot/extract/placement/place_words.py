"""Tables of landmarks, roles and multilingual class and id words that name the parts of a page."""

from __future__ import annotations

from typing import Final

CONTENT: Final = "content"
NAV: Final = "nav"
HEADER: Final = "header"
FOOTER: Final = "footer"
ASIDE: Final = "aside"
COMMENT: Final = "comment"
PLACEMENTS: Final = (CONTENT, NAV, HEADER, FOOTER, ASIDE, COMMENT)

ELEMENTS: Final = {
    "main": CONTENT,
    "article": CONTENT,
    "nav": NAV,
    "header": HEADER,
    "footer": FOOTER,
    "aside": ASIDE,
}
ROLES: Final = {
    "main": CONTENT,
    "article": CONTENT,
    "navigation": NAV,
    "menubar": NAV,
    "menu": NAV,
    "banner": HEADER,
    "contentinfo": FOOTER,
    "complementary": ASIDE,
    "comment": COMMENT,
}
"""https://www.w3.org/TR/wai-aria-1.2/#landmark_roles, and three more roles."""
EDITOR_BLOCKS: Final = frozenset(
    """
    wp-block-button wp-block-buttons wp-block-column wp-block-columns wp-block-cover wp-block-details wp-block-embed
    wp-block-file wp-block-gallery wp-block-group wp-block-list wp-block-media-text wp-block-pullquote wp-block-quote
    wp-block-table wp-block-verse kg-bookmark-card kg-button-card kg-callout-card kg-embed-card kg-file-card
    kg-product-card kg-toggle-card
    """.split()  # noqa: SIM905 - as a list it fills a page
)
"""Classes of the blocks that authors put into a text in the editors of WordPress and Ghost, without those that list other
posts or invite to subscribe: https://developer.wordpress.org/block-editor/reference-guides/core-blocks/,
https://docs.ghost.org/themes/content/."""
ITEM_TYPES: Final = {
    "Comment": COMMENT,
    "UserComments": COMMENT,
    "Review": COMMENT,
    "WPHeader": HEADER,
    "WPFooter": FOOTER,
    "WPSideBar": ASIDE,
    "SiteNavigationElement": NAV,
    "BreadcrumbList": NAV,
    "Breadcrumb": NAV,
}
"""Keyed by the last word of ``itemtype``; https://schema.org/WebPageElement."""
ITEM_PROPERTIES: Final = {"articleBody": CONTENT, "breadcrumb": NAV, "comment": COMMENT, "review": COMMENT}

# A class or an id is taken apart where a hyphen, an underscore, a digit or a capital begins another word. A word here
# stands for itself; several with hyphens for so many that follow one another, also where they are written as one. Digits
# are left out: sidebar2 is sidebar.
_WORDS: Final[dict[str, str]] = {
    COMMENT: """
        comment comments commentlist comment-list commentbody comment-body comment-content comment-text comment-area
        respond comment-respond replies reply disqus cusdis isso hypercomments vk-comments fb-comments livefyre guestbook guest-book
        kommentar kommentare kommentarer kommentti kommentit kommentarze komentarz komentarze komentar komentare
        komentari kommentarii comentario comentarios comentari comentaris comentarii comentariu commentaire
        commentaires commento commenti reactie reacties reaktionen hozzaszolas hozzaszolasok hozzaszolasai yorum
        yorumlar yorumlari sxolia otzyv otzyvy otzivi testimonials gaestebuch gastebuch livre-dor livredor reviews
        review-list reviewlist user-review user-reviews customer-review customer-reviews bewertungen kundenbewertung
        kundenbewertungen rezensionen avis-clients recensioni opiniones opinioni opinie opinia post-body-forum
        postbody post-message postmessage postbit postbitlegacy posttext postprofile forum-post forumpost
        forum-posts messagetext message-text messagebody message-body messagecontent
        message-content messagelist message-list messageuser message-user-info topic-post topic-body topicpost cpost
        ips-comment bbp-reply bbp-topic-content bbp-replies postarea post-author-cell threadpost
        replies-wrapper reply-list replylist reply-wrapper
    """,
    FOOTER: """
        footer foot footers footerbar footermenu footernav footerlinks footerwrap footercontainer pagefooter
        sitefooter bottombar bottom-bar bottom-menu bottom-nav bottom-links bottomlinks bottommenu bottomnav
        page-bottom bottom copyright copyrights copy-right colophon siteinfo site-info contentinfo site-credits
        site-credit fuss fusszeile fussbereich seitenfuss pie pie-pagina piepagina pied pied-page piedpage
        pied-de-page pie-de-pagina rodape subsol stopka podval paticka pata-stranky zapati lablec alatunniste sidfot
        bunn bunntekst voet voettekst sayfa-alti alt-kisim pie-site chan-trang poweredby powered-by piede
        piedipagina ftr bas-page bas-de-page baspage page-foot pagefoot bottom-area bottomarea foot-nav footnav
        subfooter unterer footernavi pie-web
    """,
    NAV: """
        nav navi navs navigation navigations navbar navcontainer navmenu navlist navlinks navblock navwrap navtop
        mainnav mainnavi mainnavigation topnav topnavi subnav subnavi subnavigation sidenav leftnav rightnav
        globalnav primarynav localnav metanav metanavi nav-links nav-previous nav-next menu menus menulist menuitem
        submenu submenus mainmenu topmenu leftmenu rightmenu sidemenu megamenu dropdownmenu menue hauptmenu
        hauptmenue hauptnavigation seitennavigation navigacion navigazione navigatie navegacao navegacio navegador
        navigace navigacia navigacija nawigacja navigointi valikko meny meniu menyu izbornik menuu hovedmenu
        huvudmeny breadcrumb breadcrumbs bread-crumb bread-crumbs breadcrumbtrail crumb crumbs crumbtrail crumbbar
        pathway ariane ariadne ariana brotkrumen brotkrumel migas migas-de-pan miga briciole kruimelpad okruszki
        drobeckova navpath you-are-here youarehere location-path navtree linktree pagepath pagination paginator
        paginate paginacion paginacao paginacja paginierung paginazione pager pagers paging pagenav pagenavi
        pagenumbers page-numbers page-nav page-navigation page-links pagelinks seitennavi blaettern listpager
        wp-pagenavi pagelist pages-list listnav prevnext prev-next nextprev older-posts newer-posts toc toctitle
        tableofcontents table-of-contents inhaltsverzeichnis sommaire sf-menu sfmenu superfish jumpmenu jump-to
        skip-link skip-links skiplink skiplinks skip filter filters facet facets facetednav layered layered-nav
        refinements refine refinement sorter sortby sort-by sorting sortierung toolbar view-mode viewmode
        tabnav tab-nav tablist subcategories-menu categories-menu category-menu categorymenu category-nav catmenu
        cat-menu catnav category-tree categorytree category-list-menu sitenav alphabet a-z-index letters
        language-switcher langswitch lang-switcher navpopup navpopupmenu mainlevel sublevel toclist toc-list gnb lnb
        snb mnu mainmnu main-mnu topmnu globalnavi localnavi nav-global nav-main sidemnu glavnoe-menu
    """,
    HEADER: """
        header headers head hd masthead pageheader siteheader headerbar headerwrap headertop top-header topheader
        topbar top-bar toplinks top-links toplink toppanel top-panel topline top-line utility utilities utility-bar
        logo logos branding site-title site-name sitename site-branding site-logo kopf kopfzeile kopfbereich
        seitenkopf cabecera cabecalho cabezera encabezado entete en-tete intestazione testata naglowek hlavicka
        zahlavi fejlec ylatunniste sidhuvud shapka antet zaglavlje koptekst ust-kisim userbar user-bar userlinks
        user-links user-menu usermenu loginbar login-bar logininfo loginbox-top minicart mini-cart cart-header
        headercart topcart top-cart cartlink header-cart shopping-bag basket-top languages language-bar
        language-selector lang-selector langbar currency currencies quick-access quickaccess meta-header
        headline-bar announcement navbar-brand site-brand langnav nav-lang lang-nav langmenu language-menu
        country-selector market-selector countries hdr page-top pagetop upper-bar top-area toparea site-head
        sitehead pagehead page-head globalheader head-top headtop breaking-news newsticker ticker
    """,
    ASIDE: """
        aside asides sidebar sidebars side-bar sidebarleft sidebarright leftsidebar rightsidebar leftbar rightbar
        left-bar right-bar left-col right-col leftcol rightcol col-left col-right left-column right-column
        leftcolumn rightcolumn column-left column-right columnleft columnright left-side right-side leftside
        rightside leftpanel rightpanel left-panel right-panel left-block right-block leftblock rightblock sidecol
        side-col sidecolumn side-column sidecontent side-content sidepanel side-panel rail right-rail left-rail side
        seitenleiste randspalte marginalspalte marginalie marginal rechtespalte linkespalte rechte-spalte
        linke-spalte barra-lateral barralateral lateral laterale colonne-droite colonne-gauche colonna-destra
        colonna-sinistra columna-derecha columna-izquierda coluna-direita coluna-esquerda kolumna-prawa kolumna-lewa
        prawa lewa zijbalk zijkolom sidopanel sidokolumn sidefelt sivupalkki sivupalsta bocni-panel pravy-sloupec
        levy-sloupec oldalsav yan-menu sag-menu sol-menu widget widgets widgetarea widget-area textwidget
        moduletable rightmodule portlet block-sidebar dynamic-sidebar blogroll blog-roll linkroll friend-links
        friendlink friendlinks flink partners partner-links partnerlinks related relateds relatedposts related-posts
        relatedpost related-articles relatedlinks related-links related-products relatedproducts crp-related yarpp
        jp-relatedposts recommended recommendations recommend recommends similar similars similar-posts also-like
        also-bought also-viewed crosssell cross-sell crosssells upsell upsells cross-sells up-sells read-more-posts
        readmore-box more-stories more-news more-articles more-from aehnliche verwandte weitere articles-lies
        lies-aussi lire-aussi a-lire relacionados relacionadas correlati powiazane podobne pohozhie souvisejici
        kapcsolodo benzer recent-posts recentposts recent-entries latest-posts latest-news latestnews
        recent-comments recentcomments latest-comments last-comments popular popular-posts popularposts most-popular
        most-read mostread mostpopular trending top-stories topstories hot-posts bestsellers bestseller best-sellers
        viewed recently-viewed tagcloud tag-cloud tags-cloud wp-tag-cloud archives archive-list calendar wp-calendar
        share shares sharing share-buttons sharebuttons share-links sharedaddy sharethis share-bar sharebar sharebox
        social socials social-links sociallinks social-icons socialicons social-media socialmedia sociable addthis
        addtoany shareaholic a2a ssba bookmark-links socialbookmarks social-bookmarks bookmarks teilen compartir
        partager condividi udostepnij podelitsya follow-us followus ad ads advert adverts advertise advertisement
        advertisements advertising adbox ad-box adblock adsense adsbygoogle adspace adslot adsbox banner-ad bannerad
        bannergroup skyscraper leaderboard werbung anzeige anzeigen publicidad publicidade publicite pubblicita
        reklama reklam reklame sponsor sponsors sponsored sponsorlinks sponsoren promo promos promobox promo-box
        outbrain taboola zergnet revcontent mgid newsletter newsletters newsletter-signup subscribe subscribe-box
        signup-box callout profile-box about-me aboutme poll onlineusers whos-online statistics stats-box
        similar-topics popup popups msgpopup popupinner modal lightbox cookie cookies cookiebar cookie-bar
        cookienotice consent gdpr flyoutpromo message-bar sub secondary rhs lhs subcol sub-col subcolumn sub-column
        sub-content subcontent sub-contents subcontents secondary-content secondary-column secondary-col ranking
        rankings right-content rightcontent left-content leftcontent right-nav-col extra-column extras-column
        colonna-laterale spalte-rechts spalte-links side-menu-col recommended-stories rightcolumns right-sidebar
        left-sidebar right-container left-container right-wrapper left-wrapper scrim overlay
    """,
    CONTENT: """
        entry-content entrycontent entry-body entrybody entrytext entry-text post-content postcontent post-body
        post-text posttext-body post-entry article-body articlebody article-content articlecontent article-text
        articletext story-body storybody story-content storytext hentry h-entry single-post blog-post blogpost
        blog-entry mw-content-text mw-parser-output bodycontent body-content page-content pagecontent main-content
        maincontent contentmain content-main main-column maincol main-col primary-content node-content
        field-name-body article-detail newstext news-text news-content newscontent itemfulltext item-page
        articleview product-list productlist product-grid products-grid products-list product-view product-details
        product-detail product-info product-description productdescription category-products search-results
        searchresults description tab-content hauptinhalt seiteninhalt inhalt contenu contenido contenuto conteudo
        tresc zawartosc obsah tartalom sisalto innehall innhold indhold icerik sadrzaj soderzhanie article story
        main content entry post post-meta postmeta entry-meta entrymeta byline postinfo post-info entry-utility
        meta-info comments-link comment-count commentcount comments-count comments-number author-box authorbox
        author-bio authorbio about-author abouttheauthor toc-backref slider carousel slideshow
    """,
}


def _table() -> dict[tuple[str, ...], str]:
    """Maps word sequences to placements; if two placements share a sequence, the first in the table has it."""
    found: dict[tuple[str, ...], str] = {}
    for placement, words in _WORDS.items():
        for word in words.split():
            found.setdefault(tuple(word.split("-")), placement)
            found.setdefault((word.replace("-", ""),), placement)
    return found


NAMES: Final = _table()
MOST_WORDS: Final = max(map(len, NAMES))
STEMS: Final = {
    "header": HEADER,
    "masthead": HEADER,
    "footer": FOOTER,
    "sidebar": ASIDE,
    "menu": NAV,
    "navi": NAV,
    "navigation": NAV,
    "navbar": NAV,
    "breadcrumb": NAV,
    "breadcrumbs": NAV,
    "comments": COMMENT,
}
"""Stems that a longer word may begin or end with: ``footerright``, ``globalheader``."""
SHOWS: Final = frozenset("slider carousel slideshow hero swiper teaser teasers".split())  # noqa: SIM905
"""Words that, next to a header or menu word, mean that the element shows content items in turn."""
RANKS: Final = {name: rank for rank, name in enumerate((FOOTER, COMMENT, NAV, HEADER, ASIDE, CONTENT))}
"""The precedence of words within one element's names, highest first: ``footer-nav`` is a footer."""

ALONE: Final = frozenset(
    """
    ad ads alphabet bottom calendar callout comment content description entry filter filters foot footers head hd
    headers lateral letters lewa main marginal menuitem pie pied poll post prawa promo rail recommend reply replies
    respond reviews side secondary similar skip social statistics story sub subscribe toc toolbar utility viewed weitere widget
    """.split()  # noqa: SIM905
)
"""Words that count only as a whole name: ``side``, but not ``side-by-side``."""
WRAPPERS: Final = ("body", "content", "contenido", "contenu", "inhalt", "main", "page", "primary", "section", "tresc")
"""Name prefixes that are common on wrappers of the whole page, menus and footer included."""
PARTS: Final = frozenset(
    """
    post entry article comment card panel modal widget block box section list table item product form news title
    message thread topic dialog portlet module profile author tab group category story teaser column col
    cell row accordion popup fieldset caption figure chapter event job listing view result results question answer
    gallery slide slider carousel tile feature review quote day month forum poll bericht beitrag cart h1 h2 h3
    """.split()  # noqa: SIM905
)
"""Words after which ``header`` or ``footer`` means that of a part, not of the page."""
DENIALS: Final = frozenset("no has with without not hide show open is enable hidden".split())  # noqa: SIM905
"""Prefixes after which a word says what the page has or lacks, not what the element is: ``has-sidebar``."""
LOGOS: Final = frozenset(
    "logo logos branding sitetitle sitename sitebranding sitelogo navbarbrand sitebrand".split()  # noqa: SIM905
)
EMBEDS: Final = frozenset({"embed", "embeds", "embedded"})
"""Words after a word for social networks that make it a post that a text quotes: ``social-media-embed``."""
UTILITIES: Final = frozenset(
    """
    account accounts auth authorization basket cart checkout countries country currencies currency edge edition editions extras flag flags
    lang langs language languages locale logged loggedin login logo logos market markets mini signin social user utility welcome wishlist
    """.split()  # noqa: SIM905
)
"""Words that, next to a menu word, mean a part of the site's header: ``language-menu``."""
COLUMNS: Final = frozenset({"left", "right", "links", "rechts", "gauche", "droite"})
"""Words that, as a whole id, mean a column beside the content; as a class, the side to which an element floats."""
STEADY: Final = (
    "bread",
    "chapter",
    "crumb",
    "nav",
    "next",
    "page",
    "pagination",
    "pager",
    "paging",
    "post",
    "prev",
    "toc",
    "wp",
)
"""Name prefixes of navigation that leads on from an article; other menus within an article belong to it."""
WHOLE: Final = frozenset("header headers head footer footers foot".split())  # noqa: SIM905
"""Words for the header or footer of the page or of a part."""
RECENT: Final = frozenset(
    "recent latest last newest neueste letzte ultimos ultimi derniers posledni ostatnie son".split()  # noqa: SIM905
)
"""Words that make ``comments`` a box with recent comments."""
COUNTS: Final = frozenset("link links count counter number num meta icon total anzahl".split())  # noqa: SIM905
"""Words that, after ``comments``, make it a part of an entry's header."""
