"""Vectors of pictures in a Qdrant cluster, all else in the store of works beside it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import numpy as np

from guardrails.works.fingerprint import Detail, Fingerprint, Hits, Places, Seeds, Vector
from guardrails.works.store import EVERY, Credit, Credited, Near, Query, Record, Store, WorksError
from guardrails.works.stores.fitting import checked
from guardrails.works.stores.postgres import PostgresStore
from guardrails.works.stores.qdrant_vectors import Vectors, client, place
from guardrails.works.work import Consent, Kind, Work

SPARE = 10
"""More vectors than are asked for: of those that are found, some may have lost their work."""
SCHEME = "postgresql+qdrant"
_NONE = np.zeros(0, np.float32)


class Numbering(Store, Protocol):
    """A store that tells the numbers it gives."""

    def add(
        self, collection: str, works: Sequence[tuple[Work, Fingerprint]], reason: str
    ) -> Mapping[str, int]:
        """Add works as ``put`` does; give their numbers by id."""


class QdrantStore:
    """A store whose pictures are found by Qdrant.

    The two have no transaction in common, so the store beside decides what there is: it is
    changed first, and a vector whose work it does not know is not found, and dropped by the next
    who puts or removes that work. What broke off half-way is mended by doing it again.

    Args:
        beside: keeps works and all of their fingerprints but the vectors.
        vectors: keeps those.
    """

    def __init__(self, beside: Numbering, vectors: Vectors) -> None:
        self._beside, self._vectors = beside, vectors

    def put(self, collection: str, works: Sequence[tuple[Work, Fingerprint]], reason: str) -> None:
        """Add works; see ``Store``."""
        bare = [(work, replace(checked(work, kept), vector=_NONE)) for work, kept in works]
        numbers = self._beside.add(collection, bare, reason)
        vectors = {work.id: kept.vector for work, kept in works}
        self._vectors.put(collection, vectors, numbers)
        self._sweep(collection, vectors)

    def remove(self, collection: str, ids: Collection[str], reason: str) -> int:
        """Drop works; see ``Store``."""
        gone = self._beside.remove(collection, ids, reason)
        self._sweep(collection, ids)
        return gone

    def near(self, collection: str, vector: Vector, *, limit: int) -> Sequence[Near]:
        """Find the pictures whose vectors point the same way, nearest first."""
        found = self._vectors.near(collection, vector, limit + SPARE)
        known = self._beside.numbered([one.work for one in found])
        return [one for one in found if one.work in known][:limit]

    def consent(self, collection: str, ids: Collection[str], consent: Consent, reason: str) -> int:
        """Note what owners have said; see ``Store``."""
        return self._beside.consent(collection, ids, consent, reason)

    def get(self, collection: str, identity: str) -> Work | None:
        """Give the work of this id."""
        return self._beside.get(collection, identity)

    def works(
        self, collection: str, query: Query = EVERY, *, after: str = "", limit: int = 100
    ) -> Sequence[Work]:
        """Give works by id, those behind ``after``."""
        return self._beside.works(collection, query, after=after, limit=limit)

    def collections(self) -> Mapping[str, Mapping[Kind, int]]:
        """Tell how many works of each kind every collection has."""
        return self._beside.collections()

    def journal(self) -> Iterator[Record]:
        """Give every record, oldest first."""
        return self._beside.journal()

    def numbered(self, numbers: Collection[int]) -> Mapping[int, Work]:
        """Give works by their numbers."""
        return self._beside.numbered(numbers)

    def numbers(self, collection: str, ids: Collection[str]) -> Mapping[str, int]:
        """Tell the numbers of works by their ids."""
        return self._beside.numbers(collection, ids)

    def hits(self, collection: str, kind: Kind, seeds: Seeds, *, most: int) -> Hits:
        """Find seeds; see ``Store``."""
        return self._beside.hits(collection, kind, seeds, most=most)

    def detail(self, work: int, start: int = 0, end: int | None = None) -> Detail:
        """Give rows of a work's detail."""
        return self._beside.detail(work, start, end)

    def lines(self, work: int) -> Places:
        """Give the first token of each line of code."""
        return self._beside.lines(work)

    def alike(
        self, collection: str, hashes: Sequence[bytes], *, within: int
    ) -> Sequence[tuple[int, int]]:
        """Find pictures by perceptual hash; see ``Store``."""
        return self._beside.alike(collection, hashes, within=within)

    def credit(self, credits_: Sequence[Credit]) -> int:
        """Note what is owed; see ``Store``."""
        return self._beside.credit(credits_)

    def credits(
        self, since: datetime, until: datetime, *, collection: str = ""
    ) -> Sequence[Credited]:
        """Sum what is owed; see ``Store``."""
        return self._beside.credits(since, until, collection=collection)

    def close(self) -> None:
        """Let go of both."""
        self._vectors.close()
        self._beside.close()

    def _sweep(self, collection: str, ids: Collection[str]) -> None:
        """Drop the vectors of these works that have no work: its number is never used again."""
        kept = self._vectors.numbers(collection, ids)
        known = self._beside.numbered(kept)
        self._vectors.drop({number: kept[number] for number in kept if number not in known})


def open_beside_postgres(url: str) -> QdrantStore:
    """Open ``postgresql+qdrant://USER@HOST/DATABASE?qdrant=http://HOST:6333``.

    Raises:
        WorksError: one of the two cannot be reached, or the address does not name Qdrant.
    """
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    if not (where := asked.pop("qdrant", "")):
        raise WorksError(f"works: '{SCHEME}://' needs '?qdrant=http://HOST:6333' at its end")
    rest = urlunsplit(parts._replace(scheme="postgresql", query=urlencode(asked)))
    return QdrantStore(PostgresStore(rest), Vectors(client(where), place(where)))
