# ruff: noqa: RUF001 - letters and signs of other alphabets are the subject
"""Lines that look alike on every site and say what they are: page numbers, trails, copyright lines."""

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
    r"©|\(c\) ?\d{4}|copyright|all rights reserved|alle rechte vorbehalten|tous droits réservés|todos los derechos"
    r"|todos os direitos|tutti i diritti|wszelkie prawa|все права|minden jog|alle rechten|všechna práva",
    re.IGNORECASE,
)
