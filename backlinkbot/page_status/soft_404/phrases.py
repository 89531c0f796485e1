# ruff: noqa: RUF001 - letters of other alphabets are the subject
"""How pages say that there is none, by language: whole statements, as titles, headings and short sentences have them.

Collected from the templates of content management systems, frameworks and servers (WordPress, Drupal, Joomla, TYPO3, Django,
Rails, Laravel, Next.js, Hugo, mdBook, Shopify, Apache, nginx, IIS, Tomcat and others) and their translations. Texts are compared in
lower case with straight apostrophes, single spaces, and nothing but letters and digits at their ends.
"""

from __future__ import annotations

from typing import Final

_THING: Final = (
    r"(?:(?:the|this|that|your|our|such|any|an?) )?(?:(?:requested|desired|specified|exact|web|html|blog|selected) )*"
    r"(?:page|webpage|file|url|document|content|article|post|entry|resource|address|location|story|topic|thread"
    r"|listing|record|category|job|vacancy|advert|auction|question|discussion|video|file or directory|object|route|profile)s?"
)
_SOUGHT: Final = (
    r"(?:,? (?:that |which )?(?:you|we)(?:'re|'ve| are| were| have)?(?: just| been)? "
    r"(?:look(?:ing|ed)? (?:for|at)|request(?:ed|ing)?|(?:trying|tried|attempted|attempting) to "
    r"(?:view|reach|access|find|open|visit|load|get to|see)|seek(?:ing)?|want(?:ed)?|search(?:ing|ed) for|enter(?:ed)?"
    r"|follow(?:ed)?|click(?:ed)?(?: on)?|asked for|typed|selected|after)(?: in this blog| here)?)?"
)
_CANNOT: Final = (
    r"(?:could ?n[o']t|could not|cannot|can ?not|can't|(?:was|were|are|am)? ?unable to|didn't|did not|don't)"
)
_IS_NOT: Final = (
    r"(?:(?:(?:was|is|were|are)(?: not|n't) |not )found|(?:could|can)(?: not|not|n't|'t) be (?:found|located)"
    r"|(?:does|do|did)(?: not|n't) (?:seem to |appear to )?exist|(?:might |may )?(?:no longer|not) exists?"
    r"|(?:is|was|are|seems to be)?(?: currently| no longer| not|n't)+ (?:available|here|there|valid|exist)"
    r"|no longer available|(?:is|was|are) (?:gone|missing|nowhere to be found)|missing"
    r"|(?:has|have)(?: either)? (?:been (?:moved or )?(?:removed|deleted)|vanished|disappeared))"
)
_AFTER: Final = r"(?: (?:on|at|in) (?:this|our|the|that) [\w ]{3,20}| \(?any ?more\)?| any longer| here)?(?:,? (?:or|and|it|because|but|please)\b.{0,90})?"

# language -> expressions, each of a whole statement.
PHRASES: Final[dict[str, tuple[str, ...]]] = {
    "en": (
        rf"(?:(?:but|we're|i'm|we are|i am|unfortunately|looks like|it looks like|it seems(?: that)?|it appears(?: that)?),? ?)*{_THING}{_SOUGHT} {_IS_NOT}{_AFTER}",
        (
            rf"(?:(?:but|we're|i'm|unfortunately|looks like|it looks like|it seems) ?,?)*(?:we |i |you )?{_CANNOT} (?:seem to )?"
            rf"(?:find|locate|display|found) (?:{_THING}{_SOUGHT}|what you(?:'re| are| were) looking for|it|that){_AFTER}"
        ),
        (
            r"(?:(?:it )?(?:looks like|seems) )?(?:nothing|no page|no content|no such (?:page|file|document|article|post|url))(?: (?:was|is|to be))?(?: found(?: here)?| to see here| exists)"
            r"(?: at (?:this|that) (?:url|address|location)| here| for the requested page)?"
        ),
        r"there(?:'s| is| isn't| is not| seems to be)(?: currently)? (?:nothing|no|a|any) ?(?:page|content|text in this page|such page|github pages site)?(?: (?:here|at this (?:url|address|location)))+(?: \(?any ?more)?",
        r"there is currently no text in this page",
        r"(?:the |this )?(?:requested )?(?:product|item|user|video|job|event) (?:was |is |could |can )?not (?:be )?found",
        (
            r"(?:sorry,? )?(?:(?:this|the|that|your) )?(?:requested )?(?:job |blog |product |event )?(?:post|article|content|product|item|offer|job|ad|advert|listing|vacancy|position|event|recipe|property|video)"
            r" (?:(?:has|was|is|it|been) )*(?:no longer (?:available|active|online|listed)|not available|unavailable|expired|withdrawn)(?: or .{3,60})?"
        ),
        r"(?:the )?author (?:has )?(?:deleted|removed|withdrawn) (?:this|the) (?:post|article|page|entry)|(?:we|i) (?:couldn't|could not|can't|cannot) find (?:this|that|the|your) (?:recipe|product|item|event|offer|user|profile|shop|place)",
        r"not found|(?:home )?page not found|pagenotfound|page missing|missing page|page does not exist|invalid (?:page|url|link)|(?:no|invalid) (?:thread|topic|post|forum|user) specified",
        r"(?:the )?server returned an? (?:\"?404 )?not found\"?|you(?:'ve)? just hit a route that doesn't exist",
        r"(?:you(?:'ve| have)? )?(?:reached|found|followed|hit) an? (?:dead|broken|bad|old|outdated|missing|non-?existent) (?:end|link|page)",
        r"(?:we|you)(?:'ve| have) (?:lost|misplaced) (?:this|that|the) page|this isn't the page you're looking for|this page has gone missing",
        r"(?:we're|i'm|we are) having trouble finding (?:that|the|this) page|that's an error|page gone|file or directory not found|the resource cannot be found|no matching (?:page|route)s? found",
    ),
    "de": (
        (
            r"(?:(?:leider|aber|tut uns leid|es tut uns leid|wir konnten|konnten wir|können wir),? )*"
            r"(?:die|diese|der|dieser|das|dieses|ihre)? ?(?:von ihnen |gewünschte |angeforderte |gesuchte |aufgerufene |angegebene )*"
            r"(?:web)?(?:seite|datei|inhalt|dokument|artikel|beitrag|url|adresse|eintrag|ressource|produkt|thema|anzeige|inserat|meldung|nachricht|stelle|angebot)(?:,? die (?:sie|du) .{3,40},)?"
            r" (?:(?:wurde|konnte|kann|ist|existiert) )?(?:leider )?(?:auf .{3,30} )?(?:nicht|nicht mehr)"
            r"(?: (?:gefunden|gefunden werden|finden|auffindbar|vorhanden|verfügbar|vorhanden oder .{3,40}|da))?(?: (?:werden|worden))?"
        ),
        r"(?:diese |die )?seite fehlt(?: .{0,20})?",
        r"(?:seite|webseite|datei) existiert (?:leider )?nicht(?: mehr)?|(?:diese|die)(?: \w+)? seite (?:existiert|gibt es) (?:leider )?nicht(?: mehr)?",
        r"(?:leider )?(?:nichts|nicht) gefunden|hier ist (?:leider )?nichts|(?:wir konnten|leider konnten wir) (?:die|diese|ihre)(?: \w+)? seite (?:leider )?nicht finden",
        r"(?:diese |die |das |dieses )?(?:stellen|klein|jobs?)?(?:anzeige|angebot|stelle|inserat|ausschreibung)s? (?:ist|wurde) (?:leider )?(?:bereits )?(?:nicht mehr (?:aktiv|verfügbar|online|gültig)|abgelaufen|deaktiviert|gelöscht)",
        r"diese seite (?:konnte|kann) (?:leider )?nicht gefunden werden|keine seite gefunden|ungültige (?:seite|url|adresse)",
    ),
    "fr": (
        (
            r"(?:la|le|cette|ce|votre|l')? ?(?:page|fichier|document|article|contenu|ressource|adresse|url|produit|site|sujet|discussion|annonce|fiche|message|publication|offre)(?: web)?"
            r"(?: (?:demandée?|que vous (?:cherchez|recherchez|demandez|avez demandée?)|recherchée?))*"
            r" (?:(?:n'a pas (?:pu être|été)|n'est (?:pas|plus)|non) (?:trouvée?|disponible|accessible)|n'existe (?:pas ou plus|pas|plus)"
            r"|(?:est |semble |a été |est actuellement )?(?:introuvable|inexistante?|indisponible|supprimée?|déplacée?))(?: (?:ou|sur) .{3,60})?"
        ),
        r"introuvable|aucune page trouvée|aucun résultat pour cette page|rien (?:n'a été )?trouvé|(?:nous n'avons|on n'a) pas (?:pu )?trouv(?:é|er) (?:la|cette|votre) page.{0,40}",
        r"cette page n'existe (?:pas|plus)|impossible de trouver (?:la|cette) page.{0,40}|il n'y a rien ici|page perdue",
    ),
    "es": (
        (
            r"(?:la|el|esta|este|su|tu)? ?(?:página|pagina|archivo|documento|artículo|contenido|recurso|dirección|url|entrada|producto|tema|hilo|anuncio|mensaje|publicación|oferta|noticia)(?: web)?"
            r"(?: (?:solicitad[ao]|que (?:buscas?|está[s]? buscando|estabas buscando|intentas .{3,20}|has? solicitado|busca usted)|buscad[ao]))*"
            r" (?:no (?:ha sido |se ha |se ha podido |fue |se pudo |pudo ser |está |se |existe|ha podido ser )*|ya no )"
            r"(?:encontrad[ao]|encontrar|encuentra|encontró|existe|disponible|está disponible|hallad[ao])?(?: (?:o|en) .{3,60})?"
        ),
        (
            r"no (?:se )?(?:encontrad[ao]|encontró|ha encontrado|encontramos|podemos encontrar|hemos encontrado|pudimos encontrar)"
            r"(?: (?:la|esta|nada|el|lo)(?: \w+)?(?: que .{3,40})?)?|no se encontró la página|nada encontrado|página inexistente|no hay nada aquí"
        ),
    ),
    "pt": (
        (
            r"(?:a|o|esta|este|essa|sua)? ?(?:página|pagina|arquivo|ficheiro|documento|artigo|conteúdo|recurso|endereço|url|produto|tópico|tema|anúncio|mensagem|publicação|notícia|vaga)(?: web)?"
            r"(?: (?:solicitad[ao]|que (?:você|procura|está a procurar|tentou).{0,40}|procurad[ao]|pedid[ao]))*"
            r" (?:não (?:foi |pode ser |pôde ser |está |se |existe|foi possível )*|inexistente|já não )"
            r"(?:encontrad[ao]|encontra|existe|disponível|localizad[ao]|encontrar)?(?: (?:ou|no|neste) .{3,60})?"
        ),
        r"não encontrad[ao]|(?:não (?:foi possível )?encontr(?:amos|ar|ei)|não conseguimos encontrar) (?:a|esta|essa|o) página.{0,40}|nada (?:foi )?encontrado",
    ),
    "it": (
        (
            r"(?:la|il|questa|questo|l'|spiacenti,?)? ?(?:pagina|file|documento|articolo|contenuto|risorsa|indirizzo|url|prodotto|argomento|discussione|annuncio|messaggio|notizia)(?: web)?"
            r"(?: (?:richiest[ao]|che (?:stai|cerchi|hai|state|si) .{3,40}|cercat[ao]|desiderat[ao]))*"
            r" (?:non (?:è (?:stat[ao] |più )?|può essere |esiste(?: più)?|si trova|più )*|inesistente)"
            r"(?:trovat[ao]|disponibile|esistente|raggiungibile|presente)?(?: (?:o|su|in) .{3,60})?"
        ),
        r"(?:nessun(?:a)? (?:pagina|risultato|contenuto) trovat[ao]|nulla (?:è stato )?trovato|niente trovato|impossibile trovare la pagina.{0,40}|non (?:abbiamo|riusciamo a) trova(?:to|re) (?:la|questa) pagina.{0,40}|non trovat[ao])",
    ),
    "nl": (
        (
            r"(?:de|deze|het|dit|uw|je)? ?(?:opgevraagde |gevraagde |gezochte )*(?:web)?(?:pagina|bestand|document|artikel|inhoud|adres|url|bericht|onderwerp|advertentie|vacature)(?: (?:die|dat|waar) .{3,40})?"
            r" (?:(?:is|werd|kan|kon|bestaat) )?(?:helaas )?(?:niet(?: meer)?)(?: (?:gevonden|worden gevonden|gevonden worden|beschikbaar|vinden))*"
        ),
        r"(?:deze |de )?pagina bestaat (?:helaas )?niet(?: \(?meer\)?)?|niet gevonden|niets gevonden|geen pagina gevonden|(?:we|wij) (?:kunnen|konden) (?:de|deze) pagina.{0,30} niet vinden",
    ),
    "sv": (
        (
            r"(?:den )?(?:här )?(?:begärda |efterfrågade )?(?:sidan|sida|filen|dokumentet|innehållet|artikeln|ämnet|tråden|annonsen|inlägget)(?: (?:du|som du) .{3,40})?"
            r" (?:kunde |kan |hittades |finns |existerar |är )?(?:tyvärr |inte längre |inte\b ?)+(?:hittas|hittades|finns|tillgänglig|kvar|längre)?(?: (?:på|eller) .{3,40})?"
        ),
        r"inget hittades|hittades inte|vi (?:kan|kunde) inte hitta (?:den här )?sidan.{0,40}|ingen sida hittades",
    ),
    "da-no": (
        (
            r"(?:den |denne |det |dette )?(?:ønskede |forespurte |anmodede )?(?:siden?|filen?|dokumentet|innholdet|indholdet|artikkelen|artiklen)(?: (?:du|som|der) .{3,40})?"
            r" (?:ble |blev |kunne |kan |finnes |findes |eksisterer |er |fantes )?(?:dessverre |desværre )?(?:ikke|ikke lenger|ikke længere)(?: (?:funnet|fundet|finnes|findes|tilgjengelig|tilgængelig|blev fundet|bli funnet))*(?: (?:på|eller) .{3,40})?"
        ),
        r"ikke funnet|ikke fundet|ingenting (?:ble )?funnet|intet fundet|vi (?:fant|fandt|kan|kunne) ikke (?:finne |finde )?siden.{0,40}|fant ikke siden|siden mangler|beklager, vi finner ikke siden.{0,20}",
    ),
    "fi": (
        r"(?:valitettavasti )?(?:hakemaasi |etsimääsi |pyydettyä |pyytämääsi |etsimäsi |hakemasi |tätä )?(?:sivua|tiedostoa|sisältöä|artikkelia|sivu)(?:,? jota .{3,30},?)? (?:ei |ei enää )?(?:löytynyt|löydy|ole|ole olemassa|voitu löytää|voida näyttää)(?: .{3,40})?",
        r"ei löytynyt|mitään ei löytynyt|emme löytäneet (?:etsimääsi )?sivua",
    ),
    "pl": (
        r"(?:podana |żądana |szukana |wybrana |ta |niestety,? )*(?:strona|plik|dokument|artykuł|treść|zasób|podstrona|temat|wątek|ogłoszenie|wpis|oferta)(?:,? (?:której|którą|którego) .{3,40})?,? (?:nie (?:została |został |zostało |jest )?(?:już )?(?:odnaleziona|znaleziona|znaleziony|istnieje|dostępna|odnaleziony|znalezione|istnieją|dostępne))(?: .{3,40})?",
        r"nie znaleziono(?: (?:takiej |żądanej |podanej |szukanej )?(?:strony|pliku|niczego|artykułu|zasobu).{0,40})?|(?:przepraszamy,? ?)?(?:ale )?nie (?:możemy |mogliśmy |udało się )?(?:znaleźć|odnaleźć|znaleźliśmy) .{0,20}strony.{0,40}|brak strony|nic nie znaleziono",
    ),
    "cs-sk": (
        r"(?:požadovaná |hledaná |hľadaná |požadovaný |tato |táto |zadaná |je nám líto,? |omlouváme se,? |ale )*(?:stránka|soubor|súbor|dokument|článek|článok|obsah|téma|inzerát|příspěvek)(?:,? (?:kterou|ktorú|který) .{3,40},?)? (?:nebyla |nebola |nebyl |nebol |nenalezena|neexistuje|nenájdená|sa nenašla|již |už |není |nie je |se nenašla)*(?:nalezena|nenalezena|nájdená|nalezen|neexistuje|k dispozici|dostupná|nájdený)?(?: .{3,40})?",
        r"(?:stránku|stránka) (?:se |sa )?(?:nepodařilo|nepodarilo|nelze|nemožno) (?:najít|nájsť|nalézt)|nenalezeno|nenájdené|nic nenalezeno|nič sa nenašlo",
    ),
    "hu": (
        r"(?:a |az )?(?:keresett |kért |megadott )*(?:oldal|lap|fájl|tartalom|dokumentum|cikk|weboldal) (?:nem (?:található|létezik|elérhető|érhető el)|már nem (?:létezik|elérhető))(?: .{3,40})?",
        r"nem található(?: az? .{0,20}oldal)?|nincs ilyen oldal|nincs találat erre az oldalra",
    ),
    "ro": (
        r"(?:ne pare rău,? (?:dar )?)?(?:această )?pagin[aă](?: (?:solicitată|căutată|cerută|pe care .{3,40}))? (?:nu (?:a fost|este|există|a putut fi|mai există|poate fi)|inexistentă)(?: (?:găsită|disponibilă|aici))?(?: .{3,40})?",
        r"nu am găsit (?:pagina|nimic).{0,40}|nimic găsit|negăsită|pagină negăsită",
    ),
    "tr": (
        r"(?:üzgünüz,? ?)?(?:aradığınız |istenen |istediğiniz |bu |ulaşmak istediğiniz |talep ettiğiniz )*(?:web )?(?:sayfa|sayfayı|dosya|içerik|belge|sayfası|konu|ilan|yazı|haber) (?:bulunamadı|bulunamıyor|mevcut değil|yok|bulamadık|artık mevcut değil|bulunmuyor|kaldırılmış.{0,30})",
        r"bulunamadı|hiçbir şey bulunamadı",
    ),
    "el": (
        r"(?:η )?σελίδα(?: (?:που .{3,40}|αυτή))? (?:δε |δεν )(?:βρέθηκε|υπάρχει|είναι διαθέσιμη|μπορεί να βρεθεί)(?: .{3,40})?|δε(?:ν)? βρέθηκε(?: η σελίδα| τίποτα)?.{0,30}|η σελίδα δε(?:ν)? βρέθηκε",
    ),
    "ru": (
        r"(?:к сожалению,? ?|извините,? ?|такой |данная |эта |запрашиваемая |запрошенная |указанная |искомая |вами )*(?:веб-)?(?:страница|страницы|файл|документ|материал|статья|контент|ресурс|товар|тема|объявление|запись|новость|сообщение|пост|публикация|вакансия)(?: (?:по .{3,30}|с таким .{3,20}|,? котор(?:ую|ый|ой) .{3,40},?))? (?:не (?:найден[ао]?|существует|обнаружен[ао]?|доступна)|больше не (?:существует|доступн[аоы]?)|отсутствует|удален[ао]?|недоступна|была удалена.{0,30}|нет)(?: .{3,50})?",
        r"(?:страница не найдена|ничего не (?:найдено|нашлось)|не найдено|нет такой страницы|такой страницы (?:нет|не существует)|мы не (?:нашли|можем найти) .{0,20}страниц[уы].{0,40})",
    ),
    "uk-bg-sr": (
        r"(?:на жаль,? ?|вибачте,? ?|запитувана |шукана |така |ця |търсената |исканата |тражена )*(?:сторінка|сторінку|файл|страница|страницата|документ)(?: (?:яку .{3,30}|която .{3,30}|коју .{3,30}))? (?:не (?:знайдено|знайдена|існує|е намерена|беше намерена|съществува|постоји|је пронађена|може да бъде намерена)|није пронађена|відсутня)(?: .{3,40})?",
        r"сторінку не знайдено|нічого не знайдено|не знайдено|няма такава страница|не е намерен[ао]|страница није пронађена|нема такве странице",
    ),
    "hr-sl": (
        r"(?:tražena |zahtevana |iskana |ova |ta |žao nam je,? )*(?:stranica|stran|datoteka|strana)(?: (?:koju|ki jo) .{3,30})? (?:nije (?:pronađena|dostupna)|ne postoji|ni (?:bila )?(?:najdena|bilo mogoče najti)|ne obstaja|nije pronadjena)(?: .{3,40})?|strani ni (?:mogoče|bilo mogoče) najti",
    ),
    "ca-gl-eu": (
        r"(?:la |no s'ha trobat la )?pàgina (?:que .{3,30} )?(?:no (?:s'ha trobat|trobada|existeix|s'ha pogut trobar))|no s'ha trobat(?: la pàgina.{0,30})?|páxina non (?:atopada|encontrada)|orria(?:k)? ez da aurkitu|ez da orria aurkitu",
    ),
    "zh": (
        r"(?:哎呀|啊哦)?[,，]?(?:找不到|没有找到|沒有找到|没找到)(?:该|此|这个|這個|您要的)?(?:页面|网页|頁面|網頁)(?:了|啦|哦|喔)?",
        r"(?:抱歉|很抱歉|对不起|對不起|您好|哎呀)?[,，!！ ]*(?:您|你)?(?:所)?(?:要|想)?(?:访问|查找|请求|浏览|寻找|訪問|查詢|請求|瀏覽|尋找|找|看|打开)?(?:的)?(?:页面|网页|頁面|網頁|文件|内容|內容|檔案或網頁|文章|页|資源|该页面|此页面|这个页面)(?:已|可能)?(?:不存在|没有找到|未找到|找不到|沒有找到|丢失|走丢了|不见了|不見了|已删除|被删除|已被移除|无法找到|無法找到|已失效|遗失)了?(?:或.{0,20})?",
        r"(?:抱歉|很抱歉|对不起|對不起|您好)?[,，!！ ]*(?:找不到|未找到|没有找到|沒有找到|無法找到|无法找到|查無)(?:您|你)?(?:要|所)?(?:访问|查找|请求|訪問|要找|找|尋找)?(?:的|该|此|這個|这个)?(?:页面|网页|頁面|網頁|文件|檔案或網頁|檔案|内容|此頁|页)",
        r"(?:抱歉|对不起)?[,，]?(?:该|此|本)(?:内容|文章|帖子|信息|页面|网页|主题|內容|頁面)(?:已|已经|已經)(?:被)?(?:删除|移除|下架|失效|刪除)|(?:抱歉|对不起)?[,，]?(?:您)?(?:指定|访问|浏览)的?(?:主题|帖子|信息|主題)(?:不存在|已被删除|已被刪除).{0,30}|页面未找到|頁面未找到|此页面不存在|無此網頁|网页无法访问|您访问的页面不存在|页面没有找到|页面走丢了|頁面不存在|页面不存在",
    ),
    "ja": (
        r"(?:申し訳(?:ありません|ございません)[、。が]*)?(?:お探し|ご指定|アクセスしよう|指定されたurl|リクエスト|ご覧になろう|該当)?(?:の|された|と(?:した|している))?(?:ページ|ファイル|コンテンツ|記事|url|ウェブページ)(?:は|が|を)?(?:現在)?(?:見つかりません|みつかりません|見つけられません|存在しません|ありません|見つかりませんでした|みつかりませんでした|見つけることができません|削除された|表示できません|移動した|存在しない)(?:でした)?(?:か.{0,40})?",
        r"ページが見つかりません|未検出|何も見つかりませんでした|ページはありません|お探しのページは見つかりませんでした",
    ),
    "ko": (
        r"(?:죄송합니다[.,]? ?)?(?:요청(?:하신|한)|찾으시는|찾는|방문하(?:시려는|려는)|원하시는|해당|이)? ?(?:페이지|파일|콘텐츠|글|게시물|문서|웹페이지)(?:를|을|가|이|는)? ?(?:찾을 수 (?:없습니다|없음|없어요)|존재하지 않습니다|없습니다|존재하지 않는 .{0,10}입니다|발견되지 않았습니다|사라졌.{0,10})",
        r"삭제되었거나 (?:존재하지 않는|없는) ?(?:페이지|게시물|게시글|글)(?:입니다)?|(?:존재하지 않는|삭제된|없는|찾을 수 없는) ?(?:페이지|게시물|게시글|글)(?:입니다)?|찾을 수 없습니다|찾을 수 없음",
    ),
    "ar-fa": (
        r"(?:عذرا[ً]?[،,]? ?|عفوا[ً]?[،,]? ?)?(?:هذه )?(?:الصفحة|الصفحه|المحتوى|الملف)(?: (?:التي .{3,30}|المطلوبة))? (?:غير (?:موجودة|موجوده|متوفرة|متاحة)|لم (?:يتم العثور عليها|نتمكن .{3,30})|لا يمكن العثور عليها|غير موجود)",
        r"لم يتم العثور على (?:الصفحة|أي شيء|هذه الصفحة).{0,30}|(?:متاسفانه |متأسفانه )?(?:صفحه|برگه)(?: (?:مورد نظر|ای که .{3,30}|درخواستی))*(?: شما)? (?:یافت نشد|پیدا نشد|وجود ندارد|موجود نیست)|یافت نشد",
    ),
    "he": (
        r"(?:מצטערים[,]? ?|אופס[,]? ?)?(?:ה)?(?:עמוד|דף|קובץ)(?: (?:המבוקש|שחיפשת|שביקשת|הזה))? (?:לא (?:נמצא|קיים)|אינו (?:קיים|נמצא))(?: .{3,40})?|לא נמצא(?: דבר| העמוד| הדף)?",
    ),
    "vi": (
        r"(?:rất tiếc,? ?|xin lỗi,? ?)?(?:không (?:tìm thấy|tồn tại)(?: (?:trang|nội dung|đường dẫn|kết quả nào)(?: (?:này|yêu cầu|web|bạn .{3,30}))*)?|trang(?: (?:này|web|bạn .{3,30}))* không (?:tồn tại|tìm thấy|được tìm thấy|có sẵn))(?: .{3,40})?",
    ),
    "th": (
        r"(?:ขออภัย ?|ขอโทษ ?)?(?:ไม่พบ(?:หน้า|หน้าเว็บ|หน้านี้|ข้อมูล|เพจ|เนื้อหา)(?:ที่.{2,30}|นี้)?|(?:หน้า|หน้าเว็บ)(?:ที่.{2,30})? ?ไม่(?:พบ|มีอยู่|มี))",
    ),
    "id-ms": (
        r"(?:maaf,? ?)?(?:halaman|laman|berkas|konten|artikel)(?: (?:yang .{3,40}|ini|web))* (?:tidak|tak) (?:di ?temukan|ditemui|dijumpai|ada|tersedia|wujud|dapat ditemukan)(?: .{3,40})?|tidak ditemukan",
    ),
    "hi": (
        r"(?:क्षमा करें,? ?)?(?:यह |अनुरोधित |आप .{3,30} )?(?:पृष्ठ|पेज|पन्ना) (?:नहीं मिला|मौजूद नहीं है|उपलब्ध नहीं है|नहीं मिल सका|नहीं मिली)",
    ),
    "et-lv-lt": (
        r"(?:seda )?lehte ei (?:leitud|leita|eksisteeri)|lehekülge ei leitud|lapa (?:nav|netika) atrasta|lapa neeksistē|puslapis (?:nerastas|neegzistuoja)|(?:tokio )?puslapio nėra|nerasta",
    ),
    "az-uz-kk-mn": (
        r"(?:axtardığınız |bu |belə )*səhifə (?:tapılmadı|mövcud deyil|yoxdur|tapılmır)|(?:siz |so'ralgan |so‘ralgan |ushbu |bunday )*(?:qidirayotgan |qidirgan )?sahifa (?:topilmadi|mavjud emas|yo'q|o'chirilgan)",
        r"(?:сіз |іздеген |сұралған |бұл )*(?:бет|парақ|парақша) (?:табылмады|жоқ|өшірілген)|(?:сиз |издеген |бул )*(?:барак|бет) (?:табылган жок|табылбады|жок)|(?:таны |хайсан |уучлаарай,? )*(?:хуудас|хуудсыг) (?:олдсонгүй|олдохгүй байна|байхгүй байна)",
    ),
    "ka-hy": (
        r"(?:მოთხოვნილი |ეს |ასეთი )?(?:გვერდი|გვერდი,? რომელსაც ეძებთ,?) (?:ვერ მოიძებნა|არ მოიძებნა|არ არსებობს|ვერ ვიპოვეთ)|(?:ձեր |փնտրած |այս |հայցվող )*էջը (?:չի գտնվել|չգտնվեց|գտնված չէ|գոյություն չունի)",
    ),
    "sq-is-mt": (
        r"(?:kjo |na vjen keq,? )?(?:faqja|faqe)(?: (?:që (?:po )?kërkoni|e kërkuar))? (?:nuk (?:u gjet|gjendet|ekziston|është gjetur)|s'u gjet)|nuk u gjet|(?:þessi )?síðan?(?: sem .{3,30})? (?:fannst ekki|finnst ekki|er ekki til)|il-paġna ma nstabitx|il-paġna ma teżistix",
    ),
    "af-sw-tl-eo": (
        r"(?:die )?bladsy (?:is )?(?:nie gevind(?: nie)?|bestaan nie)|ukurasa (?:huu )?(?:haujapatikana|haukupatikana|haupatikani|haupo|huu haupo)|(?:paumanhin,? )?hindi (?:nahanap|makita|natagpuan|mahanap) ang (?:pahina|page)(?: .{3,30})?|walang nahanap na pahina|(?:la )?paĝo ne (?:trovita|ekzistas|estas trovita)",
    ),
    "cy-ga-lb": (
        r"(?:tudalen|dudalen|y dudalen) (?:heb ei (?:chanfod|ganfod)|ddim ar gael)|heb ei ganfod|ni (?:chanfuwyd|ddaethpwyd o hyd i)(?: y| 'r|'r) dudalen.{0,20}|níor aimsíodd an leathanach|níor aimsíodh an leathanach|leathanach gan aimsiú|ní bhfuarthas an leathanach|(?:dës |d')?säit (?:gouf )?net fonnt",
    ),
    "south-asia": (
        r"(?:দুঃখিত,? ?)?(?:এই |আপনি যে )?(?:পৃষ্ঠা|পৃষ্ঠাটি|পাতা|পাতাটি|পেজ|পেজটি)(?: .{2,30})? (?:পাওয়া|খুঁজে পাওয়া) (?:যায়নি|যায় নি|যাচ্ছে না)|பக்கம் (?:கிடைக்கவில்லை|காணப்படவில்லை|கண்டுபிடிக்கப்படவில்லை)|(?:ఈ )?పేజీ (?:కనుగొనబడలేదు|కనబడలేదు|దొరకలేదు)",
        r"(?:معذرت،? ?)?(?:یہ )?صفحہ (?:نہیں ملا|موجود نہیں(?: ہے)?)|(?:माफ गर्नुहोस् )?(?:पृष्ठ|पेज|पान) (?:फेला परेन|भेटिएन|सापडले नाही|आढळले नाही)|(?:પૃષ્ઠ|પેજ|પાનું) (?:મળ્યું નથી|મળી નથી|અસ્તિત્વમાં નથી)|ಪುಟ (?:ಕಂಡುಬಂದಿಲ್ಲ|ಸಿಗಲಿಲ್ಲ)|പേജ് (?:കണ്ടെത്തിയില്ല|കണ്ടെത്താനായില്ല)|පිටුව (?:හමු නොවීය|සොයාගත නොහැක)",
    ),
    "km-my-lo": (
        r"(?:រក|ស្វែងរក)(?:មិនឃើញ|ទំព័រមិនឃើញ)(?:ទំព័រ)?.{0,20}|មិនមានទំព័រ.{0,20}|စာမျက်နှာ.{0,20}(?:ရှာမတွေ့ပါ|မတွေ့ပါ|မရှိပါ)|ບໍ່ພົບໜ້າ.{0,20}",
    ),
}

# What stands before or after the statement, or around the number alone.
NOISE: Final = (
    r"4[ \-]?0[ \-]?4|410|http|https|status|code|error(?:s|e|en)?|err|erreur|fehler(?:code|meldung)?|erro|fout(?:melding)?|fel|feil|fejl|virhe|błąd|chyba"
    r"|hiba|eroare|hata|hatası|σφάλμα|ошибка|помилка|грешка|greška|napaka|错误|錯誤|エラー|오류|에러|خطأ|خطای|خطا|שגיאה|lỗi|ข้อผิดพลาด|kesalahan|ralat|viga|klaida"
    r"|o+p+s+(?:ie)?|wh?o+p+s+|uh[ -]?oh|oh no|ouch|hmm+|sorry|ups+|hoppla|hups|oj|d'oh|yikes|aw,? snap|we're sorry|we are sorry|i'm sorry"
    r"|désolée?s?|nous sommes désolés|entschuldigung|verzeihung|lo sentimos|lo siento|¡?vaya|desculpe|ops|spiacenti|siamo spiacenti|ci dispiace|helaas|tyvärr|beklager"
    r"|przepraszamy|omlouváme se|je nám líto|sajnáljuk|elnézést|ne pare rău|üzgünüz|λυπούμαστε|извините|простите|к сожалению|на жаль|вибачте|съжаляваме"
    r"|抱歉|很抱歉|对不起|對不起|죄송합니다|عذرا|عفوا|אופס|xin lỗi|rất tiếc|maaf|ขออภัย"
)
AFTER_THE_NUMBER: Final = r"page|pages|seite|página|pagina|pàgina|strona|stránka|sayfa|sayfası|sida|side|oldal|страница|сторінка|页面|頁面|ページ|페이지|file|message|notice"
"""Words that say nothing behind the number; before it they count pages: ``page 404``."""

TEMPLATE_CLASSES: Final = frozenset(
    {
        "error404",
        "error-404",
        "page-404",
        "page-not-found",
        "pagenotfound",
        "page404",
        "is-404",
        "http-404",
        "not-found-page",
        "template-404",
        "error_404",
    }
)
"""Classes of ``<body>`` that themes and systems give to their error page alone: WordPress writes ``error404``
(https://developer.wordpress.org/reference/functions/get_body_class/), Shopify's themes ``template-404``."""

NEGATING: Final = frozenset(
    (  # noqa: SIM905 - as words they are read
        "trouble not isn't can't cannot couldn't doesn't don't didn't wasn't aren't nothing missing gone removed deleted vanished disappeared "
        "unavailable expired withdrawn abgelaufen fehlt lost misplaced dead broken bad old outdated nonexistent existent invalid unable no nowhere pagenotfound error "
        "nicht nichts keine ungültige existiert introuvable inexistante inexistant pas plus aucune aucun rien impossible "
        "indisponible supprimée supprimé déplacée déplacé perdue non inexistente nada ya não já nessun nessuna nulla niente "
        "impossibile inesistente niet geen niets inte inget ingen ikke ingenting intet mangler ei emme nie brak nic nebyla nebola "
        "nebyl nebol nenalezena neexistuje nenájdená nenašla není nič nelze nemožno nepodařilo nepodarilo nenalezeno nenájdené už "
        "již nem nincs már nu nimic inexistentă negăsită bulunamadı bulunamıyor değil yok bulamadık bulunmuyor kaldırılmış δε δεν "
        "не нет ничего отсутствует удалена удален удалено недоступна больше нічого відсутня няма није нема nije ne ni ez غير لم لا "
        "tapılmadı tapılmır deyil yoxdur topilmadi emas yo'q o'chirilgan табылмады жоқ жок өшірілген табылган табылбады олдсонгүй олдохгүй байхгүй "
        "ვერ არ չի չգտնվեց չէ չունի nuk s'u ekki ma haujapatikana haukupatikana haupatikani haupo hindi walang heb ddim ní níor gan net نہیں "
        "یافت پیدا وجود موجود לא אינו không tidak tak नहीं nav netika neeksistē nerastas neegzistuoja nėra nerasta"
    ).split()
)
"""Words of which every statement of a language with spaces between words holds one: most texts are told by them alone."""

PAGE: Final = r"pag[ei]|\b(?:article|profile|listing|post|topic|thread|product|job|recipe|event|video|category)\b|\b(?:oops|whoops|ups|sorry|error|fehler|erreur|errore|erro|ошибка|błąd)\b|4 ?0 ?4.{1,3}not found|página|pàgina|páxina|seite|stron[ay]|stránk|\bstran|sayfa|\bsid[ae]|oldal|sivu|страниц|сторінк|σελίδα|halaman|trang|عمود|صفح|עמוד|页|頁|ページ|페이지|หน้า|पृष्ठ|\burl\b"
"""Words in statements that there is no page, and not in titles of works; a regular expression."""

SPOKEN: Final = (
    r"\b(?:try|use|using|through|perhaps|maybe|with|or) (?:\w+ ){0,2}search|\bsearch(?:ing)? (?:again|our|this|the (?:web)?site|for (?:it|something|what)|form|box|bar|field|below|above|will|may|might)"
    r"|\burls?\b|\blinks?\b|\bhome ?page|\bstart page|\brequested|\byou(?:'re| are| were|'ve)? (?:look|tr[yi]|request|want|follow|click|typ|seem|may|might|can|have)|\bmistyped|\bspelling|\bbrowser|\bserver|\bsitemap|\bgo back|\b(?:back|return|head|go) to\b|\bclick"
    r"|n't exist|not exist|no longer exist|\btry again|\bapolog|^sorry|\bwe're sorry|moved or|been (?:moved|deleted)|\bbookmark|\boutdated|\b(?:this|that|requested) (?:web ?)?(?:page|file|document|article|post|topic|thread|product|item|location|address)\b(?! \d)|\bnavigation|\bcontact (?:us|the (?:web|site|admin))"
    r"|\bplease (?:check|try|use|go|contact|return|visit)|nothing (?:here|at|was found at)|\b(?:can't|couldn't|cannot|could not) find|\bredesign|\bno (?:such )?page\b|\bwe looked|\bhave a look at our|\blooks like|\bthis one\b|\bit (?:may|might) have been|\b(?:has|have) been removed|\blet us take|\bsafety|\blost\?|\bbitte prüfen|\b(?:at|on) the request of|\bbeen filled|matches the (?:given )?(?:query|request)|\blisting has|\b(?:current|other|all|our) (?:vacancies|offers|listings|jobs)|\berror (?:code|has|occurred)|\ban error|\bwas not found on|\ban diesem ort|\bà cet(?:te)? (?:emplacement|adresse)|\ben esta (?:ubicación|dirección)|\bin quest[oa] (?:posizione|indirizzo)|\bop deze (?:locatie|plek)|w tym miejscu|\bneste (?:local|endereço)|\bmay be over|\bno longer available|n't available|not available|\bweb address"
    r"|\bsuchen sie|\bsuch(?:funktion|feld|maske)|\bgesuchte|\badresse|startseite|angeforder|aufgeruf|gewünscht|existier|verschoben|gelöscht|nicht (?:mehr )?verfügbar|\b(?:diese|die) (?:web)?seite|fehler|\bleider|zurück zu"
    r"|\b(?:vous|nous) (?:re)?cherch|\brecherchez|\brechercher|moteur de recherche|\baccueil|\bdemandé|\bdéplacé|\bsupprimé|\b(?:la|cette|une) page|\bdésol|\berreur|\bretour à|n'existe"
    r"|\bque busca|\bbuscabas|\bbuscador|\binicio\b|\bdirección|\benlace|\bsolicitad|\bno existe|\beliminad|\b(?:la|esta|una) página|\blo sent|\bvolver a|\bpruebe|\binténtalo|\bno hemos"
    r"|\bcercando|\bche cerc|\bindirizzo|\bcollegament|\brichiest|\bnon esiste|\brimoss[oa]|\bspostat[oa]|\b(?:la|questa|una) pagina|\bspiacent|\btorna (?:alla|a )|motore di ricerca|\bprova a"
    r"|\bprocura(?:ndo|va)?\b|\bendereço|\b(?:a|esta|uma) página|\bvoltar|\bdesculp|\bremovid|\bnão existe|\bpesquis"
    r"|\bzoekt\b|\bzoekfunctie|\badres\b|\bopgevraagd|\bbestaat niet|\bverplaatst|\bverwijderd|\b(?:de|deze) pagina|\bhelaas|\bterug naar"
    r"|\bszukasz|\bwyszukiw|\badres|\bżądan|\bnie istniej|\busunięt|\bprzeniesion|\bstron[ayęi]\b|\bprzeprasz|\bwróć|\bpowrót"
    r"|\bhledáte|\bhľadáte|\bvyhledáv|\bpožadovan|\bneexist|\bpřesunut|\bodstraněn|\bstránk|\bomlouv|\bzpět na|\búvodní"
    r"|\bищете|\bпоиском|\bадрес|\bссылк|\bзапраш|\bзапрош|не существ|\bудал[её]н|\bперемещ|\bстраниц|\bизвин|\bверн[уи]т|\bглавн|\bошибк|\bпошуком|\bшукаєте|\bсторінк|\bпосилан|\bтърсите|\bstranic|\bstran\b"
    r"|\baradığınız|\barama yap|\badres|\bbağlantı|\bmevcut|\btaşın|\bsilin|\bsayfa|\büzgün|geri dön|\bkeresett|\boldal|\bhivatkoz|\bcăuta[tț]i|\bpagin[aă]\b|\badres[aă]\b|\bσελίδα|\bδιεύθυν|\bαρχική|αναζητ[άή]τε"
    r"|\bsök(?:er|funktion)|\badress|\blänk|\bsidan\b|\bbegärd|\bflyttat|tagits bort|\bstartsid|\bsøge|\bsøk\b|\bsiden\b|\bforsiden|\bflyttet|\bslettet|\bhakemasi|\betsimäsi|\bsivu|\bosoite|\blinkki"
    r"|検索|お探しの|アドレス|リンク|削除|移動|ページ|ホーム|トップ|访问|訪問|链接|鏈接|連結|网址|網址|地址|首页|首頁|删除|刪除|页面|頁面|网页|網頁|返回|검색|찾으시|링크|주소|삭제|이동|페이지|홈|돌아가"
    r"|\bsəhif|\baxtar|\bsahif|\bqidir|\bqayt|\bпарақ|\bбет[іт]?\b|\bбарак|\bхуудас|გვერდ|მთავარ|\bէջ|\bfaqj|\bkthehu|\bsíðu?n?a?\b|\bbladsy|\bukurasa|\bpahina|\bpaĝo|\btudalen|\bleathanach|\bsäit\b"
    r"|পৃষ্ঠা|পাতা|হোম|পেজ|பக்க|పేజీ|صفحہ|पान|પૃષ્ઠ|પેજ|ಪುಟ|പേജ|පිටුව|ទំព័រ|စာမျက်နှာ|ໜ້າ|\blorem ipsum"
    r"|الصفحة|رابط|عنوان|الرئيسية|صفحه|עמוד|דף|קישור|כתובת|\btrang|đường dẫn|liên kết|หน้า|ลิงก์|\bhalaman|\blaman\b|\btautan|\balamat|पृष्ठ|पेज|\bleht|\blehe|\blapa|\bpuslap|\bpàgina|\bpáxina|\borri"
)
"""Words of the paragraphs of error pages, which say what one can do or why the page is not there. A page of a few sentences with none of
them is an article with the title of an error page: a poem called "Not found". In lower case; a regular expression."""
