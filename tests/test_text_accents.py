"""The text of a page is compared without accents."""

from __future__ import annotations

import pytest

from backlinkbot.text.accents import without_accents


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("not found", "not found"),
        ("SAYFA BULUNAMADI".lower(), "sayfa bulunamadi"),
        ("sayfa bulunamadı", "sayfa bulunamadi"),
        ("İSTENEN".lower(), "istenen"),
        ("page non trouvée", "page non trouvee"),
        ("σελίδα δεν βρέθηκε", "σελιδα δεν βρεθηκε"),
        ("всё ещё", "все еще"),
        ("ページが見つかりません", "ページが見つかりません"),
        ("요청하신 페이지", "요청하신 페이지"),
        ("पृष्ठ नहीं मिला", "पृष्ठ नहीं मिला"),
        ("ขออภัย ไม่พบหน้า", "ขออภัย ไม่พบหน้า"),
        ("الصفحة غير موجودة", "الصفحة غير موجودة"),
    ],
)
def test_letters_lose_their_accents_and_other_scripts_keep_their_marks(text: str, bare: str) -> None:
    assert without_accents(text) == bare
