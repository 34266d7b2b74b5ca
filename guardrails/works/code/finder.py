"""Which stretches of an answer are code of the works of a collection, renamed or not."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from guardrails.core.view import Span
from guardrails.works.code.aligning import filled, runs
from guardrails.works.code.answers import read
from guardrails.works.code.evidence import Worth, costs, novelty, worth
from guardrails.works.code.fingerprints import SEED, detail, stretches
from guardrails.works.code.lexing import Tokens
from guardrails.works.code.pairs import Pairs
from guardrails.works.code.segments import passages
from guardrails.works.match import Match
from guardrails.works.passages.chaining import Candidate, candidates
from guardrails.works.passages.hitting import Index
from guardrails.works.passages.stream import Passage
from guardrails.works.store import Store
from guardrails.works.work import Kind

MATCHED_TOKENS = 40
"""One to four in a thousand unrelated functions of Python reach it; see docs/works.md."""
LINES = 1
"""Bundled code has all of it on one line."""
MOST = 48
"""Places in the works from which on a stretch is common and tells nothing."""
TRIED = 8
"""Candidates that are aligned for every 256 tokens of an answer."""
MARGIN = 64
"""Tokens of a work on both sides of its hits that are looked at."""
_STEEP = 4
"""How fast the score leaves 0.5: half the tokens make 0.06, twice as many 0.94."""


@dataclass(frozen=True, slots=True)
class CodeFinder:
    """Looks answers up in the code of a collection, whether it stands in fences, in prose or alone.

    A stretch is a copy (its score is 0.5 or more) from ``matched_tokens`` tokens on, if they
    stand on so many ``lines`` of the work. Tokens are counted by what they tell: one of
    middling worth is one, a name that was kept is more, one that was changed in places only is
    less than none; ten lines have 60 to 90. Works that may be copied are found like all others:
    see ``Match.work``, and ``licences.allowed``.
    """

    store: Store
    collection: str
    matched_tokens: int = MATCHED_TOKENS
    lines: int = LINES

    def find(self, text: str) -> Sequence[Match]:
        """Give matches, weak ones too, by evidence: from about six tokens on."""
        tokens, code = read(text)
        found = self._passages(tokens)
        return tuple(self._matches(tokens, code, found)) if found else ()

    def _passages(self, tokens: Tokens) -> list[Passage]:
        every = stretches(tokens)
        index = Index(self.store, self.collection, Kind.CODE, MOST)
        hit = index.hit(every.seeds, every.places.astype(np.int64))
        most = TRIED * (1 + len(tokens) // 256)
        by_work: defaultdict[int, list[Candidate]] = defaultdict(list)
        for candidate in candidates(hit, np.arange(len(tokens) + 1.0), SEED, most):
            by_work[candidate.work].append(candidate)
        news = novelty(tokens)
        found = [
            passage
            for work, chosen in by_work.items()
            for passage in self._of(work, chosen, tokens, news)
        ]
        return sorted(found, key=lambda one: (-one.evidence, one.start, one.work))

    def _of(
        self, work: int, chosen: Sequence[Candidate], tokens: Tokens, news: Worth
    ) -> Iterator[Passage]:
        """Align an answer with one work around what they share."""
        positions = np.concatenate([one.positions for one in chosen])
        places = np.concatenate([one.places for one in chosen])
        first = max(0, int(places.min()) - MARGIN)
        ours, kept = (
            detail(tokens),
            self.store.detail(work, first, int(places.max()) + SEED + MARGIN),
        )
        blocks = filled(ours, kept, runs(ours, kept, positions, places - first))
        if not len(blocks):  # the hashes of different stretches were the same, or it was removed
            return
        pairs = Pairs.of(blocks)
        gained = worth(tokens, kept, pairs) * news[pairs.subject]
        gains = np.add.reduceat(gained, np.cumsum(blocks[:, 2]) - blocks[:, 2])
        yield from passages(work, blocks + np.array([0, first, 0]), gains, costs(blocks))

    def _matches(self, tokens: Tokens, code: int, found: Sequence[Passage]) -> Iterator[Match]:
        works = self.store.numbered({passage.work for passage in found})
        for passage in found:
            if passage.work in works:
                start, end = self._lines(passage)
                yield Match(
                    works[passage.work],
                    self._score(passage.evidence, end - start + 1),
                    Span(int(tokens.starts[passage.start]), int(tokens.ends[passage.end - 1])),
                    start,
                    end,
                    matched=passage.matched,
                    changed=passage.changed,
                    longest=passage.longest,
                    share=min(1.0, passage.matched / code),
                )

    def _lines(self, passage: Passage) -> tuple[int, int]:
        """Give the first and the last line of the work."""
        lines = self.store.lines(passage.work)
        start, end = np.searchsorted(lines, [passage.place, passage.place_end - 1], "right")
        return int(start), int(end)

    def _score(self, evidence: float, lines: int) -> float:
        """Compare with what was set: as much as that is 0.5."""
        reached = evidence / self.matched_tokens
        if lines < self.lines:
            reached = min(reached, lines / self.lines)
        return reached**_STEEP / (1 + reached**_STEEP)
