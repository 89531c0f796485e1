# ruff: noqa: RUF001 - letters of other alphabets are the subject
"""Pages that stand before a page for some of its readers: logins, questions for consent or age, and where redirects to such lead."""

from __future__ import annotations

from typing import Final

from backlinkbot.items import State
from backlinkbot.page_status.walls.signs import Sign, Wall

_REAL: Final = "a real answer"

LOGINS_AND_CONSENT: Final = (
    Wall(
        name="Yahoo consent",
        state=State.CONSENT,
        source=_REAL,
        signs=(
            Sign(
                place=r"^(?:[\w-]+\.)*(?:consent|guce)\.(?:yahoo|aol|techcrunch|engadget|huffpost|oath|advertising|\w+)\.\w+(?:/|$)",
                words=4_000,
                links=300,
            ),
            Sign(place=r"/(?:v2/)?(?:partners/)?(?:collectconsent|copyconsent)\b", words=4_000, links=300),
            Sign(markup=r"guce\.(?:advertising|oath|yahoo)|consent-page|collectconsent", text=r"yahoo|aol", words=600),
        ),
    ),
    Wall(
        name="Google consent",
        state=State.CONSENT,
        source=_REAL,
        signs=(
            Sign(place=r"^consent\.(?:google|youtube)\.[a-z.]+/", words=4_000, links=300),
            Sign(markup=r"action=.?https://consent\.(?:google|youtube)\.", words=600),
        ),
    ),
    Wall(
        name="privacy gate",
        state=State.CONSENT,
        source="DPG Media, Mediahuis, Axel Springer, Sourcepoint: real answers",
        signs=(
            Sign(
                place=r"^(?:[\w-]+\.)*(?:myprivacy|privacy-?gate|consent|cmp|cookiewall|cookie-?consent)\.",
                words=4_000,
                links=300,
            ),
            Sign(
                place=r"/(?:privacy-?gate|privacygate|cookie-?wall|cookie-?consent|consent-?(?:gate|wall|page)|gdpr-?consent)\b",
                words=4_000,
                links=300,
            ),
            Sign(markup=r"myprivacy(?:-static)?\.dpgmedia|privacy-gate|privacygate|cookiewall\.", words=400),
        ),
    ),
    Wall(
        name="Blogger content warning",
        state=State.CONSENT,
        source=_REAL,
        signs=(
            Sign(place=r"blogger\.com/blogin\.g|/interstitial\?", words=400),
            Sign(
                text=r"i understand and i wish to continue|the blog that you are about to view may contain", words=300
            ),
        ),
    ),
    Wall(
        name="social network login",
        state=State.LOGIN,
        source=_REAL,
        signs=(
            Sign(place=r"linkedin\.com/(?:authwall|uas/login|checkpoint|login)", words=4_000, links=300),
            Sign(
                place=r"(?:facebook|instagram|threads)\.com/(?:login|accounts/login|checkpoint)", words=4_000, links=300
            ),
            Sign(
                place=r"(?:twitter|x)\.com/i/flow/login|pinterest\.[a-z.]+/login|tumblr\.com/login_required|vk\.com/login|quora\.com/(?:login|signup)",
                words=4_000,
                links=300,
            ),
        ),
    ),
    Wall(
        name="single sign-on",
        state=State.LOGIN,
        source="SAML, OAuth 2.0 and CAS login endpoints",
        signs=(
            Sign(
                place=r"^(?:accounts\.google\.com|login\.(?:microsoftonline|live|yahoo|salesforce)\.com|[\w.-]+\.(?:auth0|okta|onelogin|duosecurity|b2clogin)\.com|[\w-]+\.auth\.[\w.-]+\.amazoncognito\.com|appleid\.apple\.com|[\w.-]+\.cloudflareaccess\.com)/",
                words=4_000,
                links=300,
            ),
            Sign(
                place=r"[?&](?:saml(?:request|ds)|response_type|client_id|openid\.mode|wtrealm|wctx)=",
                words=1_500,
                links=200,
            ),
            Sign(
                place=r"/(?:cas/login|adfs/ls|idp/(?:profile|sso|startsso)|simplesaml|saml2?|oauth2?/(?:authorize|auth|v2)|connect/authorize|realms/[\w-]+/protocol|shibboleth)\b",
                words=1_500,
                links=200,
            ),
        ),
    ),
    Wall(
        name="WordPress login",
        state=State.LOGIN,
        source="https://developer.wordpress.org/reference/files/wp-login.php/",
        signs=(
            Sign(place=r"/wp-login\.php", words=400, links=60),
            Sign(
                markup=r"id=.?loginform.{0,3000}wp-submit|login-action-login", words=120, links=20, is_redirected=True
            ),
            Sign(place=r"wordpress\.com/log-in", words=600, links=100),
            Sign(cookie="^wordpress_test_cookie$", words=120, links=20, is_redirected=True, is_form=True),
        ),
    ),
    Wall(
        name="password of a WordPress post",
        state=State.LOGIN,
        source="https://developer.wordpress.org/reference/functions/get_the_password_form/",
        signs=(
            Sign(
                title=r"^(?:protected|geschützt|protégé|protegid[oa]|protetto|beveiligd|защищено|zabezpieczone|chráněno|skyddad|korumalı|保護中|密码保护|보호된 글)\s?:",
                markup=r"post-password-form|post_password",
                words=1_500,
                links=300,
            ),
            Sign(markup=r"<body[^>]{0,400}\bsingle\b.{0,60000}post-password-form", words=600, links=200),
        ),
    ),
    Wall(
        name="forum for members",
        state=State.LOGIN,
        source="wordings of XenForo, phpBB, vBulletin, MyBB, SMF, Invision Community, Discuz!",
        signs=(
            Sign(
                title=r"^(?:oops! we ran into some problems|log in \||error \||login \||anmelden \||fehler \|)",
                text=r"you must be (?:logged[- ]in|registered) to do that|you do not have permission to (?:view|do|access) th|du musst angemeldet sein|sie müssen angemeldet sein|sie haben keine berechtigung",
                words=400,
                links=300,
                is_in_design=True,
            ),
            Sign(
                text=r"the board requires you to be registered and logged in|das board erfordert, dass du registriert und angemeldet|le forum exige que vous soyez enregistré|el foro requiere que estés registrado|la board richiede (?:che tu sia|di essere) (?:iscritto|registrat)|you are not authori[sz]ed to (?:read|view) this forum|администратор требует, чтобы вы были зарегистрированы",
                markup=r"mode=login|phpbb",
                words=500,
                links=150,
            ),
            Sign(
                text=r"you are (?:either )?not logged in or (?:you )?do not have (?:the )?permission to|sie sind nicht angemeldet oder sie haben keine rechte|vous n'êtes pas identifié|the administrator may have required you to register before you can view",
                words=400,
                links=150,
                is_in_design=True,
            ),
            Sign(
                text=r"only registered members are allowed to access this section|(?:sorry|error).{0,60}you (?:do not|don't) have permission (?:to|for) .{0,80}error code:? \d\w\d+/\w|(?:topic|board|forum|section|content)(?: you are looking for)? (?:appears to be )?(?:either )?(?:missing or )?off limits to you",
                words=300,
                links=150,
                is_in_design=True,
            ),
            Sign(
                text=r"(?:抱歉|提示信息|您).{0,40}(?:没有权限访问|需要先登录才能|无权(?:访问|查看|浏览))",
                words=200,
                links=150,
                is_in_design=True,
            ),
        ),
    ),
    Wall(
        name="wiki for members",
        state=State.LOGIN,
        source="https://translatewiki.net/ (loginreqtitle, loginreqpagetext of MediaWiki)",
        signs=(
            Sign(
                title=r"^(?:login required|permission error|anmeldung erforderlich|berechtigungsfehler|connexion nécessaire|erreur de permissions|identificación requerida|se requiere iniciar sesión|accesso necessario|требуется вход|ошибка прав доступа)\b",
                markup=r"mediawiki|firstheading|mw-body|userlogin",
                words=300,
                links=150,
            ),
        ),
    ),
    Wall(
        name="private site",
        state=State.LOGIN,
        source="answers of Blogger, WordPress.com, Ghost, Squarespace, Webflow, Wikidot, Tumblr, LiveJournal",
        signs=(
            Sign(
                text=r"open to invited readers only|is a private (?:wordpress\.com )?(?:site|blog|substack|wiki|community|newsletter|publication|forum)|this (?:site|publication|blog|wiki|page|journal|newsletter|board|forum|group) is private|you need (?:access|permission)\W+(?:ask|request|you are not)|only viewable within the \w+ app or to logged in|this is a (?:friends|members|subscribers)[- ]only (?:entry|post|page|story)"
                r"|only members of the (?:site|wiki) are allowed",
                words=80,
                links=12,
            ),
            Sign(
                markup=r"type=.?password",
                text=r"enter (?:the |your )?(?:password|access code|pass ?code|passphrase) to (?:view|access|enter|see|unlock|continue)|passwort (?:ein(?:geben|zugeben)?|eingeben).{0,40}(?:seite|inhalt|zugang)|(?:saisissez|entrez) (?:le|votre) mot de passe pour|(?:introduce|ingresa|escribe) (?:la|tu) contraseña para|inserisci la password per|(?:digite|insira) a senha para|voer (?:het|je|uw) wachtwoord in om|введите пароль для|wprowadź hasło,? aby|zadejte heslo pro|パスワードを入力して",
                words=50,
                links=6,
            ),
        ),
    ),
    Wall(
        name="post for subscribers",
        state=State.LOGIN,
        source="answers of Substack, Medium, Patreon, Ghost",
        signs=(
            Sign(
                text=r"this (?:post|story|article|episode|newsletter|lesson|video|content|page) is (?:only )?(?:for|available to|reserved for|exclusive to) (?:paid |paying |premium |our )*(?:subscribers|members|patrons|supporters)(?! of\b)|(?:this is a|read this) (?:members?|subscribers?)-only (?:story|post|article)|unlock this post by|subscribe to (?:keep|continue) reading|must be subscribed to continue",
                words=100,
                links=15,
            ),
            Sign(
                text=r"dieser (?:beitrag|artikel|post) ist nur für (?:\w+ )?(?:abonnent|mitglieder)|cet article est réservé (?:à nos |aux )(?:abonnés|membres)|(?:este|esta) (?:artículo|publicación|contenido) es (?:solo|exclusiv\w+|sólo) para (?:\w+ )?(?:suscriptores|miembros)|questo (?:articolo|contenuto) è riservato agli abbonati|dit artikel is (?:alleen|exclusief) voor abonnees",
                words=100,
                links=15,
            ),
        ),
    ),
    Wall(
        name="HTTP authentication",
        state=State.LOGIN,
        source="answers of nginx and Apache with status 401",
        signs=(
            Sign(
                title=r"^(?:error )?401\b|^(?:authori[sz]ation|authentication) required\b|^unauthori[sz]ed$",
                words=60,
                links=4,
            ),
        ),
    ),
)

PLACES: Final[dict[State, str]] = {
    State.LOGIN: (
        r"^(?:login|signin|auth|sso|accounts?|idp|identity|passport|oauth|cas|connect|konto|members?)\."
        r"|/(?:(?:user|users|account|accounts|member|members|auth|my-?account|customer|client|clientarea|session|sessions|security|konto|admin|portal|forum)/)*"
        r"(?:log-?in|log-?on|sign-?in|sign_in|login_form|login_required|logon|authwall|authenticate|authentication|auth|sso|session/new|sessions/new|anmelden|anmeldung|einloggen|connexion|se-connecter|identification"
        r"|iniciar-?sesion|acceder|acceso|ingresar|accedi|accesso|entrar|acessar|iniciar-sessao|inloggen|aanmelden|logowanie|zaloguj|vhod|voiti|avtorizaciya|giris|uye-girisi|oturum-ac|logga-in|inloggning|logg-inn|log-ind|kirjaudu|prihlaseni|prihlasit|prihlasenie|bejelentkezes|autentificare|prijava)"
        r"(?:[/.?;]|$)"
        r"|[?&](?:mode|action|do|act|page|view|route|a|r|option|task|title)=(?:log-?in|sign-?in|account/login|special:userlogin|special:login|user\.login|com_users)"
        r"|special:(?:userlogin|login)"
    ),
    State.CONSENT: (
        r"(?:^|[/._-])(?:age-?_?(?:check|gate|verif\w*|verify|confirm\w*|restricted|restriction|consent|wall)|agecheck|verify-?_?age|check-?_?age|confirm-?_?age|over-?18|over18|are-?you-?(?:18|21|over)|adult-?(?:check|content|warning|gate|consent)|18plus|mature-?(?:content|check)|content-?warning"
        r"|altersverifikation|alterspr(?:ue|%c3%bc)fung|alterskontrolle|altersabfrage|jugendschutz|verification-?age|controle-?age|verificacion-?(?:de-?)?edad|mayor-?de-?edad|verificar-?edad|verifica-?eta|verificacao-?(?:de-?)?idade|maior-?de-?idade|leeftijds?-?(?:controle|check|verificatie)|weryfikacja-?wieku|wiek|vozrast|yas-?dogrulama|nenrei|agecheck|overeni-?veku"
        r"|consent|cookie-?consent|cookie-?wall|cookie-?notice|gdpr|privacy-?(?:gate|consent|wall|choices)|tcf)(?:[/.?&=_-]|$)"
    ),
    State.QUEUE: r"(?:^|[/.])(?:queue|waiting-?room|waitingroom|wait-?room|warteraum|warteschlange|wachtrij|wachtkamer|salle-?d-?attente|file-?d-?attente|sala-?de-?espera|cola-?virtual|fila-?virtual|sala-?d-?attesa|poczekalnia|kolejka|ochered|virtual-?queue|inline|fronta|cekarna)(?:[/.?_-]|$)",
    State.CHALLENGED: (
        r"(?:^|[/._-])(?:captcha|recaptcha|hcaptcha|challenge|bot-?(?:check|verif\w*|detect\w*|challenge|protection)|robot-?check|human-?(?:check|verif\w*|challenge)|verify-?human|are-?you-?(?:human|a-?robot|robot)|not-?a-?robot|sorry|blocked|block-?page|access-?denied|accessdenied|denied|forbidden|unusual-?traffic|ddos|showcaptcha|validate-?captcha|validatecaptcha|firewall|security-?check|rate-?limit\w*|too-?many-?requests|throttled?|browser-?check|unsupported-?browser|sgcaptcha"
        r"|cookies?-?(?:required|disabled|error|absent|off|test|check|needed|not-?(?:supported|enabled|accepted))|cookieabsent|no-?cookies?|enable-?cookies?|cookies?_?(?:not_?supported|required|absent)|cookiesnotsupported|cookiecheck|testcookie|no-?js|no-?javascript|nojavascript|enable-?(?:javascript|js)|javascript-?(?:required|disabled)|js-?(?:required|disabled))(?:[/.?&=_-]|$)"
    ),
    State.MAINTENANCE: r"(?:^|[/._-])(?:maintenance|under-?maintenance|wartung|wartungsarbeiten|mantenimiento|manutenzione|manutencao|onderhoud|konserwacja|przerwa-?techniczna|obsluzhivanie|bakim|underhall|udrzba|offline|temporarily-?(?:offline|unavailable|closed)|under-?construction|coming-?soon|comingsoon|unavailable|outage|site-?down|sitedown|be-?right-?back|technical-?(?:difficulties|problems?)|service-?unavailable)(?:[/.?_-]|$)",
    State.SUSPENDED: r"(?:^|[/._-])(?:suspended|suspend|suspendedpage|account-?suspended|site-?suspended|gesperrt|suspendu|suspendid[oa]|sospeso|suspenso|geblokkeerd|zawieszon[ey]|zablokowan[ey])(?:[/.?_-]|$)",
    State.PARKED: r"^ww\d+\.|(?:^|[/._-])(?:parked|parking-?page|domain-?parking|parked-?domain|domain-?for-?sale|forsale|for-?sale|buy-?domain|buy-?this-?domain|domain_profile|expired-?domain|domain-?expired|lander)(?:[/.?_-]|$)",
}
"""Of addresses at the end of a redirect: with words of that kind on the page, it is such a wall."""

RETURNS: Final = r"[?&](?:return\w*|redirect\w*|redir|next|continue|dest|destination|goto|back\w*|service|came_from|from|ref\w*|url|after|origin|target|forward|success\w*|callback\w*|hash|r|u|q)="
"""A parameter that says where to go on afterwards."""
