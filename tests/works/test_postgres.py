"""What a server adds to the contract of stores: many clients, broken connections, clear errors."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import asyncpg
import numpy as np
import pytest

from guardrails.works.fingerprint import Fingerprint
from guardrails.works.journal import verify
from guardrails.works.store import WorksError
from guardrails.works.stores.postgres import PostgresStore
from guardrails.works.stores.postgres_rows import KINDS, PARTS
from guardrails.works.stores.postgres_server import MOST, place
from guardrails.works.work import Consent, Kind, Work


@pytest.fixture
def opened(database):
    """Opens the store once more, as another replica does."""
    stores = []

    def another(url=database):
        stores.append(PostgresStore(url))
        return stores[-1]

    yield another
    for store in stores:
        store.close()


@pytest.fixture
def ask(database):
    """Asks the server behind the store's back."""

    async def asked(query, *given):
        connection = await asyncpg.connect(database)
        try:
            return await connection.fetch(query, *given)
        finally:
            await connection.close()

    return lambda query, *given: asyncio.run(asked(query, *given))


def counts(ask):
    tables = ask("SELECT relname FROM pg_class WHERE relnamespace = 'works'::regnamespace "
                 "AND relkind = 'r'")  # fmt: skip
    return {name: len(ask(f"TABLE works.{name}")) for (name,) in tables}


def full(made, number, kind=Kind.IMAGE, vector=16):
    return Work(f"w{number}", kind), made(number, vector=vector, hashed=True, lines=4)


def found(store, fingerprint, kind=Kind.IMAGE):
    return len(store.hits("art", kind, fingerprint.seeds, most=99).seed)


def test_nothing_is_left_of_what_was_removed_in_any_table(opened, ask, made):
    store = opened()
    empty = counts(ask)
    works = [full(made, n, kind, vector) for n, (kind, vector) in enumerate(
        [(Kind.IMAGE, 16), (Kind.IMAGE, 24), (Kind.TEXT, 0), (Kind.CODE, 0), (Kind.IMAGE, 16)]
    )]  # fmt: skip
    store.put("art", works, "import")
    store.put("art", works[1:3], "again")
    assert counts(ask)["seeds"] == 5 * 40
    assert store.remove("art", [work.id for work, _ in works], "letter") == 5
    left = counts(ask)

    assert {name for name, rows in left.items() if rows != empty.get(name, 0)} == {
        "collections",
        "spaces",
        "journal",
    }
    assert left["journal"] == 5 + 2 + 5
    assert {rows for name, rows in left.items() if name.startswith("vectors")} == {0}


def test_a_take_down_holds_at_once_for_all_who_share_the_store(opened, made):
    writer, readers = opened(), [opened(), opened()]
    for turn in range(5):
        work, fingerprint = full(made, turn)
        writer.put("art", [(work, fingerprint)], "")
        assert [found(reader, fingerprint) for reader in readers] == [40, 40]
        number = writer.near("art", fingerprint.vector, limit=1)[0].work
        readers[1].consent("art", [work.id], Consent.TAKEN_DOWN, "court order")
        assert readers[0].numbered([number])[number].consent is Consent.TAKEN_DOWN
        readers[0].remove("art", [work.id], "court order")
        for store in (writer, *readers):
            assert found(store, fingerprint) == 0
            assert store.near("art", fingerprint.vector, limit=9) == []
            assert store.alike("art", [fingerprint.hash], within=0) == []


def test_two_writers_and_readers_get_along_and_keep_one_journal(opened, made):
    def write(store, first):
        for number in range(first, first + 20, 2):
            store.put("art", [full(made, number), full(made, 1000)], f"from {first}")

    done = threading.Event()

    def read(store):
        seen = 0
        while not done.is_set() or not seen:
            kept = store.hits("art", Kind.IMAGE, made(1000).seeds, most=999)
            assert len(kept.seed) in {0, 40}  # the old one or the new, never both or a part
            seen += 1
        return seen

    with ThreadPoolExecutor(4) as pool:
        reading = [pool.submit(read, opened()) for _ in range(2)]
        list(pool.map(write, [opened(), opened()], [0, 1]))
        done.set()
        assert all(one.result() for one in reading)
    store = opened()

    assert len(store.works("art")) == 21
    assert len(list(store.journal())) == 40
    assert verify(store.journal()) is None


def test_more_callers_than_connections_wait_for_their_turn(opened, ask, made):
    store = opened()
    store.put("art", [full(made, 1)], "")
    with ThreadPoolExecutor(4 * MOST) as pool:
        answers = list(pool.map(lambda _: found(store, made(1)), range(200)))

    assert answers == [40] * 200
    mine = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'guardrails'"
    assert ask(mine)[0][0] <= MOST


CUT = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'guardrails'
"""


def test_broken_connections_are_replaced_without_notice(opened, ask, made):
    store = opened()
    store.put("art", [full(made, 1)], "")
    ask(CUT)
    assert found(store, made(1)) == 40
    ask(CUT)
    store.put("art", [full(made, 2)], "after the cut")
    ask(CUT)
    assert store.remove("art", ["w1", "w2"], "") == 2
    assert len(list(store.journal())) == 4


def test_a_change_that_is_cut_off_half_way_is_made_once(opened, made):
    store, other = opened(), opened()
    store.put("art", [full(made, 1)], "")

    async def hold():  # as another who is adding to the collection
        connection = await asyncpg.connect(store._server._url)
        async with connection.transaction():
            await connection.execute("SELECT * FROM works.collections FOR UPDATE")
            writing = asyncio.create_task(
                asyncio.to_thread(store.put, "art", [full(made, 2)], "cut")
            )
            waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            while not (pids := await connection.fetch(waiting)):  # noqa: ASYNC110  # nobody tells
                await asyncio.sleep(0.01)
            await connection.execute("SELECT pg_terminate_backend($1)", pids[0]["pid"])
        await writing
        await connection.close()

    asyncio.run(hold())
    assert [work.id for work in other.works("art")] == ["w1", "w2"]
    assert found(other, made(2)) == 40
    assert len(list(other.journal())) == 2


def test_tables_of_another_version_are_left_alone(opened, ask, database):
    opened().close()
    ask("UPDATE works.version SET version = 7")
    message = (
        "its tables are of version 7, this program works with 1, "
        "use the program they were made with or another database"
    )

    with pytest.raises(WorksError) as raised:
        opened()
    assert str(raised.value) == f"works: {place(database)}: {message}"


@pytest.mark.parametrize(
    ("hidden", "told", "message"),
    [
        (
            "CREATE VIEW fake.pg_available_extensions AS SELECT 'hstore'::name AS name",
            "search_path",
            "has no pgvector, install it on the server: its package is postgresql-NN-pgvector",
        ),
        (
            "CREATE FUNCTION fake.pg_is_in_recovery() RETURNS bool LANGUAGE sql RETURN true",
            "search_path",
            "is a standby, which may lag behind a take-down, name the primary",
        ),
    ],
)
def test_a_server_that_cannot_keep_works_is_refused(
    opened, ask, database, postgres, hidden, told, message
):
    postgres.psql("DROP SCHEMA IF EXISTS fake CASCADE; CREATE SCHEMA fake;")
    ask(hidden)
    url = f"{database}&options=-c{told}%3Dfake,pg_catalog,public"

    with pytest.raises(WorksError) as raised:
        opened(url)
    assert str(raised.value) == f"works: {place(database)}: {message}"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "postgresql://ada:s3cret@127.0.0.1:1/works",
            "postgresql://127.0.0.1:1/works: cannot be reached (ConnectionRefusedError)",
        ),
        (
            "postgresql://ada:s3cret@db:port/works",
            "the server's address cannot be read, write postgresql://USER:PASSWORD@HOST:PORT",
        ),
    ],
)
def test_who_cannot_be_reached_is_named_and_the_password_is_not(url, message):
    with pytest.raises(WorksError) as raised:
        PostgresStore(url)

    assert str(raised.value).startswith(f"works: {message}")
    assert "s3cret" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("bad", ["a NUL \0 in it", "half a pair \ud800"])
def test_text_that_cannot_be_kept_is_refused_without_being_told(opened, made, bad):
    store = opened()
    with pytest.raises(WorksError, match="holds what PostgreSQL cannot keep") as raised:
        store.put("art", [(Work("a", Kind.TEXT), made())], bad)

    assert "in it" not in str(raised.value)
    assert "half a pair \ud800" not in str(raised.value)
    assert store.works("art") == []


def test_a_closed_store_says_so(opened):
    store = opened()
    store.close()
    store.close()

    with pytest.raises(WorksError, match="the store was closed, open it again"):
        store.works("art")


def test_vectors_too_long_for_the_index_are_refused(opened, made):
    with pytest.raises(WorksError, match="of 4001 numbers, PostgreSQL finds at most 4000"):
        opened().put("art", [full(made, 1, vector=4001)], "")


def test_the_index_of_vectors_finds_what_a_look_at_all_of_them_finds(opened):
    store, chance = opened(), np.random.default_rng(3)
    many = chance.standard_normal((2000, 32)).astype(np.float32)
    many /= np.linalg.norm(many, axis=1, keepdims=True)
    none = np.zeros(0, np.uint32)
    works = [
        (Work(f"{row:04}", Kind.IMAGE), Fingerprint(none, none, vector=vector))
        for row, vector in enumerate(many)
    ]
    store.put("art", works, "")
    store.put("noise", works[::-1][:1500], "")  # another's pictures take no place in the answer
    asked = many[::100] + chance.normal(0, 0.05, (20, 32)).astype(np.float32)
    right = 0
    for row, vector in zip(range(0, 2000, 100), asked, strict=True):
        near = store.near("art", vector, limit=10)
        known = store.numbered([one.work for one in near])
        truth = np.argsort(-(many @ vector))[:10]
        right += len({f"{one:04}" for one in truth} & {work.id for work in known.values()})
        assert known[near[0].work].id == f"{row:04}"

    assert right >= 0.97 * 200


def test_every_kind_has_a_part_of_its_own():
    assert set(PARTS) == set(Kind)
    assert len(set(PARTS.values())) == len(PARTS)
    assert max(PARTS.values()) < KINDS
