"""Generic anchors by language: data for :mod:`backlinkbot.reports.anchors`."""

from __future__ import annotations

from typing import Final

# Compared word for word, without case, accents, arrows and dots; separated by bars.
GENERIC: Final[dict[str, str]] = {
    "en": (
        "here | click here | click | this | this link | this page | this site | this website | this article | "
        "this post | link | links | more | read more | read it here | read on | read the article | see more | "
        "more info | more information | more details | details | learn more | find out more | continue | "
        "continue reading | full article | full story | the article | article | see here | look here | source | "
        "via | via link | website | web site | site | web | homepage | home page | home | official site | "
        "official website | visit | visit site | visit website | visit the website | visit the site | view | "
        "view more | go | go here | go to website | go to site | check it out | download | url | page | blog | "
        "reference | original | original article | read | see | next | open | share | get it here"
    ),
    "ar": "هنا | اضغط هنا | انقر هنا | المزيد | اقرأ المزيد | رابط | الرابط | المصدر | الموقع",
    "cs": "zde | více | číst dále | odkaz | klikněte zde | celý článek | zdroj | web | webové stránky",
    "da": "her | læs mere | klik her | link | hjemmeside | kilde | se mere | besøg hjemmesiden",
    "de": (
        "hier | hier klicken | klicken sie hier | mehr | mehr lesen | weiterlesen | weiter | mehr erfahren | "
        "mehr dazu | mehr infos | zur website | zur webseite | website | webseite | homepage | quelle | link | "
        "zum artikel | zum shop | diese seite | jetzt ansehen | weitere informationen | siehe hier"
    ),
    "el": "εδώ | περισσότερα | διαβάστε περισσότερα | πηγή | σύνδεσμος | κάντε κλικ εδώ | ιστοσελίδα",
    "es": (
        "aquí | haz clic aquí | haga clic aquí | clic aquí | pincha aquí | leer más | más | más información | "
        "ver más | saber más | enlace | sitio web | página web | web | fuente | este enlace | seguir leyendo"
    ),
    "fi": "tästä | täältä | lue lisää | lisää | linkki | klikkaa tästä | lähde | kotisivu | kotisivut",
    "fr": (
        "ici | cliquez ici | cliquer ici | lire la suite | la suite | en savoir plus | plus | plus d'infos | "
        "plus d'informations | voir plus | lien | ce lien | site | site web | le site | site officiel | source | "
        "voir | voir le site | visiter le site | lire l'article | suite | accueil"
    ),
    "he": "כאן | לחץ כאן | לחצו כאן | קרא עוד | קראו עוד | עוד | קישור | מקור | לאתר",
    "hi": "यहाँ | यहां | यहाँ क्लिक करें | यहां क्लिक करें | और पढ़ें | लिंक | स्रोत | अधिक",
    "hu": "itt | ide | tovább | bővebben | kattints ide | link | forrás | weboldal | honlap | részletek",
    "id": "di sini | disini | klik di sini | klik disini | selengkapnya | baca selengkapnya | tautan | sumber",
    "it": (
        "qui | clicca qui | leggi tutto | leggi di più | continua a leggere | continua | altro | di più | "
        "maggiori informazioni | scopri di più | link | sito | sito web | il sito | fonte | vai al sito"
    ),
    "ja": "こちら | ここ | こちらから | ここをクリック | 続きを読む | もっと見る | 詳細 | 詳しくはこちら | リンク | サイト",
    "ko": "여기 | 여기를 클릭 | 더보기 | 더 보기 | 자세히 | 자세히 보기 | 링크 | 출처 | 바로가기 | 홈페이지",
    "nl": (
        "hier | klik hier | lees meer | lees verder | meer | meer informatie | meer info | link | deze link | "
        "website | bron | bekijk | verder lezen | naar de website | bezoek website"
    ),
    "no": "her | les mer | klikk her | lenke | kilde | nettside | hjemmeside | se mer | mer",
    "pl": "tutaj | tu | kliknij tutaj | kliknij | więcej | czytaj więcej | czytaj dalej | link | źródło | strona",
    "pt": (
        "aqui | clique aqui | leia mais | ler mais | mais | saiba mais | saber mais | mais informações | "
        "ver mais | link | este link | site | site oficial | fonte | continue lendo | página"
    ),
    "ro": "aici | click aici | citește mai mult | mai mult | mai multe | detalii | sursa | sursă | link | site",
    "ru": (
        "здесь | тут | ссылка | по ссылке | подробнее | читать далее | далее | читать | источник | сайт | "
        "на сайте | на сайт | перейти | нажмите здесь | узнать больше | официальный сайт | смотреть"
    ),
    "sv": "här | klicka här | läs mer | mer | länk | länken | källa | hemsida | webbplats | se mer",
    "th": "ที่นี่ | คลิกที่นี่ | อ่านต่อ | อ่านเพิ่มเติม | เพิ่มเติม | ลิงก์ | ที่มา",
    "tr": "burada | buraya | buraya tıklayın | tıklayın | tıkla | devamı | devamını oku | kaynak | link | site",  # noqa: RUF001 - Turkish
    "uk": "тут | посилання | детальніше | докладніше | читати далі | далі | джерело | сайт | за посиланням",
    "vi": "tại đây | ở đây | xem thêm | đọc thêm | nguồn | liên kết | bấm vào đây | trang web",
    "zh": "这里 | 點擊這裡 | 点击这里 | 点这里 | 这裡 | 更多 | 查看更多 | 阅读更多 | 链接 | 連結 | 来源 | 网站 | 官网 | 原文",
}
