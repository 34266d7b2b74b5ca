"""Works in PostgreSQL, for many replicas that share them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from weakref import finalize

from guardrails.works.fingerprint import Detail, Fingerprint, Hits, Places, Seeds, Vector
from guardrails.works.store import EVERY, Credit, Credited, Near, Query, Record
from guardrails.works.stores import postgres_reading as reading
from guardrails.works.stores import postgres_writing as writing
from guardrails.works.stores.fitting import checked
from guardrails.works.stores.postgres_schema import make_space, prepare
from guardrails.works.stores.postgres_server import Server
from guardrails.works.work import Consent, Kind, Work

RECORDS = 1000
"""Of the journal, read at a time."""


class PostgresStore:
    """All in one database, in the schema ``works``; pictures need its extension ``vector``.

    Args:
        url: ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``, as libpq has it. Of a server with
            standbys it names the primary: a standby may lag behind a take-down.

    Raises:
        WorksError: the server cannot be reached, or cannot keep works; never with the password.
    """

    def __init__(self, url: str) -> None:
        self._server = Server(url)
        self._collections: dict[str, int] = {}
        self._spaces: dict[tuple[str, int], int] = {}
        self._leave = finalize(self, self._server.close)  # also when nobody closes it
        prepare(self._server)

    def put(self, collection: str, works: Sequence[tuple[Work, Fingerprint]], reason: str) -> None:
        """Add works; see ``Store``."""
        self.add(collection, works, reason)

    def add(
        self, collection: str, works: Sequence[tuple[Work, Fingerprint]], reason: str
    ) -> Mapping[str, int]:
        """Add works as ``put`` does; give their numbers by id."""
        new = tuple({work.id: (work, checked(work, kept)) for work, kept in works}.values())
        if not new:
            return {}
        number = self._collection(collection)
        for dimension in sorted({len(kept.vector) for _, kept in new} - {0}):
            self._make_space(collection, number, dimension)
        return self._server.write(lambda to: writing.put(to, collection, number, new, reason))

    def remove(self, collection: str, ids: Collection[str], reason: str) -> int:
        """Drop works; see ``Store``."""
        return self._server.write(lambda to: writing.remove(to, collection, ids, reason))

    def consent(self, collection: str, ids: Collection[str], consent: Consent, reason: str) -> int:
        """Note what owners have said; see ``Store``."""
        return self._server.write(lambda to: writing.consent(to, collection, ids, consent, reason))

    def get(self, collection: str, identity: str) -> Work | None:
        """Give the work of this id."""
        return self._server.read(lambda of: reading.get(of, collection, identity))

    def works(
        self, collection: str, query: Query = EVERY, *, after: str = "", limit: int = 100
    ) -> Sequence[Work]:
        """Give works by id, those behind ``after``."""
        return self._server.read(lambda of: reading.listed(of, collection, query, after, limit))

    def collections(self) -> Mapping[str, Mapping[Kind, int]]:
        """Tell how many works of each kind every collection has."""
        return self._server.read(reading.collections)

    def journal(self) -> Iterator[Record]:
        """Give every record, oldest first."""
        after = 0
        while records := self._records(after):
            yield from records
            after = records[-1].number

    def numbered(self, numbers: Collection[int]) -> Mapping[int, Work]:
        """Give works by their numbers."""
        return self._server.read(lambda of: reading.numbered(of, numbers))

    def numbers(self, collection: str, ids: Collection[str]) -> Mapping[str, int]:
        """Tell the numbers of works by their ids."""
        return self._server.read(lambda of: reading.numbers(of, collection, ids))

    def hits(self, collection: str, kind: Kind, seeds: Seeds, *, most: int) -> Hits:
        """Find seeds; see ``Store``."""
        return self._server.read(lambda of: reading.hits(of, collection, kind, seeds, most))

    def detail(self, work: int, start: int = 0, end: int | None = None) -> Detail:
        """Give rows of a work's detail."""
        return self._server.read(lambda of: reading.detail(of, work, start, end))

    def lines(self, work: int) -> Places:
        """Give the first token of each line of code."""
        return self._server.read(lambda of: reading.lines(of, work))

    def near(self, collection: str, vector: Vector, *, limit: int) -> Sequence[Near]:
        """Find the pictures whose vectors point the same way, nearest first."""
        number = self._space(collection, len(vector))
        if number is None:
            return []
        return self._server.read(lambda of: reading.near(of, number, vector, limit))

    def alike(
        self, collection: str, hashes: Sequence[bytes], *, within: int
    ) -> Sequence[tuple[int, int]]:
        """Find pictures by perceptual hash; see ``Store``."""
        return self._server.read(lambda of: reading.alike(of, collection, hashes, within))

    def credit(self, credits_: Sequence[Credit]) -> int:
        """Note what is owed; see ``Store``."""
        if not credits_:
            return 0
        return self._server.write(lambda to: writing.credit(to, credits_))

    def credits(
        self, since: datetime, until: datetime, *, collection: str = ""
    ) -> Sequence[Credited]:
        """Sum what is owed; see ``Store``."""
        return self._server.read(lambda of: reading.credits_of(of, since, until, collection))

    def close(self) -> None:
        """Let go of the connections."""
        self._leave()

    def _records(self, after: int) -> Sequence[Record]:
        return self._server.read(lambda of: reading.journal(of, after, RECORDS))

    def _collection(self, name: str) -> int:
        if name not in self._collections:
            number = self._server.write(lambda to: writing.collection_of(to, name))
            self._collections[name] = number
        return self._collections[name]

    def _make_space(self, collection: str, number: int, dimension: int) -> None:
        if (collection, dimension) not in self._spaces:
            self._server.write(lambda to: make_space(to, number, dimension))
            self._spaces[collection, dimension] = number

    def _space(self, collection: str, dimension: int) -> int | None:
        if (collection, dimension) not in self._spaces:
            number = self._server.read(lambda of: reading.space_of(of, collection, dimension))
            if number is None:
                return None
            self._spaces[collection, dimension] = number
        return self._spaces[collection, dimension]
