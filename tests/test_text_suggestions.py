"""What a misspelt word may have meant."""

from __future__ import annotations

import pytest

from backlinkbot.cli.main import main
from backlinkbot.text.suggestions import did_you_mean, nearest


@pytest.mark.parametrize(
    ("word", "found"),
    [("source", "source_url"), ("Anchr", "anchor"), ("TARGET_URL", "target_url"), ("xyzzy", ""), ("", "")],
)
def test_the_nearest_known_word_is_named(word: str, found: str) -> None:
    assert nearest(word, ("target_url", "source_url", "anchor")) == found
    assert did_you_mean(word, ("target_url", "source_url", "anchor")) == (f"; did you mean {found}?" if found else "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["discver", "example.com"], "did you mean discover?"),
        (["Verify", "example.com"], "did you mean verify?"),
        (["crawl"], "there are discover, verify"),
        (["discover", "example.com", "--sead", "x"], "did you mean --seed?"),
        (["discover", "example.com", "--max-page-per-domain=3"], "did you mean --max-pages-per-domain?"),
        (["show", "x.csv", "--collumns", "a"], "did you mean --columns?"),
        (["export", "--rank", "x", "--veiw", "links"], "did you mean --view?"),
        (["verify", "example.com", "--candidates", "a.txt", "b.txt"], "'b.txt' is unexpected"),
        (["runs", "--xyzzy"], "backlinkbot runs --help-all lists them"),
        (["--histroy"], "COMMAND"),
    ],
)
def test_a_misspelt_word_is_refused_with_the_one_it_may_have_meant(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err
