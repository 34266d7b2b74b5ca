"""What changes works in PostgreSQL: each function is one transaction, with its record in it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from guardrails.works.fingerprint import Fingerprint
from guardrails.works.journal import ACTS, START, Anchor, Entry, chained
from guardrails.works.store import Credit
from guardrails.works.stores.fitting import standing
from guardrails.works.stores.postgres_rows import (
    CREDIT,
    FIELDS,
    RECORD,
    fingerprint_row,
    hash_rows,
    seed_rows,
    vector_rows,
    work_row,
)
from guardrails.works.stores.postgres_schema import LOCK, space
from guardrails.works.stores.postgres_server import Connection, Row, copy
from guardrails.works.work import Consent, Work

Put = Sequence[tuple[int, Work, Fingerprint]]
"""Works with the numbers that they are to have."""

_DROPPED = """
WITH gone AS (
  DELETE FROM works.fingerprints WHERE work = ANY($1::int[]) RETURNING part, work, seeds
), hashed AS (
  DELETE FROM works.hashes WHERE work = ANY($1::int[])
) SELECT part, work, seeds FROM gone
"""
_UNSEEDED = """
DELETE FROM works.seeds AS s USING (SELECT DISTINCT unnest($2::int[]) AS seed) AS mine
WHERE s.part = $1 AND s.seed = mine.seed AND s.work = ANY($3::int[])
"""
_CREDIT = """
INSERT INTO works.credits
SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[],
                     $7::text[], $8::text[], $9::int[], $10::float8[])
ON CONFLICT DO NOTHING
"""


async def collection_of(connection: Connection, name: str) -> int:
    """Give the number of a collection, made when it is missing."""
    await connection.execute(
        "INSERT INTO works.collections (name) VALUES ($1) ON CONFLICT DO NOTHING", name
    )
    number: int = await connection.fetchval(
        "SELECT number FROM works.collections WHERE name = $1", name
    )
    return number


async def put(
    connection: Connection,
    collection: str,
    number: int,
    works: Sequence[tuple[Work, Fingerprint]],
    reason: str,
) -> Mapping[str, int]:
    """Add works: the bulk of it before the collection is locked, so that writers hinder none."""
    taken = await _numbers(connection, len(works))
    new = [(mine, *one) for mine, one in zip(taken, works, strict=True)]
    await _fill(connection, number, new)
    await _lock(connection, collection)
    old = await _drop(connection, number, [work.id for work, _ in works])
    said = {row["id"]: Consent(row["consent"]) for row in old}
    await connection.copy_records_to_table(
        "works",
        records=[
            work_row(number, mine, standing(work, said.get(work.id))) for mine, work, _ in new
        ],
        schema_name="works",
        columns=("number", "collection", *FIELDS, "words"),
    )
    await _note(connection, "add", collection, ((w.id, w.content_hash) for w, _ in works), reason)
    return {work.id: mine for mine, work, _ in new}


async def remove(connection: Connection, collection: str, ids: Collection[str], reason: str) -> int:
    """Drop works and all that is kept of them; tell how many there were."""
    number = await _lock(connection, collection)
    if number is None:
        return 0
    gone = await _drop(connection, number, ids)
    await _note(connection, "remove", collection, _sorted(gone), reason)
    return len(gone)


async def consent(
    connection: Connection, collection: str, ids: Collection[str], said: Consent, reason: str
) -> int:
    """Note what owners have said; tell how many works there were."""
    number = await _lock(connection, collection)
    rows = await connection.fetch(
        "UPDATE works.works SET consent = $3 WHERE collection = $1 AND id = ANY($2::text[]) "
        "RETURNING id, content_hash",
        number,
        list(ids),
        said,
    )
    await _note(connection, ACTS[said], collection, _sorted(rows), reason)
    return len(rows)


async def credit(connection: Connection, owed: Sequence[Credit]) -> int:
    """Note what is owed; tell how many lines were new."""
    columns = [[getattr(one, name) for one in owed] for name in CREDIT]
    done = await connection.execute(_CREDIT, *columns)
    return int(done.split()[-1])


async def _numbers(connection: Connection, count: int) -> list[int]:
    """Take numbers for works that nothing has had before."""
    asked = "SELECT nextval('works.numbers') AS number FROM generate_series(1, $1)"
    return [row["number"] for row in await connection.fetch(asked, count)]


async def _lock(connection: Connection, collection: str) -> int | None:
    """Let nobody else change which works a collection has, until this transaction ends."""
    number: int | None = await connection.fetchval(
        "SELECT number FROM works.collections WHERE name = $1 FOR UPDATE", collection
    )
    return number


async def _fill(connection: Connection, collection: int, new: Put) -> None:
    await copy(connection, "seeds", ("part", "seed", "work", "place"), seed_rows(collection, new))
    await connection.copy_records_to_table(
        "fingerprints",
        records=[fingerprint_row(collection, *one) for one in new],
        schema_name="works",
        columns=("work", "part", "seeds", "detail", "width", "lines"),
    )
    if hashed := [(number, kept.hash) for number, _, kept in new if kept.hash]:
        rows = hash_rows(collection, *zip(*hashed, strict=True))
        await copy(connection, "hashes", ("collection", "work", "hash"), rows)
    lengths = defaultdict(list)
    for number, _, kept in new:
        lengths[len(kept.vector)].append((number, kept.vector))
    for dimension, vectors in lengths.items():
        if dimension:
            table, rows = space(collection, dimension), vector_rows(*zip(*vectors, strict=True))
            await copy(connection, table, ("work", "vector"), rows)


async def _drop(connection: Connection, collection: int, ids: Collection[str]) -> Sequence[Row]:
    """Drop all that is kept of works; give what was known of those there were."""
    rows = await connection.fetch(
        "DELETE FROM works.works WHERE collection = $1 AND id = ANY($2::text[]) "
        "RETURNING number, id, content_hash, consent",
        collection,
        list(ids),
    )
    if rows:
        await _forget(connection, collection, [row["number"] for row in rows])
    return rows


async def _forget(connection: Connection, collection: int, works: list[int]) -> None:
    seeds = defaultdict(list)
    for row in await connection.fetch(_DROPPED, works):
        seeds[row["part"]].append(np.frombuffer(row["seeds"], "<i4"))
    for part, mine in seeds.items():
        await connection.execute(_UNSEEDED, part, np.concatenate(mine).tolist(), works)
    spaces = "SELECT dimension FROM works.spaces WHERE collection = $1"
    for row in await connection.fetch(spaces, collection):
        table = space(collection, row["dimension"])
        await connection.execute(
            f"DELETE FROM works.{table} WHERE work = ANY($1::int[])",  # noqa: S608  # two numbers
            works,
        )


async def _note(
    connection: Connection,
    act: str,
    collection: str,
    works: Iterable[tuple[str, str]],
    reason: str,
) -> None:
    """Add to the journal, whose end nobody else moves until this transaction ends."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
    last = await connection.fetchrow(
        "SELECT number, hash FROM works.journal ORDER BY number DESC LIMIT 1"
    )
    end = Anchor(last["number"], last["hash"]) if last else START
    entries = (Entry(act, collection, work, content, reason) for work, content in works)
    await connection.copy_records_to_table(
        "journal",
        records=[
            tuple(getattr(record, name) for name in RECORD) for record in chained(entries, end)
        ],
        schema_name="works",
        columns=RECORD,
    )


def _sorted(rows: Sequence[Row]) -> list[tuple[str, str]]:
    return sorted((row["id"], row["content_hash"]) for row in rows)
