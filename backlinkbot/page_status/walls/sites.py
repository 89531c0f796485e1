# ruff: noqa: RUF001 - letters and signs of other alphabets are the subject
"""What stands in place of a whole site: maintenance, lost databases, default pages, closed accounts, parked domains."""

from __future__ import annotations

from typing import Final

from backlinkbot.items import State
from backlinkbot.page_status.walls.signs import Sign, Wall


def _wall(name: str, source: str, *signs: Sign, state: State) -> Wall:
    return Wall(name=name, state=state, source=source, signs=signs)


_REAL: Final = "a real answer"

MAINTENANCE: Final = tuple(
    _wall(name, source, *signs, state=State.MAINTENANCE)
    for name, source, signs in (
        (
            "WordPress maintenance",
            "https://translate.wordpress.org/projects/wp/dev/ (wp_maintenance)",
            (
                Sign(text=r"briefly unavailable for scheduled maintenance", words=60),
                Sign(
                    text=r"wegen (?:geplanter )?wartungsarbeiten (?:kurzzeitig|vorübergehend|ist diese)|kurzzeitig wegen (?:geplanter )?wartung",
                    words=60,
                ),
                Sign(
                    text=r"brièvement indisponible (?:pour|en raison d)|no (?:está )?disponible por mantenimiento programado|momentáneamente indisponible",
                    words=60,
                ),
                Sign(
                    text=r"sospeso per (?:breve )?manutenzione|brevemente non disponibile per manutenzione|brevemente indisponível para manutenção",
                    words=60,
                ),
                Sign(
                    text=r"kort niet beschikbaar (?:wegens|vanwege)|chwilowo niedostępn[ay] z powodu|кратковременно недоступен|krátce nedostupn",
                    words=60,
                ),
                Sign(
                    text=r"тимчасово недоступний|planlanmış bakım|現在メンテナンス中のため|正在执行例行维护|稍后再来|예정된 유지 ?보수",
                    words=60,
                ),
                Sign(text=r"tillfälligt (?:nere|otillgänglig) för planerat underhåll|plánované údržby", words=60),
            ),
        ),
        (
            "database error",
            "https://translate.wordpress.org/projects/wp/dev/ (dead_db), Joomla, Drupal, phpBB, MediaWiki",
            (
                Sign(
                    text=r"error (?:establishing|connecting to|when establishing) (?:a |the )?database(?: connection)?|database connection (?:error|failed)"
                ),
                Sign(
                    text=r"fehler beim aufbau(?:en)? einer datenbank-?verbindung|verbindung zur datenbank (?:ist )?fehlgeschlagen|datenbankfehler",
                    words=80,
                ),
                Sign(
                    text=r"erreur (?:lors de|de) la connexion à la base de données|connexion à la base de données impossible",
                    words=80,
                ),
                Sign(
                    text=r"error (?:al|en) (?:establecer (?:una|la) conexión con la|conectar (?:a|con) la) base de datos|error de conexión a la base de datos|error estableciendo (?:una )?conexión",
                    words=80,
                ),
                Sign(
                    text=r"errore nello stabilire una connessione (?:al|con il) database|errore di connessione al database",
                    words=80,
                ),
                Sign(
                    text=r"erro ao (?:estabelecer (?:uma )?conexão com o|ligar à|conectar (?:com o|ao)) (?:banco de dados|base de dados)|erro ao estabelecer uma ligação à base de dados",
                    words=80,
                ),
                Sign(
                    text=r"fout bij het (?:maken van een verbinding met|verbinden met) de database|błąd (?:podczas |przy )?(?:łączenia|połączenia|nawiązywania połączenia) (?:się )?z bazą danych",
                    words=80,
                ),
                Sign(
                    text=r"ошибка (?:установки |при )?(?:подключени[яи]|соединени[яи]|установки соединения) (?:с|к) баз|помилка (?:встановлення )?з.єднання з базою|помилка підключення до бази",
                    words=80,
                ),
                Sign(
                    text=r"veritabanı (?:bağlantısı|bağlantı)|データベース接続(?:確立)?(?:の)?エラー|(?:建立)?数据库(?:连接)?(?:时)?(?:出错|错误)|資料庫連線(?:時)?(?:發生)?錯誤|데이터베이스.{0,10}연결.{0,8}(?:오류|에러)",
                    words=80,
                ),
                Sign(
                    text=r"(?:ett )?fel uppstod vid (?:anslutning|upprättande)|fel vid upprättande av (?:en )?databasanslutning|chyba (?:při|pri) (?:pokusu o |navazování |navázání )?(?:navázání )?spojení s datab",
                    words=80,
                ),
                Sign(
                    text=r"hiba az adatbázis|virhe (?:muodostettaessa|yhdistettäessä) tietokanta|fejl under forbindelse til databasen|feil under tilkobling til databasen|eroare la stabilirea (?:unei )?conexiuni (?:la|cu) baza",
                    words=80,
                ),
                Sign(
                    text=r"could not connect to (?:the )?(?:mysql|database|db server)|(?:cannot|can't|unable to) (?:access|connect to) the database|database (?:error|server is (?:down|unavailable))",
                    words=80,
                ),
                Sign(
                    text=r"sqlstate\[(?:hy000|08|42)\w*\]|mysqli?_(?:real_)?connect\(|too many (?:mysql )?connections|general error.{0,20}sql error",
                    words=150,
                ),
                Sign(
                    text=r"(?:jdatabase|joomla).{0,60}(?:could not connect|database)|pdoexception|has a temporary database|vbulletin message.{0,120}database",
                    words=150,
                ),
                Sign(
                    text=r"sorry! (?:this site|we are) is? ?experiencing (?:some )?technical difficulties|cannot (?:access|contact) the database(?: server)?",
                    words=120,
                ),
            ),
        ),
        (
            "fatal error",
            "https://translate.wordpress.org/projects/wp/dev/ (wp_fatal_error_handler), PHP, ASP.NET",
            (
                Sign(
                    text=r"there has been a critical error on (?:this|your) (?:web)?site|this site is experiencing technical difficulties",
                    words=80,
                ),
                Sign(
                    text=r"gab einen kritischen fehler auf|erreur critique sur (?:ce|votre) site|ha habido un error crítico en|errore critico (?:sul|su questo)",
                    words=80,
                ),
                Sign(
                    text=r"erro crítico (?:no|neste) |kritieke fout op|błąd krytyczny (?:w|na)|критическая ошибка|критична помилка|kritik bir hata|致命(?:的な|错误)|重大なエラー|치명적인 오류|kritiskt fel|kritické chybě",
                    words=60,
                ),
                Sign(text=r"^(?:\S+ ){0,3}(?:php )?(?:fatal|parse) error: .* on line \d+", words=80),
                Sign(
                    markup=r"<b>(?:fatal|parse) error</b>:.{0,6000} on line <b>\d+</b>(?:<br ?/?>|</\w+>|\s)*$",
                    words=1_500,
                    links=300,
                ),
                Sign(markup=r"<(?:div|body|p)[^>]{0,80}wp-die-message", words=600, links=200),
                Sign(
                    title=r"^(?:\w+(?:error|exception|doesnotexist) at /|action controller: exception caught|http status 50\d\b|application error: a (?:client|server)-side exception|unhandled exception|whoops! there was an error)",
                    words=3_000,
                    links=100,
                ),
                Sign(
                    text=r"^(?:\S+ ){0,12}traceback \(most recent call last\)|you're seeing this error because you have debug = true|application error: a (?:client|server)-side exception has occurred|mysql server has gone away",
                    words=300,
                ),
                Sign(
                    title=r"^(?:runtime error|server error in '/?' ?application|application error|internal server error|we're sorry, but something went wrong)",
                    words=250,
                ),
                Sign(
                    title=r"^(?:(?:error )?50\d\b.*|bad gateway|gateway time-?out|service (?:temporarily )?unavailable|temporarily unavailable|internal server error)$",
                    words=120,
                ),
                Sign(
                    text=r"the server is temporarily unable to service your request|no server is available to handle this request|backend fetch failed|guru meditation",
                    words=100,
                ),
                Sign(
                    text=r"upstream connect error or disconnect|there is no (?:healthy )?upstream|no available server|an error occurred\. sorry, the page you are looking for is currently unavailable",
                    words=60,
                ),
            ),
        ),
        (
            "Shopify store that is not open",
            "https://help.shopify.com/en/manual/online-store/themes/password-page",
            (
                Sign(place=r"^[^/]+/password(?:\?|$)", markup="shopify", words=400),
                Sign(
                    markup=r"shopify.{0,4000}(?:template-password|password-(?:page|login|modal|form))|login_form.{0,300}storefront_password",
                    words=250,
                ),
                Sign(text=r"opening soon", markup="shopify", words=150),
            ),
        ),
        (
            "phpBB board disabled",
            "https://www.phpbb.com/support/docs/",
            (
                Sign(
                    text=r"(?:sorry but )?this board is currently (?:unavailable|disabled)|board (?:is currently )?disabled|das board ist (?:zurzeit|derzeit) (?:nicht verfügbar|deaktiviert|gesperrt)",
                    words=120,
                ),
            ),
        ),
        (
            "Drupal maintenance",
            "https://www.drupal.org/docs/administering-a-drupal-site",
            (
                Sign(
                    title=r"^(?:site under maintenance|website im wartungsmodus|site en maintenance|sitio en mantenimiento)",
                    words=120,
                ),
            ),
        ),
        (
            "Joomla offline",
            "https://docs.joomla.org/",
            (
                Sign(
                    text=r"this site is down for maintenance\.? please check back again soon|diese website ist zurzeit im wartungsmodus",
                    words=80,
                ),
            ),
        ),
        (
            "default page of Apache",
            "https://httpd.apache.org/",
            (
                Sign(
                    title=r"^(?:apache(?:2|\d)? (?:\w+ )?default page|test page for the (?:apache )?(?:http )?(?:ssl/tls-aware )?(?:apache|web|http server)|apache http server test page|http server test page)",
                    words=1_000,
                ),
                Sign(text=r"^(?:\S+ )?it works!(?: it works!)?$", words=8),
                Sign(title=r"^welcome to (?:centos|red hat|fedora|rocky|almalinux|xampp)", words=500),
                Sign(title=r"^apache tomcat(?:/\d|$)", words=300),
                Sign(
                    text=r"you've successfully installed tomcat|your server is now running.{0,80}glassfish|the install worked successfully! congratulations|yay! you're on rails",
                    words=200,
                ),
            ),
        ),
        (
            "default page of nginx",
            "https://nginx.org/",
            (
                Sign(
                    title=r"^welcome to (?:nginx|openresty|tengine|caddy|lighttpd|(?:open)?litespeed|freenginx|angie|wildfly|jboss|jetty|glassfish|express|symfony|codeigniter|django|laravel)",
                    words=200,
                ),
                Sign(title=r"^(?:test page for the nginx http server|caddy works!?|placeholder page)", words=500),
            ),
        ),
        (
            "default page of IIS",
            "https://learn.microsoft.com/iis/",
            (
                Sign(
                    title=r"^(?:iis ?\d*(?:\.\d)?|iis windows(?: server)?|microsoft internet information services|under construction)$",
                    words=40,
                    links=4,
                ),
            ),
        ),
        (
            "default page of a hosting panel",
            "cPanel, Plesk, DirectAdmin, Hestia, ISPConfig, aaPanel, FASTPANEL",
            (
                Sign(
                    title=r"^(?:default web ?site page|(?:domain|web server's|server|host|website) default page|default parallels plesk page|plesk default page|default plesk page)",
                    words=500,
                ),
                Sign(
                    text=r"if you (?:are seeing this page|are the owner of this website).{0,200}(?:cpanel|plesk|hosting provider|default)|^.{0,80}web server's default page",
                    words=300,
                ),
                Sign(
                    markup=r"/cgi-sys/defaultwebpage\.cgi|defaultwebpage|plesk-ui-library|plesk-default|parallels-logo",
                    words=400,
                ),
                Sign(
                    text=r"success! your new web server is ready to use|the site is created successfully!|恭喜[,，] ?站点创建成功|站点创建成功|域名绑定.{0,20}(?:没有|未)",
                    words=200,
                ),
                Sign(
                    text=r"this is the default (?:page|index page|web ?site|web page|welcome page)(?: of| for|\b)|diese(?:s)? ist die standard(?:-?seite|-?startseite)|page par défaut (?:du|de votre)",
                    words=150,
                ),
                Sign(
                    text=r"web station has been enabled|congratulations!? (?:you have )?(?:now )?(?:successfully )?(?:installed|your (?:web ?site|site|server) (?:is|has been))",
                    words=120,
                ),
                Sign(
                    text=r"looks like this domain isn't (?:yet )?connected to a (?:web)?site|this domain (?:is|has) not (?:yet )?(?:been )?connected|no website (?:is )?configured (?:at|for) this",
                    words=150,
                ),
                Sign(
                    text=r"website (?:is )?(?:coming|ready|launching) soon.{0,100}(?:squarespace|wix|weebly|hostinger)|you are all set to go",
                    words=120,
                ),
            ),
        ),
        (
            "domain without a site at its host",
            "answers of Fastly, Heroku, GitHub Pages, Netlify, Vercel, Azure, Pantheon, WP Engine, Amazon S3",
            (
                Sign(
                    text=r"fastly error: unknown domain|there isn't a github pages site here|the deployment could not be found on vercel|deployment_not_found|the gods are wise, but do not know of the site|no such app\b|there is no app configured at that hostname|404 web site not found|nosuchbucket|the specified bucket does not exist|the site you were looking for couldn't be found"
                    r"|(?:this|your) (?:domain|site|host ?name) (?:is )?(?:not (?:configured|mapped|set up|pointed)|isn't (?:configured|mapped|set up))|unrecognized domain|no site configured at this address",
                    words=150,
                ),
                Sign(markup=r"herokucdn\.com/error-pages/", words=40),
                Sign(
                    text=r"no site for domain|no settings were found for this company|project doesn'?t exist\.\.\. yet|(?:sub)?domain is currently available!|do you want to register \S+\.\S+|domain has been assigned\. please go to the site settings|the website you're looking for doesn't exist"
                    r"|this job board website is either expired or its domain name is invalid|may have taken a wrong turn somewhere\. don't worry|help center closed|this domain is connected to \w+,? but (?:it isn't|is not|no )|is not a registered (?:incloud )?youtrack|non-hub domain|custom domain has not been configured|moving your domain away from cargo",
                    words=120,
                    links=12,
                ),
                Sign(
                    text=r"tunnel \S+ not found|err_ngrok_\d+|domain not found.{0,40}(?:domain|host)|error 403 - this web app is stopped|all access to this object has been disabled|failed to resolve dns path for this host",
                    words=150,
                    links=12,
                ),
                Sign(
                    title=r"^(?:repository not found|no such account|(?:blog|site|web ?site|shop|store) not found|host not found|unknown (?:domain|host|site)|domain not (?:found|configured)|404 blog is not found)$",
                    words=100,
                    links=6,
                ),
            ),
        ),
        (
            "bandwidth limit",
            "https://docs.cpanel.net/",
            (
                Sign(
                    text=r"bandwidth limit exceeded|temporarily unable to service your request due to the site owner reaching|(?:daily|monthly) (?:bandwidth|traffic) (?:limit|quota)|resource limit is reached",
                    words=100,
                ),
            ),
        ),
    )
)

SUSPENDED: Final = tuple(
    _wall(name, source, *signs, state=State.SUSPENDED)
    for name, source, signs in (
        (
            "suspended account",
            "https://docs.cpanel.net/knowledge-base/accounts/ (suspendedpage), Plesk, WHMCS",
            (
                Sign(
                    place=r"/(?:cgi-sys/)?suspended(?:page|domain)?\.(?:cgi|html?|php)|/(?:account|site|website)[-_]?suspended|suspended-?(?:domain|page|website)\.",
                    words=400,
                ),
                Sign(
                    title=r"^(?:(?:this |your )?(?:web ?hosting )?(?:account|site|web ?site|domain|hosting|page|service|subscription|store|shop|blog|user) (?:is |has been |was )?(?:currently |temporarily )?(?:suspended|disabled|deactivated|blocked)|suspended (?:account|domain|site|website|page)|account disabled|contact support)\b",
                    text=r"suspend|disabl|deactivat|block",
                    words=250,
                ),
                Sign(
                    text=r"this (?:account|site|web ?site|domain|hosting account|hosting|page|store|user|blog|server|customer|subdomain|url|service)(?: name)? (?:is|has been|was) (?:\w+ )?(?:suspended|archived or suspended|deactivated)",
                    words=120,
                ),
                Sign(
                    text=r"(?:web ?site|site|account|hosting) (?:is )?(?:temporarily |currently )?suspended.{0,200}(?:contact|hosting|provider|billing|support|payment)",
                    words=120,
                ),
                Sign(
                    text=r"(?:account|konto|webseite|website|webspace|domain|präsenz|internetpräsenz|zugang|kunden-?konto|web-?auftritt|seite) (?:ist |wurde |ist derzeit |wurde vorübergehend |ist vorübergehend |ist momentan )(?:gesperrt|deaktiviert|suspendiert)",
                    words=100,
                ),
                Sign(
                    text=r"(?:compte|site|hébergement|domaine|service|page)(?: web| internet| d'hébergement)?(?: a été| est)(?: actuellement| temporairement)? (?:suspendu|désactivé|bloqué)",
                    words=100,
                ),
                Sign(
                    text=r"(?:cuenta|sitio|página|web|dominio|servicio|alojamiento|hosting)(?: web| de hosting)?(?: ha sido| está| fue| se encuentra)(?: temporalmente| actualmente)? (?:suspendid|desactivad|deshabilitad|bloquead)[oa]",
                    words=100,
                ),
                Sign(
                    text=r"(?:cuenta|sitio|página|conta|site|conto|account|sito|compte) suspen(?:did|s|su|du)\w*|(?:account|sito|dominio|servizio|spazio)(?: web)? (?:è stato |è |risulta )(?:temporaneamente |attualmente )?(?:sospes|disattivat|disabilitat)o",
                    words=80,
                ),
                Sign(
                    text=r"(?:conta|site|página|domínio|serviço|hospedagem)(?: de hospedagem)? (?:foi |está |encontra-se )(?:temporariamente )?(?:suspens|desativad|bloquead)[oa]",
                    words=100,
                ),
                Sign(
                    text=r"(?:account|website|site|domein|hostingpakket|hosting) (?:is|werd) (?:tijdelijk |momenteel )?(?:opgeschort|geblokkeerd|gedeactiveerd|uitgeschakeld|geschorst|afgesloten)",
                    words=100,
                ),
                Sign(
                    text=r"(?:konto|strona|serwis|witryna|domena|usługa|hosting) (?:zostało|została|został|jest) (?:tymczasowo |czasowo )?(?:zawieszon|zablokowan|wyłączon|dezaktywowan)[aeyo]?",
                    words=100,
                ),
                Sign(
                    text=r"(?:сайт|аккаунт|хостинг|домен|услуга|учётная запись|учетная запись|страница)(?: \S+)?(?: временно)? (?:заблокирован|приостановлен|отключ[её]н|деактивирован)|(?:работа|обслуживание) (?:сайта|аккаунта|домена)(?: временно)? приостановлен",
                    words=100,
                ),
                Sign(
                    text=r"(?:сайт|акаунт|обліковий запис|хостинг|домен|роботу сайту)(?: тимчасово)? (?:заблоковано|заблокований|призупинено|вимкнено|відключено)",
                    words=100,
                ),
                Sign(
                    text=r"(?:hesap|hesabınız|site|web sitesi|hosting|alan adı|hesabı)(?: geçici olarak)? (?:askıya alın|durdurul|kapatıl|devre dışı)",
                    words=100,
                ),
                Sign(
                    text=r"(?:アカウント|サイト|ホームページ|サーバー|ウェブサイト).{0,12}(?:停止|凍結|一時停止)(?:され|して|中)|(?:网站|站点|账户|账号|帐号|空间|主机|域名).{0,8}(?:已被|已|被|暂时)(?:暂停|停用|关闭|封停|冻结|锁定)|(?:網站|帳戶|帳號|空間).{0,8}(?:已被|已|被)(?:暫停|停用|關閉|凍結)|(?:계정|사이트|홈페이지|호스팅).{0,12}(?:정지|중지|차단)",
                    words=100,
                ),
                Sign(
                    text=r"(?:kontot?|webbplatsen|sidan|domänen|webbhotellet|konto|nettstedet|hjemmesiden|kontoen|hjemmeside) (?:är|har blivit|er|er blevet|har)(?: tillfälligt| midlertidigt)? (?:avstängd|avstängt|spärrad|spärrat|suspenderad|suspendert|suspenderet|sperret|spærret|lukket|stengt)",
                    words=100,
                ),
                Sign(
                    text=r"(?:účet|web|stránk[ay]|služba|hosting|doména|webhosting)(?: \S+)? (?:byl[ao]?|je|bol[ao]?)(?: dočasně| dočasne)? (?:pozastaven|zablokován|deaktivován|zablokovan|pozastaven)|fiók.{0,20}felfüggeszt|felfüggesztve|(?:contul|site-ul|domeniul).{0,20}suspendat|(?:sivusto|tili|palvelu).{0,20}(?:suljettu|jäädytetty)",
                    words=100,
                ),
                Sign(
                    text=r"(?:λογαριασμός|ιστοσελίδα).{0,30}(?:ανασταλεί|σε αναστολή)|(?:akun|situs|website) (?:ini )?(?:telah |sedang )?(?:ditangguhkan|disuspend)|tài khoản.{0,30}(?:tạm ngưng|bị khóa|đình chỉ)|(?:акаунтът|сайтът).{0,20}(?:спрян|блокиран)|(?:račun|stranica).{0,20}(?:suspendiran|obustavljen|onemogućen)",
                    words=100,
                ),
                Sign(
                    text=r"تم (?:إيقاف|تعليق).{0,30}(?:الحساب|الموقع)|(?:החשבון|האתר) (?:הושעה|חסום)|حساب.{0,20}مسدود|บัญชี.{0,20}ระงับ",
                    words=100,
                ),
                Sign(
                    text=r"(?:this |the |your )?(?:web ?site|site|page|blog|account|user|app) (?:has been|was|is) (?:disabled|removed|suspended|taken down|terminated|deactivated|blocked) (?:for|due to|because of|as it) (?:a |an |its |the |repeated )?(?:violat|abuse|breach|terms|non-?payment|spam)",
                    words=120,
                ),
                Sign(
                    text=r"this store is (?:currently )?unavailable|sorry, this shop is currently unavailable",
                    markup="shopify",
                    words=100,
                ),
                Sign(
                    text=r"未(?:根据|按|进行|完成|取得|经)?.{0,24}备案|备案(?:提示|号.{0,6}(?:取消|注销))|this account has been (?:disabled|deactivated|terminated)|osting (?:account|service|plan|subscription|package) (?:has )?expired|website expired|this website (?:has )?expired|das hosting.{0,30}abgelaufen",
                    words=100,
                ),
            ),
        ),
        (
            "site closed at its host",
            "answers of WordPress.com, Blogger, Strikingly, Weebly, Jimdo, Webnode, GoDaddy, Squarespace, Tripod, uCoz, Timeweb, livedoor",
            (
                Sign(
                    text=r"(?:(?:this|(?:sorry|unfortunately),? (?:the )?) ?(?:\w+ )?(?:web ?site|site|blog|shop|store|forum|school|board|network|community|journal)(?: at \S+)?|(?:the |sorry,? )(?:web ?site|site|blog|shop|store|forum|member account)(?: at \S+| (?:that )?you(?:'re| are| were| have)? (?:\w+ ){1,3}(?:for|to \w+)))"
                    r" (?:has (?:not )?been (?:unpublished|published|removed|deleted|closed|archived|discontinued|disabled|taken offline|suspended|terminated)(?! for)|isn't available|(?:is|was) (?:not (?:yet )?published|unpublished|(?:currently )?not available on this server|no longer (?:active|available|online|published|maintained here)|permanently closed)|isn't published|has moved or never existed|no longer exists|does(?: not|n't) exist)",
                    words=60,
                    links=8,
                ),
                Sign(
                    text=r"(?:unfortunately,? )?this (?:web ?site|blog|shop|store|forum) (?:no longer exists|is closed|has closed|was closed|is gone)|(?:the )?authors? (?:have|has) deleted this (?:site|blog)|(?:site|blog|account|member account)(?: you have requested)? is not available\b.{0,60}$|couldn't find that (?:shop|store|blog|site|account)",
                    words=50,
                    links=6,
                ),
                Sign(
                    text=r"(?:please )?renew your subscription.{0,80}(?:owner|web ?site)|(?:web ?site|site) (?:(?:that )?you are trying to access )?(?:is (?:currently )?sleeping|has been put to sleep)|(?:forum|site|blog|account) has been (?:deleted|removed|closed) (?:because|due|for|by|after)|there is no site here|website has been disabled by (?:its|the) owner|this website is closed if you are the owner|placeholder for the (?:sub)?domain|nothing is here yet|(?:run this app to see the results here|heroku \W welcome to your new app)|only one step left! to finish setting up your new web address|geocities has closed|the site is no longer available\.?$|this \w+ network has been (?:suspended|closed)|uh oh! this shop is",
                    words=60,
                    links=6,
                ),
                Sign(
                    text=r"(?:diese|die) (?:web ?site|webseite|homepage|internetseite)(?: \S+)? (?:ist (?:leider )?(?:nicht (?:verfügbar|veröffentlicht|mehr online|aktiv)|noch nicht (?:veröffentlicht|aktiv|online))|wurde (?:gelöscht|noch nicht veröffentlicht|nicht veröffentlicht|vom inhaber \w+)|existiert nicht(?: mehr)?)|dieser (?:blog|shop) (?:wurde (?:gelöscht|geschlossen)|existiert nicht)",
                    words=60,
                    links=6,
                ),
                Sign(
                    text=r"(?:ce|le) (?:site|blog)(?: web| internet)?(?: que vous (?:cherchez|recherchez|demandez))? (?:n'est (?:pas|plus|pas encore) (?:publié|disponible|en ligne|actif)(?! depuis)|n'existe (?:pas|plus)|a été (?:supprimé|fermé|dépublié))|(?:este|el) (?:sitio|blog|weblog|sitio web)(?: web)? (?:no (?:está|ha sido) (?:publicado|disponible|activo)|ya no (?:existe|está disponible)|no existe|ha sido (?:eliminado|cerrado|despublicado))",
                    words=60,
                    links=6,
                ),
                Sign(
                    text=r"(?:questo|il) (?:sito|blog)(?: web)? (?:non (?:è (?:più |ancora )?(?:pubblicato|disponibile|attivo|online)|esiste(?: più)?)|è stato (?:rimosso|chiuso|cancellato|eliminato))|(?:este|o) (?:site|blog) (?:não (?:está|foi) (?:publicado|disponível|ativo)|não existe(?: mais)?|foi (?:removido|excluído|encerrado|apagado))|deze (?:web ?site|site|blog) (?:is (?:nog )?niet (?:actief|gepubliceerd|meer online|meer beschikbaar)|bestaat niet(?: meer)?|is (?:verwijderd|gesloten))",
                    words=60,
                    links=6,
                ),
                Sign(
                    text=r"(?:сайт|блог|форум)(?: \S+)? (?:уда[лд][её]н|не (?:опубликован|существует)|закрыт навсегда|больше не существует)|владелец (?:ещё|еще) не опубликовал|(?:ta|ten|ta) (?:strona|witryna|blog) (?:nie (?:została|został|jest) (?:jeszcze )?(?:opublikowan\w+|aktywn\w+)|już nie istnieje|został\w* usunięt\w+)|(?:tato |tento |tyto )?(?:stránka|web|stránky|blog) (?:(?:není|nebyl[ya]?|nejsou) publikován\w*|byl[ya]? (?:zrušen|smazán|odstraněn)\w*)|denne side er ikke publi[cs]eret|(?:denne|dette) (?:side|nettsted|hjemmeside)\w* er (?:slettet|lukket|nedlagt)",
                    words=60,
                    links=6,
                ),
                Sign(
                    text=r"指定された(?:ブログ|サイト|ホームページ)は(?:存在しない|存在しません|削除され)|(?:この|当)(?:サイト|ブログ|ホームページ)は(?:凍結(?:され|中)|公開されていません|非公開|閉鎖(?:され|しま)|削除され)|ジオシティーズはサービスを終了|(?:该|此|本|的)(?:网站|博客|站点|店铺)(?:不存在|尚未发布|未发布|已被?删除|已注销)|(?:해당|이) ?(?:블로그|사이트|홈페이지)(?:는|가)? ?(?:존재하지 않|삭제|폐쇄)",
                    words=60,
                    links=6,
                ),
            ),
        ),
    )
)

_CAF: Final = r"google\.com/adsense/domains/caf\.js|adsense/domains/"
PARKED: Final = tuple(
    _wall(name, source, *signs, state=State.PARKED)
    for name, source, signs in (
        (
            "parked at Sedo",
            "https://sedo.com/us/park-domains/",
            (
                Sign(
                    markup=r"(?:img\.|www\.|static\.)?sedoparking\.com|sedo(?:\.com|\.de)/(?:search/details|services/parking|parking)",
                    words=400,
                    links=200,
                ),
                Sign(
                    place=r"(?:^|\.)sedo(?:parking)?\.(?:com|de)/(?:search/details|checkdomainoffer|parking)",
                    words=3_000,
                    links=500,
                ),
            ),
        ),
        (
            "parked at ParkingCrew",
            "https://www.parkingcrew.com/",
            (
                Sign(
                    markup=r"parkingcrew\.(?:net|com)|d1lxhc4jvstzrp\.cloudfront|d38psrni17bvxu\.cloudfront|teaminternet|pagetracking.{0,40}parking",
                    words=400,
                    links=200,
                ),
            ),
        ),
        (
            "parked at Bodis",
            "https://www.bodis.com/",
            (
                Sign(
                    markup=r"(?:js\.|www\.|a\.)?bodis\.com|parking\.bodiscdn|window\.park\s*=|/parking\.js",
                    words=200,
                    links=60,
                ),
            ),
        ),
        (
            "parked at Afternic or GoDaddy",
            "https://www.afternic.com/",
            (
                Sign(
                    markup=r"afternic\.com/(?:forsale|domain)|parking-lander|wsimg\.com/parking|lander_system|window\.lander|parklogic\.com|img1\.wsimg\.com/.{0,40}lander",
                    words=300,
                    links=100,
                ),
                Sign(markup=r"[=(]\W{0,3}/lander\b", words=20),
                Sign(place=r"^[^/]+/lander\b|(?:^|\.)afternic\.com/", words=2_000, links=300),
                Sign(
                    text=r"this web page is parked(?: free)?|parked free,? courtesy of|(?:parked|hosted) (?:free )?by godaddy|courtesy of godaddy",
                    words=400,
                    links=100,
                ),
            ),
        ),
        (
            "parked at Namecheap",
            "https://www.namecheap.com/",
            (
                Sign(
                    text=r"(?:registered|parked) (?:at|by|with) namecheap|namecheap parking page|namecheap\.com.{0,80}(?:parked|registered)",
                    words=300,
                    links=100,
                ),
            ),
        ),
        (
            "domain for sale",
            "HugeDomains, Dan.com, Afternic, Sedo, Dynadot",
            (
                Sign(
                    place=r"(?:^|\.)(?:hugedomains\.com/domain_profile|dan\.com/(?:buy-domain|orders)|domainmarket\.com|buydomains\.com|undeveloped\.com|brandbucket\.com/names|squadhelp\.com/name|atom\.com/name|godaddy\.com/domainsearch|efty\.com|sav\.com/|dynadot\.com/market|porkbun\.com/checkout|4\.cn/|epik\.com/)",
                    words=3_000,
                    links=500,
                ),
                Sign(
                    markup=r"hugedomains\.com/(?:domain_profile|css|images)|dan\.com/(?:buy-domain|assets)|undeveloped\.com|cdn\.brandpa|efty\.com/(?:market|js|css)|buydomains\.com|domainmarket\.com/buynow|forsale\.(?:godaddy|dynadot)|domainlore|domainnamesales|perfectdomain\.com",
                    words=400,
                    links=100,
                ),
                Sign(
                    title=r"(?:^|[\s|-])(?:the )?(?:premium )?(?:domain|domain name)? ?(?:[\w-]+\.)+[a-z]{2,} (?:domain )?(?:name )?(?:is|may be|might be|could be|steht) (?:now |available )?(?:for sale|zum verkauf|te koop)",
                    words=600,
                    links=120,
                ),
                Sign(
                    text=r"(?:this|the) (?:premium )?(?:domain|domain name)(?: name)?(?: \S+\.\S+)? (?:is|may be|might be|could be) (?:now |listed |available )?for sale|buy this domain|make an offer (?:on|for) this domain|inquire about this domain|interested in this domain|domain (?:is )?for sale\b",
                    words=200,
                    links=40,
                ),
                Sign(
                    text=r"(?:[\w-]+\.)+[a-z]{2,} is for sale\b|(?:diese |die )?domain(?: \S+\.\S+)? (?:steht |ist )?(?:zum verkauf|zu verkaufen|kaufen)|(?:ce |le )?(?:nom de )?domaine(?: \S+\.\S+)? est (?:peut-être )?(?:à vendre|en vente)|(?:este |el )?dominio(?: \S+\.\S+)? (?:está |puede estar )?(?:a la venta|en venta)",
                    words=150,
                    links=30,
                ),
                Sign(
                    text=r"(?:questo |il )?dominio(?: \S+\.\S+)? (?:è |potrebbe essere )?in vendita|(?:este )?domínio(?: \S+\.\S+)? (?:está )?à venda|(?:deze |dit )?domein(?:naam)?(?: \S+\.\S+)? (?:is |staat )?te koop|(?:ta )?domena(?: \S+\.\S+)? (?:jest )?na sprzedaż|(?:этот )?домен(?: \S+\.\S+)? (?:прода[её]тся|выставлен на продажу)",
                    words=150,
                    links=30,
                ),
                Sign(
                    text=r"(?:цей )?домен(?: \S+\.\S+)? прода[єе]ться|(?:bu )?(?:alan adı|domain)(?: \S+\.\S+)? satılık|この(?:ドメイン|独自ドメイン).{0,10}(?:販売|売り)|(?:本|该|此)?域名.{0,10}(?:出售|转让|待售)|網域.{0,10}(?:出售|轉讓)|도메인.{0,10}(?:판매|매매)|(?:denna )?domän(?:en)?(?: \S+\.\S+)? (?:är )?till salu|(?:tato )?doména(?: \S+\.\S+)? (?:je )?(?:na prodej|k prodeji)",
                    words=150,
                    links=30,
                ),
            ),
        ),
        (
            "expired domain",
            _REAL,
            (
                Sign(
                    text=r"(?:this|the|your) domain(?: name)?(?: \S+\.\S+)? (?:has )?(?:recently )?expired|expired domain|domain (?:is )?(?:expired|pending renewal or (?:deletion|has expired))|(?:domain|domaine|dominio|domena|домен|doména|domän).{0,30}(?:abgelaufen|a expiré|est expiré|ha (?:expirado|caducado)|è scaduto|verlopen|wygasł|истек|закінчився|vypršela|utgången)",
                    words=150,
                    links=40,
                ),
            ),
        ),
        (
            "parked domain",
            "https://www.icann.org/, registrars' landing pages",
            (
                Sign(markup=_CAF, words=300, links=200),
                Sign(
                    markup=r"(?:^|[/.\"'])(?:parklogic|skenzo|cashparking|smartname|above\.com/marketplace|voodoo\.com|dsultra|iyfsearch|uniregistry|dopa\.com|domainsponsor|trafficz|namedrive|fabulous\.com|rookmedia|nextsphere|domaincntrol|parking\.reg\.ru|parked-content|cdnpark|parkzone|parkweb|fwdservice|ztomy)",
                    words=250,
                    links=120,
                ),
                Sign(
                    text=r"(?:this|the) (?:domain|domain name|web ?site|site|page|web page)(?: name)?(?: \S+\.\S+)? (?:is|has been) (?:\w+ )?parked|parked (?:domain|page)|domain parking|is parked (?:at|by|with|for|free)",
                    words=200,
                    links=60,
                ),
                Sign(
                    title=r"^(?:parked|domain parked|parked domain(?: name)?|geparkte domain|domain geparkt|domain registered|registered domain|this domain is (?:parked|registered|reserved)|reserved domain)\b",
                    words=250,
                    links=80,
                ),
                Sign(
                    text=r"(?:this|the) domain(?: name)?(?: \S+\.\S+)? (?:is|has been|was) (?:recently |just |already |successfully )?(?:registered|reserved|purchased)(?: (?:by|at|with|for|through|via|on|and|but|from))",
                    words=120,
                    links=40,
                ),
                Sign(
                    text=r"this domain (?:is|was) (?:not (?:in use|configured)|registered|unused)|future home of (?:something|\S+\.\S+)|has been registered at \w+|is a totally awesome idea still being worked on",
                    words=120,
                    links=40,
                ),
                Sign(
                    text=r"diese domain (?:ist|wurde) (?:bereits |soeben |schon |hier |bei \S+ )?(?:geparkt|registriert|reserviert)|domain (?:ist )?geparkt|domain (?:wurde )?(?:im kundenauftrag|erfolgreich) registriert|hier entsteht (?:eine|in kürze|demnächst)|domain-?parking|diese internetpräsenz wurde (?:noch )?nicht",
                    words=120,
                    links=40,
                ),
                Sign(
                    text=r"(?:ce|le) (?:nom de )?domaine(?: \S+\.\S+)? (?:est|a été) (?:déjà )?(?:parqué|réservé|enregistré|déposé)|domaine (?:parqué|réservé)|félicitations ! votre (?:domaine|site)",
                    words=120,
                    links=40,
                ),
                Sign(
                    text=r"(?:este|el) dominio(?: \S+\.\S+)? (?:está|ha sido) (?:aparcado|estacionado|registrado|reservado|parkeado)|dominio (?:aparcado|parkeado|registrado)",
                    words=120,
                    links=40,
                ),
                Sign(
                    text=r"(?:questo|il) dominio(?: \S+\.\S+)? (?:è|è stato) (?:parcheggiato|registrato|riservato)|dominio parcheggiato|este domínio(?: \S+\.\S+)? (?:está|foi) (?:estacionado|registrado|registado|reservado|parqueado)|domínio (?:estacionado|registrado|parqueado)",
                    words=120,
                    links=40,
                ),
                Sign(
                    text=r"(?:deze|dit) domein(?:naam)?(?: \S+\.\S+)? is (?:geparkeerd|geregistreerd|gereserveerd)|(?:ta |ten |twoja )?domena(?: \S+\.\S+)? (?:jest|została) (?:zaparkowana|zarejestrowana|utrzymywana|zajęta)|domena zaparkowana",
                    words=120,
                    links=40,
                ),
                Sign(
                    text=r"(?:этот )?домен(?: \S+\.\S+)? (?:припаркован|зарегистрирован|не прилинкован|не привязан)|парковка домен|срок регистрации домена|(?:цей )?домен(?: \S+\.\S+)? (?:припарковано|зареєстровано)",
                    words=150,
                    links=60,
                ),
                Sign(
                    text=r"(?:bu )?(?:alan adı|domain)(?: \S+\.\S+)? (?:park ed|kayıt ed|adına tescil|park halinde)|このドメイン(?:は|名は).{0,30}(?:取得|登録|パーキング|使用されて)|お名前\.com.{0,40}(?:取得|登録)|(?:该|此|本)域名.{0,12}(?:已注册|已停放|停靠|解析)|域名停放|此網域.{0,10}(?:註冊|停放)|도메인.{0,12}(?:등록|파킹)",
                    words=150,
                    links=60,
                ),
                Sign(
                    text=r"(?:den här |denna )?domän(?:en)?(?: \S+\.\S+)? är (?:parkerad|registrerad|reserverad)|parkerad (?:hos|av|domän)|(?:domænet|domenet|dette domene)(?: \S+\.\S+)? er (?:parkeret|parkert|registrert|registreret|reserveret)|(?:tato |tahle )?doména(?: \S+\.\S+)? je (?:zaparkov|zaregistrov|registrov|obsazen|rezervov)|(?:ez a )?domain(?: \S+\.\S+)? (?:parkol|regisztrálva|foglalt)|domeniul(?: \S+\.\S+)? este (?:parcat|înregistrat)|verkkotunnus(?: \S+\.\S+)? on (?:pysäköity|varattu|rekisteröity)",
                    words=120,
                    links=40,
                ),
            ),
        ),
    )
)
