"""The seam of the index: where works and their fingerprints are kept."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from guardrails.works.errors import WorksError
from guardrails.works.fingerprint import Detail, Fingerprint, Hits, Places, Seeds, Vector
from guardrails.works.records import Credit, Credited, Record
from guardrails.works.work import Consent, Kind, Work

__all__ = [
    "EVERY",
    "Credit",
    "Credited",
    "Near",
    "Query",
    "Record",
    "Store",
    "WorksError",
]


@dataclass(frozen=True, slots=True)
class Query:
    """Which works to list: all that are set must fit."""

    kind: Kind | None = None
    consent: Consent | None = None
    owner: str = ""
    words: str = ""
    """Words that stand in id, title, owner or source, in any order and case."""


EVERY = Query()
"""Lists all works."""


@dataclass(frozen=True, slots=True)
class Near:
    """A picture near to one that was looked for; ``cosine`` from -1 to 1."""

    work: int
    cosine: float


class Store(Protocol):
    """Works and fingerprints of many collections.

    What has been written when a call returns is seen by every read that starts later, in this
    process and in every other that has the same store open. Safe to share between threads.
    Numbers of works are the store's own, unique in it and never used again.
    """

    def put(self, collection: str, works: Sequence[tuple[Work, Fingerprint]], reason: str) -> None:
        """Add works in one transaction; one whose id is there already is replaced.

        What its owner has said stands: see ``standing`` in ``stores.fitting``.
        """

    def remove(self, collection: str, ids: Collection[str], reason: str) -> int:
        """Drop works and all that is kept of them; tell how many there were."""

    def consent(self, collection: str, ids: Collection[str], consent: Consent, reason: str) -> int:
        """Note what owners have said; tell how many works there were, changed or not."""

    def get(self, collection: str, identity: str) -> Work | None:
        """Give the work of this id."""

    def works(
        self, collection: str, query: Query = EVERY, *, after: str = "", limit: int = 100
    ) -> Sequence[Work]:
        """Give works by id, those behind ``after``."""

    def collections(self) -> Mapping[str, Mapping[Kind, int]]:
        """Tell how many works of each kind every collection has."""

    def journal(self) -> Iterator[Record]:
        """Give every record, oldest first."""

    def numbered(self, numbers: Collection[int]) -> Mapping[int, Work]:
        """Give works by their numbers, as they stand now; those removed are missing."""

    def numbers(self, collection: str, ids: Collection[str]) -> Mapping[str, int]:
        """Tell the numbers of works by their ids; those that are not there are missing."""

    def hits(self, collection: str, kind: Kind, seeds: Seeds, *, most: int) -> Hits:
        """Find seeds; one that stands at more than ``most`` places is common and gives none."""

    def detail(self, work: int, start: int = 0, end: int | None = None) -> Detail:
        """Give rows of a work's detail; empty when it was removed."""

    def lines(self, work: int) -> Places:
        """Give the first token of each line of code."""

    def near(self, collection: str, vector: Vector, *, limit: int) -> Sequence[Near]:
        """Find the pictures whose vectors point the same way, nearest first."""

    def alike(
        self, collection: str, hashes: Sequence[bytes], *, within: int
    ) -> Sequence[tuple[int, int]]:
        """Find pictures by perceptual hash, the nearest of several: number and distance in bits.

        Each picture once, at most ``within`` bits away, nearest first.
        """

    def credit(self, credits_: Sequence[Credit]) -> int:
        """Note what is owed; a work is credited once for each verdict. Tell how many were new."""

    def credits(
        self, since: datetime, until: datetime, *, collection: str = ""
    ) -> Sequence[Credited]:
        """Sum by owner what is owed from a time on and before another; of one collection or all."""

    def close(self) -> None:
        """Let go of files and connections."""
