# ruff: noqa: RUF001 - letters and signs of other alphabets are the subject
"""Patterns of page parts that look alike on every site: page numbers, breadcrumbs, copyright lines, share buttons."""

from __future__ import annotations

import re
from typing import Final

_STEP: Final = (
    r"next|prev(?:ious)?|first|last|older(?: posts| entries)?|newer(?: posts| entries)?|page|pages|of|all|more|back"
    r"|weiter|zurück|vor|seite|seiten|von|erste|letzte|nächste|vorherige|suivant[es]*|précédent[es]*|siguiente|anterior"
    r"|próxim[ao]|successiv[ao]|precedente|avanti|indietro|volgende|vorige|następna|poprzednia|dalej|wstecz|далее|назад"
    r"|вперед|вперёд|следующая|предыдущая|страница|страницы|další|předchozí|ďalšia|sonraki|önceki|következő|előző|sivu"
    r"|seuraava|edellinen|neste|forrige|nästa|föregående|pagina|página|page|strona|stránka|下一页|上一页|次へ|前へ"
)
PAGER: Final = re.compile(
    rf"(?:\b(?:{_STEP})\b|[\d\s«»‹›<>|.,…:\[\]()/→←·•-])*\d(?:\b(?:{_STEP})\b|[\d\s«»‹›<>|.,…:\[\]()/→←·•-])*",
    re.IGNORECASE,
)
TRAIL: Final = re.compile(
    r"(?:you are here|sie sind hier|sie befinden sich hier|vous êtes ici|estás en|usted está aquí|sei in|ti trovi in"
    r"|jesteś tutaj|вы здесь|u bent hier|olet tässä|du är här|nacházíte se)\b"
    r"|(?:home|home ?page|start|startseite|accueil|inicio|início|główna|strona główna|главная|úvod|domů|etusivu|hem"
    r"|hjem|anasayfa|ana sayfa|kezdőlap|főoldal|početna|acasă|trang chủ|首页|ホーム|トップ|forum|index)\s*[>»›/→|:·•\\]+",
    re.IGNORECASE,
)
COPYRIGHT: Final = re.compile(
    r"©|\(c\) ?\d{4}|copyright\W{0,3}(?:\d{4}|by\b|\(c\)|all\b|©)|all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos"
    r"|todos os direitos|tutti i diritti|wszelkie prawa|все права|minden jog|alle rechten|všechna práva",
    re.IGNORECASE,
)
SHARING: Final = re.compile(
    r"(?:facebook\.com/(?:sharer?|dialog/(?:share|feed))\b|twitter\.com/(?:intent|share|home\?status)|x\.com/intent"
    r"|plus\.google\.com/share|pinterest\.[a-z.]+/pin/create|linkedin\.com/(?:shareArticle|cws/share|sharing)"
    r"|reddit\.com/submit|tumblr\.com/(?:share|widgets/share)|blogger\.com/(?:share-post|blog_this|email-post)"
    r"|addthis\.com/bookmark|addtoany\.com/|digg\.com/submit|stumbleupon\.com/submit|del\.icio\.us/(?:post|save)"
    r"|delicious\.com/(?:post|save)|vk(?:ontakte)?\.(?:com|ru)/share|connect\.ok\.ru/|odnoklassniki\.ru/dk\?"
    r"|xing\.com/(?:spi/shares|app/user\?op=share)|getpocket\.com/(?:save|edit)|news\.ycombinator\.com/submitlink"
    r"|telegram\.me/share|t\.me/share|wa\.me/\?text|api\.whatsapp\.com/send|line\.me/R/msg|b\.hatena\.ne\.jp/(?:add|entry)"
    r"|wykop\.pl/dodaj|meneame\.net/submit|linkuj\.cz|service\.weibo\.com/share|share\.flipboard)",
    re.IGNORECASE,
)
"""URLs with which readers share a page."""
SHARING_STEMS: Final = (
    *(
        "facebook.com/",
        "twitter.com/",
        "x.com/intent",
        "plus.google.com/",
        "/pin/create",
        "linkedin.com/",
        "reddit.com/submit",
    ),
    *("tumblr.com/", "blogger.com/", "addthis.com/", "addtoany.com/", "digg.com/", "stumbleupon.com/", "del.icio.us/"),
    *("delicious.com/", "/share", "connect.ok.ru/", "odnoklassniki.ru/", "xing.com/", "getpocket.com/", "/submitlink"),
    *("t.me/", "telegram.me/", "wa.me/", "api.whatsapp.com/", "line.me/", "b.hatena.ne.jp/", "wykop.pl/"),
    *("meneame.net/", "linkuj.cz", "service.weibo.com/", "share.flipboard"),
)
"""Every URL that ``SHARING`` matches holds one of these."""
PROFILES: Final = frozenset(
    """
    facebook.com twitter.com x.com youtube.com instagram.com linkedin.com pinterest.com google.com tumblr.com vimeo.com
    flickr.com vk.com vkontakte.ru odnoklassniki.ru ok.ru xing.com weibo.com tiktok.com telegram.me t.me threads.net
    """.split()  # noqa: SIM905
)
"""Registrable domains to whose profiles a site's header links."""
POSTS: Final = re.compile(
    r"/(?:status|statuses|posts?|photos?|videos?|p|reel|reels|pin|pulse|hashtag|search|events|groups|watch|playlist|embed|shorts|moments"
    r"|maps|url|a|document|spreadsheets|file|forms?|store)(?:[/?]|$)|/wall-?\d|[?&](?:v|story_fbid|q)=",
    re.IGNORECASE,
)
"""Paths of posts, pictures and searches below the domains of ``PROFILES``, which are no profiles."""
ACCOUNT: Final = re.compile(
    r"(?:log ?in|log ?on|log ?out|sign ?out|abmelden|déconnexion|cerrar sesión|wyloguj|выход|sign ?in|sign ?up|register(?: here)?|join(?: us| now)?|my account|(?:your |my )?(?:basket|cart|bag"
    r"|wish ?list)|shopping (?:cart|bag|basket)|check ?out|view cart|help|alerts|subscribe|anmelden|einloggen|registrieren"
    r"|mein konto|warenkorb|merkzettel|hilfe|connexion|se connecter|s.inscrire|mon compte|panier|mon panier|aide|espace perso"
    r"|iniciar sesión|entrar|registrarse|mi cuenta|carrito|cesta|ayuda|accedi|registrati|il mio account|carrello|aiuto"
    r"|minha conta|cadastre-se|carrinho|ajuda|zaloguj(?: się)?|zarejestruj(?: się)?|moje konto|koszyk|pomoc|konto"
    r"|войти|вход|регистрация|личный кабинет|корзина|помощь|inloggen|registreren|mijn account|winkelwagen|logga in"
    r"|logg inn|log ind|kirjaudu|přihlásit(?: se)?|registrovat(?: se)?|košík|prihlásiť|belépés|bejelentkezés|regisztráció"
    r"|kosár|giriş(?: yap)?|üye ol|kayıt ol|sepet(?:im)?|hjelp|hjälp|登录|登入|注册|註冊|ログイン|会員登録|カート|로그인|회원가입)"
    r"(?:\W*\(?\d*\)?\W*)?",
    re.IGNORECASE,
)
"""Must match a link's whole text."""
LANGUAGE_NAMES: Final = re.compile(
    r"(?:english|deutsch|français|francais|español|espanol|castellano|italiano|português|portugues|polski|русский|українська"
    r"|日本語|中文|简体中文|繁體中文|한국어|nederlands|svenska|norsk|dansk|suomi|čeština|česky|slovenčina|slovensky|magyar|türkçe|română"
    r"|ελληνικά|العربية|עברית|català|hrvatski|srpski|lietuvių|latviešu|eesti|български"
    r"|ar|bg|ca|cs|cz|da|de|el|en|es|et|fi|fr|gr|he|hr|hu|ja|jp|ko|lt|lv|nl|pl|pt|ro|ru|sk|sl|sr|sv|tr|ua|uk|zh)",
    re.IGNORECASE,
)
"""Must match a link's whole text: a language name or code in a language switch."""
RELATED: Final = re.compile(
    r"\b(?:related|similar|recommended|recommendations|you (?:may|might) (?:also )?(?:like|be interested)|also like"
    r"|recently viewed|customers also|most (?:popular|read|viewed|shared)|popular (?:posts|articles|stories|now)|trending"
    r"|more (?:from|like this|on this|stories|news in)|see also posts|don.t miss|around the web|from the web|sponsored (?:links|stories)"
    r"|ähnliche|verwandte|das könnte (?:sie|dich)|meistgelesen|mehr zum thema|auch interessant|articles? (?:liés|similaires|connexes)"
    r"|à lire aussi|lire aussi|sur le même sujet|les plus lus|relacionad[oa]s|te puede interesar|también te|lo más (?:leído|visto)"
    r"|articoli correlati|potrebbe(?:ro)? interessar|i più letti|leia (?:também|mais)|mais lid[ao]s|podobne|powiązane|zobacz też"
    r"|najczęściej czytane|polecamy|похожие|читайте также|самые популярные|популярное|související|nejčtenější|kapcsolódó"
    r"|benzer|gerelateerd|lees ook|meest gelezen|relaterade|läs också|aiheeseen liittyvä)\b"
    r"|関連記事|人気記事|おすすめ|相关|推荐|热门",
    re.IGNORECASE,
)
"""Matched against a heading: the text below is not the main content."""
LEGAL: Final = re.compile(
    r"\b(?:privacy|terms (?:of|and|&)|terms\b|imprint|impressum|datenschutz|agb|nutzungsbedingungen|legal(?: notice)?|disclaimer"
    r"|trademarks|cookie policy|site ?map|contact(?: us)?|about us|advertise|careers|mentions légales|confidentialité|cgv|cgu"
    r"|plan du site|aviso legal|política de privacidad|mapa (?:web|del sitio)|termos|privacidade|note legali|informativa"
    r"|regulamin|polityka prywatności|mapa strony|kontakt|конфиденциальности|пользовательское соглашение|карта сайта|контакты"
    r"|algemene voorwaarden|privacybeleid|villkor|integritetspolicy|vilkår|personvern|tietosuoja|obchodní podmínky"
    r"|ochrana osobních|adatvédelem|jogi nyilatkozat|gizlilik)\b|隐私|隱私|プライバシー|利用規約|会社概要|개인정보|이용약관|联系我们|关于我们",
    re.IGNORECASE,
)
"""Two matches in one line mark a page's footer."""
INVITATION: Final = re.compile(
    r"(?:(?:please |click here to )?subscribe (?:to|now|here|today)|subscribe$|sign up (?:for|to) [^,.;]{0,40}\bnewsletter"
    r"|(?:get|join|receive) (?:our|the)\b[^,.;]{0,30}\bnewsletter|abonnieren sie (?:unser|den|jetzt)\w*|jetzt abonnieren|abonnez-vous"
    r"|inscrivez-vous à (?:notre|la) newsletter|suscríbe(?:te|ase)|assine (?:a nossa|nossa)|inscreva-se|iscriviti alla newsletter"
    r"|abbonati (?:ora|subito)|zapisz się (?:do|na) newsletter|abonneer (?:je|u)|schrijf je in|prenumerera på (?:vårt|vår)"
    r"|tilmeld dig)\b|подпи(?:шитесь|сывайтесь) на\b|(?:请订阅|订阅我们|メルマガ登録(?![者数])).{0,30}$",
    re.IGNORECASE,
)
"""Must match at the beginning of a short block: an invitation to subscribe, in the imperative."""
SERVICE_NOTE: Final = re.compile(
    r"(?:this \w+ is )?protected by (?:h|re)captcha\b|(?:diese[rs]? \w+ (?:ist|wird) )?geschützt durch (?:h|re)captcha\b"
    r"|(?:ce \w+ est )?protégé par (?:h|re)captcha\b|(?:est[ea] \w+ está )?protegid[oa] por (?:h|re)captcha\b"
    r"|(?:comments? powered by|kommentare (?:powered by|unterstützt von)) [^,;:\n]{1,40}$|adchoices\W*$",
    re.IGNORECASE,
)
"""Must match at the beginning of a short block: what a service that stands in the page says of itself."""
