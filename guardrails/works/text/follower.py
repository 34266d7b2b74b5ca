"""Looking a text up while it is still being written."""

from collections.abc import Sequence
from dataclasses import replace

from guardrails.core.view import Span
from guardrails.works.match import Match
from guardrails.works.text.finder import TextFinder

STEP = 100
"""Characters, some 16 words, after which it looks again."""
CONTEXT = 2_000
"""Characters before those that it looks at again with them."""
COPY = 0.5


class Follower:
    """Is fed a text in chunks, and tells of each copied passage once, when it is long enough.

    It looks at the newest characters and some before them, so that all looks together cost a
    fixed multiple of one; ``end`` looks at the whole.
    """

    def __init__(self, finder: TextFinder) -> None:
        self._finder = finder
        self._chunks: list[str] = []
        self._tail = ""
        self._offset = 0
        self._looked = 0
        self._told: dict[str, list[Span]] = {}

    def feed(self, chunk: str) -> Sequence[Match]:
        """Take the next characters; give the copies that have not been told yet."""
        self._chunks.append(chunk)
        self._tail += chunk
        if self._offset + len(self._tail) - self._looked < STEP:
            return ()
        found = [match for match in map(self._moved, self._finder.find(self._tail)) if match]
        self._looked = self._offset + len(self._tail)
        if (begin := self._tail.find(" ", len(self._tail) - CONTEXT)) > 0:
            self._offset += begin
            self._tail = self._tail[begin:]
        return found

    def end(self) -> Sequence[Match]:
        """Give what ``TextFinder.find`` gives for the whole text."""
        return self._finder.find("".join(self._chunks))

    def _moved(self, match: Match) -> Match | None:
        """Tell where it is in the whole text, if it is a copy and news."""
        if match.score < COPY or not isinstance(match.where, Span):
            return None
        where = Span(match.where.start + self._offset, match.where.end + self._offset)
        told = self._told.setdefault(match.work.id, [])
        if where.end <= self._looked or any(map(where.overlaps, told)):
            return None
        told.append(where)
        return replace(match, where=where)
