"""What is asked of works in PostgreSQL: each function is one round trip."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from guardrails.works.fingerprint import Detail, Hits, Places, Seeds, Vector
from guardrails.works.store import Credited, Near, Query, Record
from guardrails.works.stores.fitting import words
from guardrails.works.stores.postgres_rows import (
    FIELDS,
    KINDS,
    PARTS,
    RECORD,
    record_of,
    signed,
    work_of,
)
from guardrails.works.stores.postgres_schema import space
from guardrails.works.stores.postgres_server import Connection
from guardrails.works.work import Kind, Work

CLOSER = 2
"""How many times more vectors the index gives than are asked for; it has them in 16 bits."""
_LONGEST = 1 << 30
"""Bytes, and so rows, of a detail: more than a column can hold."""

_COLLECTION = "(SELECT number FROM works.collections WHERE name = $1)"
_WORK = ", ".join(FIELDS)
_WORKS = f"""
SELECT {_WORK} FROM works.works
WHERE collection = {_COLLECTION} AND id > $2 AND ($3::text IS NULL OR kind = $3)
  AND ($4::text IS NULL OR consent = $4) AND ($5 = '' OR owner = $5)
  AND NOT EXISTS (SELECT FROM unnest($6::text[]) AS word WHERE strpos(words, word) = 0)
ORDER BY id LIMIT $7
"""  # noqa: S608  # names of columns, as in the ones below
_HITS = f"""
SELECT string_agg(int4send(s.row::int) || int4send(found.work) || int4send(found.place), '')
FROM unnest($3::int[]) WITH ORDINALITY AS s (seed, row) CROSS JOIN LATERAL (
  SELECT work, place FROM works.seeds WHERE part = {_COLLECTION} * {KINDS} + $2 AND seed = s.seed
  LIMIT $4
) AS found
"""  # noqa: S608
_ALIKE = f"""
SELECT work, least({{distances}})::int AS distance
FROM works.hashes, (SELECT {{hashes}} OFFSET 0) AS given
WHERE collection = {_COLLECTION} AND least({{distances}}) <= $2 ORDER BY distance, work
"""  # noqa: S608  # OFFSET 0: else each hash is read anew for each row
_SPACE = f"""
SELECT collection FROM works.spaces WHERE collection = {_COLLECTION} AND dimension = $2
"""  # noqa: S608
_NEAR = """
SELECT work, 1 - (vector <=> $1::real[]::vector) AS cosine FROM (
  SELECT work, vector FROM works.{table}
  ORDER BY vector::halfvec({dimension}) <=> $1::real[]::halfvec({dimension}) LIMIT $2
) AS closer ORDER BY cosine DESC, work LIMIT $3
"""
_DETAIL = f"""
SELECT width, substring(detail FROM (1 + least($2 * row, {_LONGEST}))::int
                               FOR least($3 * row, {_LONGEST})::int) AS rows
FROM works.fingerprints, LATERAL (SELECT 2 * greatest(width, 1)::bigint AS row) AS bytes
WHERE work = $1
"""  # noqa: S608
_CREDITS = """
SELECT owner, count(DISTINCT verdict) AS queries,
  coalesce(sum(matched) FILTER (WHERE kind IN ('text', 'hashed')), 0)::bigint AS words,
  coalesce(sum(matched) FILTER (WHERE kind = 'code'), 0)::bigint AS tokens,
  coalesce(sum(matched) FILTER (WHERE kind = 'image'), 0)::bigint AS pictures
FROM works.credits WHERE at >= $1 AND at < $2 AND ($3 = '' OR collection = $3)
GROUP BY owner ORDER BY owner
"""


async def get(connection: Connection, collection: str, identity: str) -> Work | None:
    """Give the work of this id."""
    row = await connection.fetchrow(
        f"SELECT {_WORK} FROM works.works WHERE collection = {_COLLECTION} AND id = $2",  # noqa: S608
        collection,
        identity,
    )
    return None if row is None else work_of(row)


async def listed(
    connection: Connection, collection: str, query: Query, after: str, limit: int
) -> Sequence[Work]:
    """Give works by id, those behind ``after``."""
    asked = (query.kind, query.consent, query.owner, words(query), limit)
    return [work_of(row) for row in await connection.fetch(_WORKS, collection, after, *asked)]


async def collections(connection: Connection) -> Mapping[str, Mapping[Kind, int]]:
    """Tell how many works of each kind every collection has."""
    counts: defaultdict[str, dict[Kind, int]] = defaultdict(dict)
    for name, kind, count in await connection.fetch(
        "SELECT name, kind, count(*) FROM works.works AS w "
        "JOIN works.collections AS c ON c.number = w.collection GROUP BY name, kind ORDER BY name"
    ):
        counts[name][Kind(kind)] = count
    return dict(counts)


async def journal(connection: Connection, after: int, limit: int) -> Sequence[Record]:
    """Give the records behind a number."""
    rows = await connection.fetch(
        f"SELECT {', '.join(RECORD)} FROM works.journal WHERE number > $1 ORDER BY number LIMIT $2",  # noqa: S608
        after,
        limit,
    )
    return [record_of(row) for row in rows]


async def numbered(connection: Connection, numbers: Collection[int]) -> Mapping[int, Work]:
    """Give works by their numbers."""
    rows = await connection.fetch(
        f"SELECT number, {_WORK} FROM works.works WHERE number = ANY($1::int[])",  # noqa: S608
        [int(number) for number in numbers],
    )
    return {row["number"]: work_of(row) for row in rows}


async def numbers(
    connection: Connection, collection: str, ids: Collection[str]
) -> Mapping[str, int]:
    """Give the numbers of works by their ids."""
    rows = await connection.fetch(
        f"SELECT id, number FROM works.works WHERE collection = {_COLLECTION} "  # noqa: S608
        "AND id = ANY($2::text[])",
        collection,
        list(ids),
    )
    return {row["id"]: row["number"] for row in rows}


async def hits(
    connection: Connection, collection: str, kind: Kind, seeds: Seeds, most: int
) -> Hits:
    """Find seeds, each looked up once; of a common one no more is read than shows that it is."""
    each, row = np.unique(signed(seeds), return_inverse=True)
    found = await connection.fetchval(_HITS, collection, PARTS[kind], each.tolist(), most + 1)
    table = np.frombuffer(found or b"", ">i4").reshape(-1, 3).astype(np.uint32)
    table[:, 0] -= 1
    counts = np.bincount(table[:, 0], minlength=len(each))
    table = table[counts[table[:, 0]] <= most]
    return _each_row(table, row, len(each))


def _each_row(table: NDArray[np.uint32], row: NDArray[np.intp], each: int) -> Hits:
    """From seeds that differ to those that were asked for, in their order."""
    starts = np.searchsorted(table[:, 0], np.arange(each + 1))
    counts = np.diff(starts)[row]
    places = np.repeat(starts[:-1][row] - np.cumsum(counts) + counts, counts)
    places += np.arange(len(places))
    asked = np.repeat(np.arange(len(row), dtype=np.uint32), counts)
    return Hits(asked, table[places, 1], table[places, 2])


async def detail(connection: Connection, work: int, start: int, end: int | None) -> Detail:
    """Give rows of a work's detail; the server reads no more than these."""
    row = await connection.fetchrow(
        _DETAIL, int(work), start, _LONGEST if end is None else max(end - start, 0)
    )
    if row is None:
        return np.zeros(0, np.uint16)
    rows = np.frombuffer(row["rows"], "<u2").astype(np.uint16)
    return rows.reshape(-1, row["width"]) if row["width"] else rows


async def lines(connection: Connection, work: int) -> Places:
    """Give the first token of each line of code."""
    asked = "SELECT lines FROM works.fingerprints WHERE work = $1"
    kept: bytes | None = await connection.fetchval(asked, int(work))
    return np.frombuffer(kept or b"", "<u4").astype(np.uint32)


async def space_of(connection: Connection, collection: str, dimension: int) -> int | None:
    """Give the number of a collection that has vectors of this length."""
    number: int | None = await connection.fetchval(_SPACE, collection, dimension)
    return number


async def near(
    connection: Connection, collection: int, vector: Vector, limit: int
) -> Sequence[Near]:
    """Find the pictures whose vectors point the same way, nearest first."""
    dimension = len(vector)
    asked = _NEAR.format(table=space(collection, dimension), dimension=dimension)
    rows = await connection.fetch(asked, vector.tolist(), limit * CLOSER, limit)
    return [Near(row["work"], row["cosine"]) for row in rows]


async def alike(
    connection: Connection, collection: str, hashes: Sequence[bytes], within: int
) -> Sequence[tuple[int, int]]:
    """Find pictures by perceptual hash: number and distance in bits, nearest first."""
    if not hashes:
        return []
    asked = _ALIKE.format(
        hashes=", ".join(f"${n + 3}::text::bit(256) AS h{n}" for n in range(len(hashes))),
        distances=", ".join(f"hash <~> h{n}" for n in range(len(hashes))),
    )
    bits = [f"x{one.hex()}" for one in hashes]
    rows = await connection.fetch(asked, collection, within, *bits)
    return [(row["work"], row["distance"]) for row in rows]


async def credits_of(
    connection: Connection, since: datetime, until: datetime, collection: str
) -> Sequence[Credited]:
    """Sum what is owed, by owner."""
    return [Credited(*row) for row in await connection.fetch(_CREDITS, since, until, collection)]
