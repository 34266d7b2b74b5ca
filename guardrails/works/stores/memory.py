"""Works in the memory of one process: for tests, and for collections made anew at each start."""

import threading
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from guardrails.works.fingerprint import Detail, Fingerprint, Hits, Places, Seeds, Vector
from guardrails.works.journal import ACTS, START, Anchor, Entry, chained
from guardrails.works.store import EVERY, Credit, Credited, Near, Query, Record
from guardrails.works.stores.fitting import checked, fits, standing
from guardrails.works.work import Consent, Kind, Work


@dataclass(frozen=True, slots=True)
class _Kept:
    collection: str
    work: Work
    fingerprint: Fingerprint


class MemoryStore:
    """All in dictionaries, which makes it the plainest of the stores: the others are held to it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._next = 1
        self._kept: dict[int, _Kept] = {}
        self._numbers: defaultdict[str, dict[str, int]] = defaultdict(dict)
        self._seeds: defaultdict[tuple[str, Kind], dict[int, list[tuple[int, int]]]]
        self._seeds = defaultdict(dict)
        self._journal: list[Record] = []
        self._ledger: dict[tuple[str, str, str], Credit] = {}

    def put(self, collection: str, works: Sequence[tuple[Work, Fingerprint]], reason: str) -> None:
        """Add works; see ``Store``."""
        last = {work.id: (work, checked(work, fingerprint)) for work, fingerprint in works}
        with self._lock:
            said = {old.id: old.consent for old in self._drop(collection, last)}
            for work, fingerprint in last.values():
                new = standing(work, said.get(work.id))
                self._keep(_Kept(collection, new, fingerprint))
            self._note("add", collection, (work for work, _ in last.values()), reason)

    def remove(self, collection: str, ids: Collection[str], reason: str) -> int:
        """Drop works; see ``Store``."""
        with self._lock:
            gone = self._drop(collection, ids)
            self._note("remove", collection, gone, reason)
        return len(gone)

    def consent(self, collection: str, ids: Collection[str], consent: Consent, reason: str) -> int:
        """Note what owners have said; see ``Store``."""
        with self._lock:
            there = self._numbers[collection]
            numbers = [there[identity] for identity in sorted(set(ids)) if identity in there]
            for number in numbers:
                kept = self._kept[number]
                self._kept[number] = replace(kept, work=replace(kept.work, consent=consent))
            works = (self._kept[number].work for number in numbers)
            self._note(ACTS[consent], collection, works, reason)
        return len(numbers)

    def get(self, collection: str, identity: str) -> Work | None:
        """Give the work of this id."""
        with self._lock:
            number = self._numbers[collection].get(identity)
            return None if number is None else self._kept[number].work

    def works(
        self, collection: str, query: Query = EVERY, *, after: str = "", limit: int = 100
    ) -> Sequence[Work]:
        """Give works by id, those behind ``after``."""
        with self._lock:
            kept = [self._kept[number].work for number in self._numbers[collection].values()]
        found = [work for work in kept if work.id > after and fits(work, query)]
        return sorted(found, key=lambda work: work.id)[:limit]

    def collections(self) -> Mapping[str, Mapping[Kind, int]]:
        """Tell how many works of each kind every collection has."""
        counts: defaultdict[str, Counter[Kind]] = defaultdict(Counter)
        with self._lock:
            for kept in self._kept.values():
                counts[kept.collection][kept.work.kind] += 1
        return {name: dict(kinds) for name, kinds in sorted(counts.items())}

    def journal(self) -> Iterator[Record]:
        """Give every record, oldest first."""
        return iter(tuple(self._journal))

    def numbered(self, numbers: Collection[int]) -> Mapping[int, Work]:
        """Give works by their numbers."""
        with self._lock:
            return {n: self._kept[n].work for n in map(int, numbers) if n in self._kept}

    def numbers(self, collection: str, ids: Collection[str]) -> Mapping[str, int]:
        """Tell the numbers of works by their ids."""
        with self._lock:
            there = self._numbers[collection]
            return {identity: there[identity] for identity in ids if identity in there}

    def hits(self, collection: str, kind: Kind, seeds: Seeds, *, most: int) -> Hits:
        """Find seeds; see ``Store``."""
        with self._lock:
            there = self._seeds[collection, kind]
            found = [(row, there.get(seed, ())) for row, seed in enumerate(seeds.tolist())]
            rows = [
                (row, *place) for row, places in found if len(places) <= most for place in places
            ]
        columns = np.array(rows, np.uint32).reshape(-1, 3).T
        return Hits(columns[0], columns[1], columns[2])

    def detail(self, work: int, start: int = 0, end: int | None = None) -> Detail:
        """Give rows of a work's detail."""
        kept = self._kept.get(work)
        return kept.fingerprint.detail[start:end] if kept else np.zeros(0, np.uint16)

    def lines(self, work: int) -> Places:
        """Give the first token of each line of code."""
        kept = self._kept.get(work)
        return kept.fingerprint.lines if kept else np.zeros(0, np.uint32)

    def near(self, collection: str, vector: Vector, *, limit: int) -> Sequence[Near]:
        """Find the pictures whose vectors point the same way, nearest first."""
        near = [
            Near(number, float(kept.fingerprint.vector @ vector))
            for number, kept in self._pictures(collection)
            if len(kept.fingerprint.vector) == len(vector)
        ]
        return sorted(near, key=lambda one: -one.cosine)[:limit]

    def alike(
        self, collection: str, hashes: Sequence[bytes], *, within: int
    ) -> Sequence[tuple[int, int]]:
        """Find pictures by perceptual hash; see ``Store``."""
        wanted = [int.from_bytes(one) for one in hashes]
        found = [
            (number, min(((int.from_bytes(mine) ^ one).bit_count() for one in wanted), default=999))
            for number, kept in self._pictures(collection)
            if (mine := kept.fingerprint.hash)
        ]
        return sorted((one for one in found if one[1] <= within), key=lambda one: one[1])

    def credit(self, credits_: Sequence[Credit]) -> int:
        """Note what is owed; see ``Store``."""
        with self._lock:
            before = len(self._ledger)
            for one in credits_:
                self._ledger.setdefault((one.verdict, one.collection, one.work), one)
            return len(self._ledger) - before

    def credits(
        self, since: datetime, until: datetime, *, collection: str = ""
    ) -> Sequence[Credited]:
        """Sum what is owed; see ``Store``."""
        owed: defaultdict[str, list[Credit]] = defaultdict(list)
        with self._lock:
            for one in self._ledger.values():
                if since <= one.at < until and collection in {"", one.collection}:
                    owed[one.owner].append(one)
        return [_sum(owner, rows) for owner, rows in sorted(owed.items())]

    def close(self) -> None:
        """Nothing to let go of."""

    def _pictures(self, collection: str) -> Sequence[tuple[int, _Kept]]:
        with self._lock:
            numbers = self._numbers[collection].values()
            return [(number, self._kept[number]) for number in numbers]

    def _keep(self, kept: _Kept) -> None:
        number, self._next = self._next, self._next + 1
        self._kept[number] = kept
        self._numbers[kept.collection][kept.work.id] = number
        there = self._seeds[kept.collection, kept.work.kind]
        mine = kept.fingerprint
        for seed, place in zip(mine.seeds.tolist(), mine.places.tolist(), strict=True):
            there.setdefault(seed, []).append((number, place))

    def _drop(self, collection: str, ids: Collection[str]) -> Sequence[Work]:
        there = self._numbers[collection]
        gone = {there.pop(identity) for identity in sorted(set(ids)) if identity in there}
        dropped = [self._kept.pop(number) for number in sorted(gone)]
        for kind in {kept.work.kind for kept in dropped}:
            self._seeds[collection, kind] = {
                seed: left
                for seed, places in self._seeds[collection, kind].items()
                if (left := [place for place in places if place[0] not in gone])
            }
        return [kept.work for kept in dropped]

    def _note(self, act: str, collection: str, works: Iterable[Work], reason: str) -> None:
        last = self._journal[-1] if self._journal else None
        entries = (Entry(act, collection, work.id, work.content_hash, reason) for work in works)
        self._journal.extend(chained(entries, Anchor(last.number, last.hash) if last else START))


def _sum(owner: str, rows: Sequence[Credit]) -> Credited:
    counts = Counter[Kind]()
    for one in rows:
        counts[one.kind] += one.matched
    queries = len({one.verdict for one in rows})
    return Credited(owner, queries, counts[Kind.TEXT], counts[Kind.CODE], counts[Kind.IMAGE])
