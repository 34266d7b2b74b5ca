"""The tables of the works in PostgreSQL, made when they are missing."""

from guardrails.works.store import WorksError
from guardrails.works.stores.postgres_server import Connection, Server

VERSION = 1
"""Of the tables; one more whenever they change."""
LOCK = 7_309_453_175
"""The advisory lock of who makes the tables, or adds to the journal; any number will do."""
DIMENSIONS = 4000
"""The longest vector that pgvector has an index for (``halfvec``)."""

TABLES = """
CREATE SCHEMA IF NOT EXISTS works;
CREATE TABLE works.version (version int NOT NULL);
CREATE TABLE works.collections (
  number int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text COLLATE "C" NOT NULL UNIQUE
);
CREATE TABLE works.works (
  number int PRIMARY KEY,
  collection int NOT NULL REFERENCES works.collections,
  id text COLLATE "C" NOT NULL,
  kind text NOT NULL, title text NOT NULL, owner text NOT NULL, source text NOT NULL,
  licence text NOT NULL, consent text NOT NULL, contact text NOT NULL, created text NOT NULL,
  content_hash text NOT NULL, added timestamptz NOT NULL, aliases text[] NOT NULL,
  words text NOT NULL,
  UNIQUE (collection, id)
);
CREATE INDEX works_by_kind ON works.works (collection, kind, id);
CREATE SEQUENCE works.numbers AS int;
CREATE TABLE works.seeds (
  part int NOT NULL, seed int NOT NULL, work int NOT NULL, place int NOT NULL
);
CREATE INDEX seeds_found ON works.seeds (part, seed, work, place) WITH (deduplicate_items = off);
CREATE TABLE works.fingerprints (
  work int PRIMARY KEY, part int NOT NULL, seeds bytea NOT NULL, detail bytea NOT NULL,
  width int NOT NULL, lines bytea NOT NULL
);
ALTER TABLE works.fingerprints
  ALTER seeds SET STORAGE EXTERNAL, ALTER detail SET STORAGE EXTERNAL;
CREATE TABLE works.hashes (collection int NOT NULL, work int PRIMARY KEY, hash bit(256) NOT NULL);
CREATE INDEX hashes_of ON works.hashes (collection);
CREATE TABLE works.spaces (
  collection int NOT NULL, dimension int NOT NULL, PRIMARY KEY (collection, dimension)
);
CREATE TABLE works.journal (
  number int PRIMARY KEY, at text NOT NULL, act text NOT NULL, collection text NOT NULL,
  work text NOT NULL, content_hash text NOT NULL, reason text NOT NULL, before text NOT NULL,
  hash text NOT NULL
);
CREATE TABLE works.credits (
  verdict text NOT NULL, at timestamptz NOT NULL, policy text NOT NULL, collection text NOT NULL,
  work text NOT NULL, kind text NOT NULL, owner text COLLATE "C" NOT NULL, licence text NOT NULL,
  matched int NOT NULL, share float8 NOT NULL, PRIMARY KEY (verdict, collection, work)
);
CREATE INDEX credits_in ON works.credits (at);
"""
"""``fingerprints`` is kept in the clear (``EXTERNAL``) so that a part of a detail is read alone; it
has the seeds of each work too, by which its rows in ``seeds`` are found when it is removed."""

SPACE = """
CREATE TABLE works.{table} (work int PRIMARY KEY, vector vector({dimension}) NOT NULL)
  WITH (toast_tuple_target = 8160);
CREATE INDEX ON works.{table}
  USING hnsw ((vector::halfvec({dimension})) halfvec_cosine_ops)
  WITH (m = 12, ef_construction = 40);
"""
"""Each collection and length of vectors has an index of its own: a filter behind one would cost
recall, and another model for pictures may have longer vectors. A vector lies beside its number, not
in pieces elsewhere; to add to the graph costs half of what it does with pgvector's own settings."""


def prepare(server: Server) -> None:
    """Make the tables when they are missing.

    Raises:
        WorksError: the server cannot keep works, or keeps them for another version of this program.
    """
    server.read(lambda connection: _fit(connection, server.place))
    if server.read(_version) is None:
        server.write(_make)
    version = server.read(_version)
    if version != VERSION:
        raise WorksError(
            f"works: {server.place}: its tables are of version {version}, this program works with "
            f"{VERSION}, use the program they were made with or another database"
        )


def space(collection: int, dimension: int) -> str:
    """Name the table of the vectors of one length in a collection."""
    return f"vectors_{collection}_{dimension}"


async def make_space(connection: Connection, collection: int, dimension: int) -> None:
    """Make the table of the vectors of one length in a collection, when it is missing."""
    if dimension > DIMENSIONS:
        raise WorksError(
            f"works: vectors of {dimension} numbers, PostgreSQL finds at most {DIMENSIONS}, "
            "take a smaller model for pictures"
        )
    new = await connection.fetchval(
        "INSERT INTO works.spaces VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1",
        collection,
        dimension,
    )
    if new:
        table = space(collection, dimension)
        await connection.execute(SPACE.format(table=table, dimension=dimension))


async def _fit(connection: Connection, place: str) -> None:
    (row,) = await connection.fetch(
        "SELECT pg_is_in_recovery(), current_setting('server_encoding'), "
        "EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector')"
    )
    standby, encoding, vectors = row
    if standby:
        raise WorksError(
            f"works: {place}: is a standby, which may lag behind a take-down, name the primary"
        )
    if encoding != "UTF8":
        raise WorksError(f"works: {place}: keeps text as {encoding}, make a database in UTF8")
    if not vectors:
        raise WorksError(
            f"works: {place}: has no pgvector, install it on the server: "
            "its package is postgresql-NN-pgvector"
        )


async def _version(connection: Connection) -> int | None:
    if await connection.fetchval("SELECT to_regclass('works.version')") is None:
        return None
    version: int | None = await connection.fetchval("SELECT version FROM works.version")
    return version


async def _make(connection: Connection) -> None:
    await connection.execute("SELECT pg_advisory_xact_lock($1)", LOCK)
    if await _version(connection) is None:
        await connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        await connection.execute(TABLES)
        await connection.execute("INSERT INTO works.version VALUES ($1)", VERSION)
