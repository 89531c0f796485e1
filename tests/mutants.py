"""Hand-made mutants: small faults put into a copy of the project one at a time, each of which its tests have to notice.

    python -m tests.mutants             # all of them
    python -m tests.mutants walls diff  # those whose file or tests have one of these words in their names

A mutant that survives is a fault that no test would notice: write the test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
COPIED: Final = ("backlinkbot", "tests", "demo", "docs", "pyproject.toml", "README.md", "scrapy.cfg")
LONGEST: Final = 600
"""Seconds for the tests of one mutant; one that runs longer was noticed, too."""
PASSED, FAILED = 0, 1
"""What pytest returns; anything else is a mistake in the table."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One fault."""

    file: str
    """Below ``backlinkbot``."""
    old: str
    """Stands in the file exactly once."""
    new: str
    tests: str
    """What pytest is given: at least one of these tests must fail."""


_DIRECTIVES: Final = ("extract/robots_directives.py", "tests/test_extract_robots_directives.py")
_RULES: Final = ("extract/robots_rules.py", "tests/test_extract_robots_rules.py")
_TARGETS: Final = ("targets.py", "tests/test_targets.py")
_DIFF: Final = ("history/diff.py", "tests/test_history_diff.py")
_URLS: Final = ("urls.py", "tests/test_urls.py tests/test_targets.py")
_CSV: Final = ("text/csv_escaping.py", "tests/test_text_csv_escaping.py")
_FORMS: Final = ("extract/visibility/forms.py", "tests/test_extract_visibility.py -k thresholds")
_COLOURS: Final = ("extract/visibility/colours.py", "tests/test_extract_visibility.py -k thresholds")
_STATUS: Final = ("page_status/target_status.py", "tests/test_pipelines_check_targets.py -k nonsense")
_CLAIMS: Final = ("history/claim_check.py", "tests/test_history_claim_check.py")
_WALLS: Final = ("page_status/walls/__init__.py", "tests/test_page_status_walls.py")
_SIGNS: Final = ("page_status/walls/signs.py", "tests/test_page_status_walls.py")
_SOFT_404: Final = ("page_status/soft_404/__init__.py", "tests/test_page_status_soft_404.py")
_STEPS: Final = ("settings.py", "tests/test_pipelines.py")

# ((file below backlinkbot, its tests), the text that stands in it once, what it becomes)
TABLE: Final[tuple[tuple[tuple[str, str], str, str], ...]] = (
    # verdicts
    (_DIRECTIVES, '{"nofollow", "ugc", "sponsored"}', '{"nofollow", "ugc"}'),
    (_DIRECTIVES, 'NOFOLLOW_DIRECTIVES: Final = frozenset({"nofollow", "none"})', 'NOFOLLOW_DIRECTIVES: Final = frozenset({"nofollow"})'),
    (_DIRECTIVES, 'NOINDEX_DIRECTIVES: Final = frozenset({"noindex", "none"})', 'NOINDEX_DIRECTIVES: Final = frozenset({"noindex"})'),
    (_DIRECTIVES, 'r"[\\s,]+"', 'r"\\s+"'),
    (_DIRECTIVES, 'r"[\\s;]+"', 'r"\\s+"'),
    (_DIRECTIVES, "map(str.lower, rel)", "rel"),
    (_DIRECTIVES, "name.strip().lower()", "name.strip()"),
    (_DIRECTIVES, "content.lower().split", "content.split"),
    (_DIRECTIVES, '("robots" if name == "*" else name)', "name"),
    (_DIRECTIVES, 'for value in values:\n        who = "robots"', 'who = "robots"\n    for value in values:'),
    (_DIRECTIVES, ", *closed_by]", "]"),
    (_DIRECTIVES, '"max-video-preview", ', ""),
    # targets
    (_TARGETS, "Scope.SUBDOMAINS if path", "Scope.DOMAIN if path"),
    (_TARGETS, 'for wanted in {"", port}', "for wanted in {port}"),
    (_TARGETS, "            if is_own:\n", "            if True:\n"),
    (_TARGETS, "if path.startswith(prefix):", "if True:"),
    (_TARGETS, "bisect_right(self._sorted, path)", "bisect_right(self._sorted, path) - 1"),
    (_TARGETS, "            prefix = self._parent[prefix]", "            prefix = None"),
    (_TARGETS, ".union(self.match(page))", ""),
    # rules of robots.txt
    (_RULES, "not rule.is_allowed))", "rule.is_allowed))"),
    (_RULES, "(-len(rule.pattern)", "(len(rule.pattern)"),
    (_RULES, 'if path == "/robots.txt"', "if False"),
    (_RULES, "MAX_BYTES: Final = 500 * 1024", "MAX_BYTES: Final = 50 * 1024"),
    (_RULES, "max(delays, default=None)", "min(delays, default=None)"),
    (_RULES, "return not is_anchored or path == first", "return True"),
    (_RULES, "found[0].lower() == name", "found[0] == name"),
    (_RULES, "if group.agents and value:", "if group.agents:"),
    (_RULES, "else escape[0].upper()", "else escape[0]"),
    # changes between visits
    (_DIFF, "timedelta(hours=20)", "timedelta(hours=2)"),
    (_DIFF, ">= SURE_AFTER", "> SURE_AFTER"),
    (_DIFF, "if observation.outcome not in TELLING:", "if False:"),
    (_DIFF, "missing = sorted(self._expected() - shown.keys()) if is_proof else []", "missing = sorted(self._expected() - shown.keys())"),
    (_DIFF, "key.target in self.targets and ", ""),
    (_DIFF, "if bool(before) != bool(after)", "if before != after"),
    (_DIFF, "if len(keys) == 1 and len(went", "if len(went"),
    (_DIFF, "bool(comparison.changes) and page.visits > 0", "bool(comparison.changes)"),
    (_DIFF, "failing_since = failing_since or observation.at", "failing_since = observation.at"),
    # addresses
    (_URLS, '.removeprefix("www.").partition("?")', '.partition("?")'),
    (_URLS, 'keys.append((path.rstrip("/"), query))', "keys.append((path, query))"),
    (_URLS, 'return hostname.removesuffix(".")', "return hostname"),
    (_URLS, "include_psl_private_domains=True", "include_psl_private_domains=False"),
    (_URLS, 'port = f":{url.port}" if url.port else ""', 'port = ""'),
    (_URLS, 'if "@" in location.partition("/")[0]:', "if False:"),
    (_URLS, 'return f"{scheme}//{rest.partition(\'@\')[2]}"', "return location"),
    # escapes against CSV injection
    (_CSV, '"=+-@"', '"=+-"'),
    (_CSV, 'SEPARATORS: Final = ";|', 'SEPARATORS: Final = "|'),
    (_CSV, "rf\"['\\t\\r\\n]|{_IGNORED}", 'rf"[\\t\\r\\n]|{_IGNORED}'),
    (_CSV, "first.isascii() and first.isalnum()", "first.isascii()"),
    (_CSV, "return GUARD + text if", "return text if"),
    # thresholds of hiding
    (_COLOURS, "LEAST_ALPHA: Final = 0.05", "LEAST_ALPHA: Final = 0.4"),
    (_COLOURS, "LEAST_CONTRAST: Final = 1.1", "LEAST_CONTRAST: Final = 1.2"),
    (_FORMS, "FAR: Final = 500", "FAR: Final = 1500"),
    (_FORMS, "FAR: Final = 500", "FAR: Final = 400"),
    (_FORMS, "TINY: Final = 1", "TINY: Final = 3"),
    (_FORMS, "TINY: Final = 1", "TINY: Final = 0"),
    (_FORMS, "other >= 2 * FAR", "other >= FAR"),
    # thresholds of pages that say that there is none, of claims and of walls
    (_STATUS, "ALIKE: Final = 0.9", "ALIKE: Final = 0.5"),
    (_STATUS, "ALIKE: Final = 0.9", "ALIKE: Final = 0.95"),
    (_CLAIMS, "SHORTEST_CUT: Final = 50", "SHORTEST_CUT: Final = 10"),
    (_CLAIMS, "0 < claim.confidence <= NAMED", "0 < claim.confidence < NAMED"),
    (_SOFT_404, "_ENOUGH: Final = 2", "_ENOUGH: Final = 1"),
    (_SOFT_404, "_PROSE: Final = ((120, 1), (300, 1), (700, 2))", "_PROSE: Final = ()"),
    (_WALLS, "_VERY_LITTLE: Final = 60", "_VERY_LITTLE: Final = 2"),
    (_WALLS, "_FEW_LINKS: Final = 12", "_FEW_LINKS: Final = 1200"),
    (_WALLS, "FEW_TAGS: Final = 100", "FEW_TAGS: Final = 0"),
    (_SIGNS, "FEW: Final = 150", "FEW: Final = 1500"),
    (_SIGNS, "answer.words <= sign.words", "True"),
    (_SIGNS, "wanted.search(answer.asked) is None", "True"),
    # the order of the steps
    (_STEPS, '"backlinkbot.pipelines.drop.DropDuplicates": 400', '"backlinkbot.pipelines.drop.DropDuplicates": 90'),
    (_STEPS, '"backlinkbot.pipelines.judge.JudgeBacklinks": 300', '"backlinkbot.pipelines.judge.JudgeBacklinks": 50'),
)  # fmt: skip
MUTANTS: Final = tuple(Mutant(file, old, new, tests) for (file, tests), old, new in TABLE)


def main(words: list[str]) -> int:
    """Apply each mutant in a copy, run its tests, and print what became of it.

    Returns:
        0 where every mutant was killed, 1 where one survived or the table does not fit the code.
    """
    chosen = [one for one in MUTANTS if not words or any(word in f"{one.file} {one.tests}" for word in words)]
    verdicts: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = _copied(Path(folder))
        sound = {tests: _run(copy, tests) == PASSED for tests in dict.fromkeys(one.tests for one in chosen)}
        for mutant in chosen:
            verdict = _verdict(copy, mutant) if sound[mutant.tests] else "its tests fail without it"
            verdicts.append(verdict)
            print(f"{verdict:9} {mutant.file}: {mutant.old!r} -> {mutant.new!r}", flush=True)
    print(f"{verdicts.count('killed')} of {len(chosen)} killed")
    return int(verdicts.count("killed") != len(chosen))


def _copied(folder: Path) -> Path:
    for name in COPIED:
        place = ROOT / name
        if place.is_dir():
            shutil.copytree(place, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(place, folder / name)
    return folder


def _verdict(copy: Path, mutant: Mutant) -> str:
    file = copy / "backlinkbot" / mutant.file
    if not file.is_file():
        return "no such file"
    text = file.read_text(encoding="utf-8")
    if text.count(mutant.old) != 1:
        return f"stands there {text.count(mutant.old)} times"
    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    try:
        result = _run(copy, mutant.tests)
    finally:
        file.write_text(text, encoding="utf-8")
    return {PASSED: "SURVIVED", FAILED: "killed"}.get(result, f"pytest ended with {result}")


def _run(copy: Path, tests: str) -> int:
    # Nothing compiled is kept: a mutant of the same length and second would be taken for the original.
    environ = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests.split()]
    try:
        done = subprocess.run(command, cwd=copy, env=environ, capture_output=True, timeout=LONGEST, check=False)
    except subprocess.TimeoutExpired:
        return FAILED
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
