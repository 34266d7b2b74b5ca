"""Do-not-copy lists: texts that an owner does not hand over, as salted hashes of their words.

A text is cut into tiles of ``WIDTH`` words that do not overlap; each is hashed by HMAC-SHA-256
under the salt of the list, cut to 32 bits and sorted. Every stretch of words of an answer is hashed
alike, so that a copied run holds whole tiles wherever it begins. Tiles overlap no other and their
order is lost, or else a text could be guessed word by word from its beginning on.
"""

import base64
import hmac
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from guardrails.core.view import Span
from guardrails.works.errors import WorksError
from guardrails.works.fingerprint import Fingerprint, Seeds
from guardrails.works.match import Match
from guardrails.works.store import Store
from guardrails.works.text.words import Words, words
from guardrails.works.work import Kind, Work

WIDTH = 8
"""Words of a tile. More are harder to guess, and ask for longer copies."""
MATCHED_WORDS = 24
"""A copy holds three tiles or more: each run of 31 words or more of an original does."""
SALT = 8
"""Bytes of a salt."""
_GAP = 2 * WIDTH
"""Words between tiles of one stretch: as many as two that were changed."""
_COMMON = 32
"""A tile that stands in more works tells nothing."""
_MARK = 0
"""A hash that stands for no tile, and that every work of a list has: by it they are found."""
_ALL = 1 << 30
_STEEP = 4


@dataclass(frozen=True, slots=True)
class HashedFinder:
    """Looks texts up in the do-not-copy lists of a collection.

    A stretch is a copy (its score is 0.5 or more) from ``matched_words`` words on that stand in
    whole tiles. Where it stands in the work is not known.
    """

    store: Store
    collection: str
    matched_words: int = MATCHED_WORDS
    _known: dict[int, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Salts by the numbers of works, which are never used again."""

    def find(self, text: str) -> Sequence[Match]:
        """Give matches, weak ones too, by what they hold: from two tiles on."""
        read = words(text)
        found = [match for salt in self.salts() for match in self._matches(read, tiles(read, salt))]
        return sorted(found, key=lambda match: -match.matched)

    def salts(self) -> Sequence[str]:
        """Give the salts of the lists that are there now: every work of one holds the mark."""
        mark = np.array([_MARK], np.uint32)
        marked = self.store.hits(self.collection, Kind.HASHED, mark, most=_ALL).work.tolist()
        if unknown := set(marked) - self._known.keys():
            for number, work in self.store.numbered(unknown).items():
                self._known[number] = work.id.partition("/")[0]
        return sorted({self._known[number] for number in marked if number in self._known})

    def _matches(self, read: Words, hashes: Seeds) -> Iterator[Match]:
        distinct, rows = np.unique(hashes, return_inverse=True)
        hits = self.store.hits(self.collection, Kind.HASHED, distinct, most=_COMMON)
        works = self.store.numbered(set(hits.work.tolist()))
        for number, work in works.items():
            known = np.isin(rows, hits.seed[hits.work == number])
            for stretch in _stretches(np.flatnonzero(known)):
                yield self._match(work, read, stretch)

    def _match(self, work: Work, read: Words, stretch: NDArray[np.intp]) -> Match:
        start, end = int(stretch[0]), int(stretch[-1]) + WIDTH
        gaps = np.maximum(np.diff(stretch) - WIDTH, 0)
        changed = int(gaps.sum())
        reached = (end - start - changed) / self.matched_words
        return Match(
            work,
            reached**_STEEP / (1 + reached**_STEEP),
            Span(int(read.starts[start]), int(read.ends[end - 1])),
            matched=end - start - changed,
            changed=changed,
            longest=max(int(part[-1] - part[0]) + WIDTH for part in _parted(stretch, WIDTH)),
            share=(end - start - changed) / len(read),
            how="by hashes of its words",
        )


def _stretches(positions: NDArray[np.intp]) -> Iterator[NDArray[np.intp]]:
    """Give tiles that stand near each other, two of them or more."""
    for stretch in _parted(positions, WIDTH + _GAP):
        if len(stretch) and stretch[-1] - stretch[0] >= WIDTH:
            yield stretch


def _parted(positions: NDArray[np.intp], reach: int) -> list[NDArray[np.intp]]:
    return np.split(positions, np.flatnonzero(np.diff(positions) > reach) + 1)


def tiles(read: Words, salt: str) -> Seeds:
    """Hash the tile that begins at each word; none begins at the last ones."""
    key, held = salt.encode(), read.hashes.astype("<u2").tobytes()
    hashed = [
        hmac.digest(key, held[start : start + 2 * WIDTH], "sha256")[:4]
        for start in range(0, 2 * (len(read) - WIDTH + 1), 2)
    ]
    return np.maximum(np.frombuffer(b"".join(hashed), "<u4").astype(np.uint32), _MARK + 1)


def new_salt() -> str:
    """Draw a salt that no other list has."""
    return secrets.token_hex(SALT)


def packed(text: str, salt: str) -> str:
    """Hash the tiles of a text, and write them as a line of a list has them.

    Raises:
        WorksError: it is too short to be told from chance.
    """
    read = words(text)
    if len(read) < MATCHED_WORDS:
        raise WorksError(f"has {len(read)} words, {MATCHED_WORDS} are needed")
    kept = np.unique(tiles(read, salt)[::WIDTH])
    return base64.b64encode(kept.astype("<u4").tobytes()).decode()


def fingerprint(hashes: str) -> Fingerprint:
    """Give what an index keeps of a text that was packed.

    Raises:
        WorksError: it is damaged.
    """
    try:
        kept = np.frombuffer(base64.b64decode(hashes, validate=True), "<u4")
    except ValueError:
        raise WorksError("its hashes are damaged, make the list anew") from None
    distinct = np.unique(np.append(kept, np.uint32(_MARK)).astype(np.uint32))
    return Fingerprint(distinct, np.zeros(len(distinct), np.uint32))
