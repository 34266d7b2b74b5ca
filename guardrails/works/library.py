"""The works of one collection: how they come in, what their owners say of them, how they go."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from importlib import import_module
from typing import NamedTuple

from guardrails.works.building import fingerprinted
from guardrails.works.fingerprint import Fingerprint
from guardrails.works.store import EVERY, Query, Store, WorksError
from guardrails.works.stores.fitting import standing
from guardrails.works.work import Consent, Kind, Work, content_hash

FINGERPRINTS: Mapping[Kind, str] = {
    Kind.TEXT: "guardrails.works.text.fingerprints:fingerprint",
    Kind.CODE: "guardrails.works.code.fingerprints:fingerprint",
    Kind.IMAGE: "guardrails.works.pictures.fingerprints:fingerprint",
    Kind.HASHED: "guardrails.works.hashed:fingerprint",
}
"""What makes the fingerprint of each kind; a name has none."""

MUCH = 32 << 20
"""Bytes of fingerprints that are written together: what an import that is stopped does again."""
MANY = 5000
"""Works that are written together, at most."""
_PAGE = 1000


class Original(NamedTuple):
    """A work that is to be kept, without its hash and the time, and what it is made of."""

    work: Work
    content: str | bytes


@dataclass(frozen=True, slots=True)
class Added:
    """What became of originals."""

    added: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True)
class Stats:
    """How many works there are, and of how many owners."""

    kinds: Mapping[Kind, int]
    consents: Mapping[Consent, int]
    owners: int


@dataclass(frozen=True, slots=True)
class Piece:
    """What a fingerprint is made from; the name of its file tells how code is written."""

    kind: Kind
    name: str
    content: str | bytes = field(repr=False)

    def __len__(self) -> int:
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Makes the fingerprint of a piece of any kind; goes to other processes as the table it is."""

    table: Mapping[Kind, str]

    def __call__(self, piece: Piece) -> Fingerprint:
        """Make one.

        Raises:
            WorksError: the content is not what the kind is made of.
        """
        if piece.kind not in self.table:
            return Fingerprint()
        module, _, name = self.table[piece.kind].partition(":")
        make: Callable[..., Fingerprint] = getattr(import_module(module), name)
        if isinstance(piece.content, str) == (piece.kind is Kind.IMAGE):
            raise WorksError("texts and code are given as text, pictures as bytes")
        return make(piece.content, **({"name": piece.name} if piece.kind is Kind.CODE else {}))


class Library:
    """One collection in a store.

    Args:
        store: where it is kept.
        collection: its name.
        fingerprint: makes fingerprints; has to be picklable when there are several workers.
    """

    def __init__(
        self,
        store: Store,
        collection: str,
        fingerprint: Callable[[Piece], Fingerprint] = Fingerprints(FINGERPRINTS),
    ) -> None:
        self._store, self._collection, self._fingerprint = store, collection, fingerprint

    def add(
        self,
        originals: Iterable[Original],
        *,
        reason: str = "",
        workers: int | None = 1,
        ray: bool = False,
        failed: Callable[[WorksError], None] | None = None,
    ) -> Added:
        """Add works; those that are there and have not changed are passed over.

        They are written in batches, so an import that was stopped goes on where it was.
        ``workers``, ``ray`` and ``failed`` are as in ``building.fingerprinted``.

        Raises:
            WorksError: one has no fingerprint, and nobody asked to be told of it.
        """
        news = _News(self._store, self._collection)
        made = fingerprinted(
            news.of(originals), self._fingerprint, workers=workers, ray=ray, failed=failed
        )
        added = 0
        for batch in _batches(made):
            self._store.put(self._collection, batch, reason)
            added += len(batch)
        return Added(added, news.unchanged)

    def remove(self, ids: Iterable[str] = (), *, owner: str = "", reason: str = "") -> int:
        """Drop works, and all of an owner's; tell how many there were."""
        return self._store.remove(self._collection, self._named(ids, owner), reason)

    def consent(
        self, consent: Consent, ids: Iterable[str] = (), *, owner: str = "", reason: str = ""
    ) -> int:
        """Note what owners have said of works, or of all of theirs; tell how many there were."""
        return self._store.consent(self._collection, self._named(ids, owner), consent, reason)

    def works(self, query: Query = EVERY) -> Iterator[Work]:
        """Give works by id."""
        after = ""
        while page := self._store.works(self._collection, query, after=after, limit=_PAGE):
            yield from page
            after = page[-1].id

    def search(self, words: str, *, limit: int = 20) -> Sequence[Work]:
        """Give works in whose id, title, owner or source all the words stand."""
        return self._store.works(self._collection, Query(words=words), limit=limit)

    def stats(self) -> Stats:
        """Count works."""
        kinds, consents, owners = Counter[Kind](), Counter[Consent](), set()
        for work in self.works():
            kinds[work.kind] += 1
            consents[work.consent] += 1
            owners.add(work.owner)
        return Stats(dict(kinds), dict(consents), len(owners))

    def export(self, query: Query = EVERY) -> Iterator[str]:
        """Give all that is known of works, each as one line of JSON, without their content."""
        for work in self.works(query):
            yield json.dumps(asdict(work) | {"added": work.added.isoformat()}, ensure_ascii=False)

    def _named(self, ids: Iterable[str], owner: str) -> list[str]:
        theirs = self.works(Query(owner=owner)) if owner else ()
        return [*ids, *(work.id for work in theirs)]


class _News:
    """Passes on what a collection does not have yet, and counts the rest."""

    def __init__(self, store: Store, collection: str) -> None:
        self._store, self._collection = store, collection
        self.unchanged = 0

    def of(self, originals: Iterable[Original]) -> Iterator[tuple[Work, Piece]]:
        now = datetime.now(UTC)
        for work, content in originals:
            raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
            new = replace(work, content_hash=content_hash(raw), added=now)
            old = self._store.get(self._collection, work.id)
            if old and replace(standing(new, old.consent), added=old.added) == old:
                self.unchanged += 1
            else:
                yield new, Piece(work.kind, work.source or work.title or work.id, content)


def _batches(
    made: Iterable[tuple[Work, Fingerprint]],
) -> Iterator[list[tuple[Work, Fingerprint]]]:
    batch: list[tuple[Work, Fingerprint]] = []
    size = 0
    for work, one in made:
        batch.append((work, one))
        size += one.seeds.nbytes + one.places.nbytes + one.detail.nbytes + one.vector.nbytes
        if size >= MUCH or len(batch) == MANY:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
