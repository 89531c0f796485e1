"""Recognises pages that repeat a visited page, by their address before a visit and by their content after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from backlinkbot import urls
from backlinkbot.frontier.duplicates import Duplicates
from backlinkbot.frontier.parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Callable

    from backlinkbot.frontier.features import PageFeatures
    from backlinkbot.frontier.linked_hosts import SavedHashes
    from backlinkbot.frontier.marks import PageMarks


class Repeats:
    """The addresses of visited pages without parameters that do not change them, and the content of the latest pages."""

    def __init__(self, hashes: SavedHashes, count: Callable[[str], object]) -> None:
        """``hashes`` takes the addresses; ``count`` is called with the name of a stat."""
        self._addresses = hashes
        self._count = count
        self._duplicates = Duplicates()
        self.parameters = Parameters()

    # --- before a visit ---

    def is_repeat(self, page: PageFeatures) -> bool:
        """True if the page was visited at an address that differs in nothing but parameters that do not change it."""
        if not page.pairs or not self.parameters.has_ignored(page.host):
            return False
        return self.parameters.address(page.host, page.path, page.pairs) in self._addresses

    def defers(self, page: PageFeatures) -> bool:
        """True if a page that has its turn is deferred as a repeat; if not, its address counts as visited."""
        if page.pairs and self.is_repeat(page) and not self.parameters.is_let_through(page.host):
            self._count("same_page")
            return True
        if page.pairs:
            self.note_address(page)
        return False

    # --- after it ---

    def note_address(self, page: PageFeatures) -> None:
        """Notes that the address of a page is visited."""
        address = self.parameters.address(page.host, page.path, page.pairs)
        if page.pairs or self.parameters.has_ignored(page.host):
            self._addresses.save(address)
        else:
            self._addresses.add_unsaved(address)

    def compare(self, page: PageFeatures, marks: PageMarks) -> tuple[bool, list[int]]:
        """Compares a visited page with earlier ones.

        Returns:
            True if it repeats one whose address differs in more than a parameter; the parameters of its host that are
            ignored, or no longer ignored, from now on.
        """
        changed: list[int] = []
        if page.pairs:
            is_alike, changed = self.parameters.learn(page.host, page.path, page.pairs, marks)
            for name in changed:
                self._note_change(page.host, name)
            if is_alike:
                return False, changed
        return self._duplicates.is_duplicate(urls.registrable_domain(page.host), marks), changed

    def _note_change(self, host: str, name: int) -> None:
        """Notes that a parameter is ignored from now on, or no longer: the visited pages of the host have other addresses."""
        if self.parameters.is_ignored(host, name):
            self._count("ignored_parameters")
        for address in self.parameters.addresses(host):
            self._addresses.save(address)
