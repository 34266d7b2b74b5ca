"""Which stretches of a text stand in the works of a collection, word for word or nearly."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from guardrails.core.view import Span
from guardrails.works.match import Match
from guardrails.works.passages.searching import Search
from guardrails.works.passages.stream import Passage, Stream
from guardrails.works.store import Store
from guardrails.works.text.fingerprints import WIDTH
from guardrails.works.text.quotations import quotations, quoted
from guardrails.works.text.rarity import weights
from guardrails.works.text.words import Words, words
from guardrails.works.work import Kind

MATCHED_WORDS = 20
"""Chance makes up to about ten words equal; see ``benchmarks works_text``."""
ALLOW_QUOTATION = 25
_STEEP = 4
"""How fast the score leaves 0.5: half the words make 0.06, twice as many 0.94."""


@dataclass(frozen=True, slots=True)
class TextFinder:
    """Looks texts up in the works of a collection.

    A stretch is a copy (its score is 0.5 or more) from ``matched_words`` equal words on, whatever
    was changed between them, or from ``longest_run`` words in one run on; either may be left out,
    and ``matched_words`` is 20 when both are. A stretch of at most ``allow_quotation`` words
    inside quotation marks is none. Works that may be copied are found like all others: see
    ``Match.work.consent``.
    """

    store: Store
    collection: str
    longest_run: int | None = None
    matched_words: int | None = None
    allow_quotation: int = ALLOW_QUOTATION

    def find(self, text: str) -> Sequence[Match]:
        """Give matches, weak ones too, by evidence: from about eight equal words on."""
        read = words(text)
        search = Search(self.store, self.collection, Kind.TEXT, WIDTH)
        found = search.passages(Stream(read.hashes, weights(read.hashes)))
        return tuple(self._matches(read, self._unquoted(text, read, found))) if found else ()

    def _unquoted(self, text: str, read: Words, found: Sequence[Passage]) -> list[Passage]:
        """Leave out what is quoted, and short enough for it."""
        marked = quotations(text)
        return [
            passage
            for passage in found
            if passage.end - passage.start > self.allow_quotation
            or not quoted(_where(read, passage), marked)
        ]

    def _matches(self, read: Words, found: Sequence[Passage]) -> Iterator[Match]:
        works = self.store.numbered({passage.work for passage in found})
        for passage in found:
            if passage.work in works:
                yield Match(
                    works[passage.work],
                    self._score(passage),
                    _where(read, passage),
                    passage.place + 1,
                    passage.place_end,
                    matched=passage.matched,
                    changed=passage.changed,
                    longest=passage.longest,
                    share=passage.matched / len(read),
                )

    def _score(self, passage: Passage) -> float:
        """Compare with what was set: as much as that is 0.5."""
        enough = self.matched_words
        if enough is None and self.longest_run is None:
            enough = MATCHED_WORDS
        measures = ((passage.matched, enough), (passage.longest, self.longest_run))
        reached = max(count / least for count, least in measures if least is not None)
        return reached**_STEEP / (1 + reached**_STEEP)


def _where(read: Words, passage: Passage) -> Span:
    return Span(int(read.starts[passage.start]), int(read.ends[passage.end - 1]))
