"""The log in PostgreSQL is the log, and a server that goes away comes back to it."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from guardrails.core.content import Caller, Content, Stage
from guardrails.core.errors import DecisionsError
from guardrails.core.verdict import Action, Verdict
from guardrails.server.decisions.opening import keys_from
from guardrails.server.decisions.postgres import Postgres
from guardrails.telemetry.decisions.erasing import erase, retain
from guardrails.telemetry.decisions.log import DecisionLog, Terms
from guardrails.telemetry.decisions.store import Query
from guardrails.telemetry.decisions.verifying import verified


def verdict(number, tenant="acme", action=Action.ALLOW):
    content = Content((), caller=Caller(tenant, "jo"))
    return Verdict(f"{number:032x}", action, content, (), "chat", "ab", Stage.INPUT)


@pytest.fixture
def opened(database):
    stores = []

    def another(url=database):
        stores.append(Postgres(url))
        return stores[-1]

    yield another
    for store in stores:
        store.close()


@pytest.fixture
def keys(key_file):
    return keys_from(key_file)


@pytest.fixture
def written(opened, database, keys):
    def write(*verdicts, worker=0):
        log = DecisionLog(Postgres(database), Terms(worker, keys.current))
        for one in verdicts:
            log.record(one)
        log.close()
        return opened()

    return write


def test_it_goes_on_where_it_ended(written, keys):
    written(verdict(1))
    store = written(verdict(2), verdict(3))

    assert [one["id"] for one in store.search(Query())] == [f"{n:032x}" for n in (3, 2, 1)]
    proof = verified(0, store.lines(0), verifiers=keys.verifiers)
    assert (proof.broken, proof.closed) == (None, True)


def test_many_workers_write_at_once(database, opened, keys):
    logs = [DecisionLog(Postgres(database), Terms(n, keys.current)) for n in range(3)]
    for number in range(60):
        logs[number % 3].record(verdict(number))
    for log in logs:
        log.close()

    store = opened()
    assert list(store.workers()) == [0, 1, 2]
    for worker in range(3):
        assert verified(worker, store.lines(worker), verifiers=keys.verifiers).broken is None
    assert len(list(store.search(Query()))) == 60


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"tenant": "b"}, [2]),
        ({"tenant": ""}, [3]),
        ({"action": "block"}, [2]),
        ({"policy": "chat"}, [3, 2, 1]),
        ({"policy": "x' OR '1'='1"}, []),
        ({"id": f"{1:032x}"}, [1]),
        ({"tenant": "nul\0"}, []),
    ],
)
def test_what_fits_is_found(written, asked, found):
    store = written(verdict(1, "a"), verdict(2, "b", Action.BLOCK), verdict(3, ""))

    assert [int(one["id"], 16) for one in store.search(Query(**asked))] == found


def test_names_that_no_database_takes_are_kept_all_the_same(written):
    store = written(verdict(1, "a\0b"), verdict(2, "\ud800"))

    assert {one["tenant"] for one in store.search(Query())} == {"a\0b", "\ud800"}


def test_what_is_altered_shows(written, postgres):
    store = written(*(verdict(n) for n in range(5)))
    postgres.psql(
        "UPDATE guardrails.decisions SET line = replace(line, 'allow', 'block') WHERE n = 3;"
    )

    assert verified(0, store.lines(0)).broken.number == 3


def test_erasure_and_retention_leave_a_whole_chain(written, keys):
    store = written(*(verdict(n, "a" if n % 2 else "b") for n in range(10)))
    signer = keys.current.signer

    assert erase(store, lambda record: record["tenant"] == "a", {}, signer) == 5
    assert list(store.search(Query(tenant="a"))) == []
    assert retain(store, datetime.now(UTC) - timedelta(days=1), signer) == 0
    assert retain(store, datetime.now(UTC) + timedelta(days=1), signer) > 0
    proof = verified(0, store.lines(0), verifiers=keys.verifiers)
    assert proof.broken is None
    kinds = [json.loads(one)["kind"] for one in store.lines(0)]
    assert kinds == ["closed", "retention", "closed"]


def test_a_server_that_is_not_there_is_said_without_its_password():
    store = Postgres("postgresql://me:secret@127.0.0.1:9/log")

    with pytest.raises(
        DecisionsError, match=r"^decisions: postgresql://127\.0\.0\.1:9/log: "
    ) as told:
        store.append(0, lambda end: ([], end))
    store.close()
    assert "secret" not in str(told.value)
