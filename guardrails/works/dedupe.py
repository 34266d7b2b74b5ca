"""Which works of a collection are the same document: found from their fingerprints alone.

MinHash over short stretches of words or tokens (Broder, "On the resemblance and containment of
documents", 1997) in bands gives candidates, and their stretches in common decide. It tells the same
document, never one that holds a passage of another: that is what the finders are for.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from guardrails.works.fingerprint import Detail, Seeds
from guardrails.works.passages.seeding import seeds
from guardrails.works.store import Store
from guardrails.works.work import Consent, Kind, Work

LEAST = 0.8
"""Stretches in common, of all that either has, from which on two works are one document."""
WIDTHS: Mapping[Kind, int] = {Kind.TEXT: 5, Kind.CODE: 12}
"""Words or tokens of a stretch."""
HASHES = 64
ROWS = ((0.7, 4), (0.4, 2), (0.0, 1))
"""Hashes that make a band, by the share from which on works are the same: two that have just so
much in common, be it 0.1, share one of the bands with a chance of 0.98 or more."""
_BLOCK = 1 << 14
_PAGE = 1000
_HALF = np.uint64(32)
_STRICTEST = (Consent.TAKEN_DOWN, Consent.OPTED_OUT, Consent.UNKNOWN, Consent.ALLOWED)

_CHANCE = np.random.default_rng(0x6D696E)
_FACTORS = _CHANCE.integers(1, 1 << 64, HASHES, np.uint64) | np.uint64(1)
_TERMS = _CHANCE.integers(0, 1 << 64, HASHES, np.uint64)

Keys: TypeAlias = Iterable[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Group:
    """Works that are one document: the one to keep, and those that repeat it.

    The one to keep is that whose owner allows the least, and of these the first by its id.
    """

    kept: Work
    others: tuple[Work, ...]

    @property
    def removable(self) -> tuple[Work, ...]:
        """Those that say nothing new: they have the owner of the one that is kept."""
        return tuple(work for work in self.others if work.owner == self.kept.owner)


@dataclass(slots=True)
class _Open:
    """A group as it grows; all are compared to the first."""

    number: int
    works: list[Work] = field(default_factory=list)

    def closed(self) -> Group:
        kept, *others = sorted(self.works, key=lambda work: _STRICTEST.index(work.consent))
        return Group(kept, tuple(others))


def groups(
    store: Store,
    collection: str,
    *,
    least: float = LEAST,
    each: Callable[[], None] = lambda: None,
) -> Sequence[Group]:
    """Give the groups of a collection by their first ids; ``each`` is called after each work."""
    known: dict[tuple[Kind, str, bytes], _Open] = {}
    found: list[_Open] = []
    for number, work in _numbered(store, collection):
        detail = store.detail(number)
        keys = [(work.kind, *key) for key in _keys(work, detail, least)]
        same = _same(store, [known[key] for key in keys if key in known], work, detail, least)
        if same is None:
            same = _Open(number)
            found.append(same)
        same.works.append(work)
        known.update((key, same) for key in keys if key not in known)
        each()
    return [one.closed() for one in found if len(one.works) > 1]


def _numbered(store: Store, collection: str) -> Iterator[tuple[int, Work]]:
    after = ""
    while page := store.works(collection, after=after, limit=_PAGE):
        numbers = store.numbers(collection, [work.id for work in page])
        yield from ((numbers[work.id], work) for work in page if work.id in numbers)
        after = page[-1].id


def _same(
    store: Store, candidates: list[_Open], work: Work, detail: Detail, least: float
) -> _Open | None:
    """Give the group that a work belongs to."""
    distinct = list({one.number: one for one in candidates}.values())
    if work.kind not in WIDTHS:
        return distinct[0] if distinct else None
    mine = _stretches(work.kind, detail)
    for one in distinct:
        if _exact(one, work) or _alike(mine, store.detail(one.number), work.kind) >= least:
            return one
    return None


def _exact(one: _Open, work: Work) -> bool:
    return bool(work.content_hash) and one.works[0].content_hash == work.content_hash


def _alike(mine: Seeds, other: Detail, kind: Kind) -> float:
    theirs = _stretches(kind, other)
    common = len(np.intersect1d(mine, theirs, assume_unique=True))
    return common / max(len(mine) + len(theirs) - common, 1)


def _keys(work: Work, detail: Detail, share: float) -> Keys:
    """Give what a work may have in common with its copies."""
    if work.content_hash:
        yield "content", work.content_hash.encode()
    if work.kind is Kind.NAME:
        yield "name", " ".join(work.title.casefold().split()).encode()
    elif work.kind in WIDTHS:
        if len(stretches := _stretches(work.kind, detail)):
            rows = next(rows for least, rows in ROWS if share >= least)
            for number, band in enumerate(_least(stretches).reshape(-1, rows)):
                yield f"band {number}", band.tobytes()
    elif detail.size:
        yield "detail", hashlib.sha256(detail.tobytes()).digest()


def _stretches(kind: Kind, detail: Detail) -> Seeds:
    width = min(WIDTHS[kind], len(detail))
    return np.unique(seeds(detail, width)) if width else np.zeros(0, np.uint32)


def _least(stretches: Seeds) -> NDArray[np.uint32]:
    """Give the least of all stretches under each of many hashes."""
    least = np.full(len(_FACTORS), (1 << 32) - 1, np.uint32)
    for start in range(0, len(stretches), _BLOCK):
        block = stretches[start : start + _BLOCK].astype(np.uint64)
        for row, (factor, term) in enumerate(zip(_FACTORS, _TERMS, strict=True)):
            least[row] = min(least[row], ((block * factor + term) >> _HALF).min())
    return least
