"""What is erased or grown old goes, and the log says so."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest

from guardrails.core.content import Caller, Content
from guardrails.telemetry.decisions.appending import Rotation
from guardrails.telemetry.decisions.erasing import erase, retain
from guardrails.telemetry.decisions.files import Files
from guardrails.telemetry.decisions.log import DecisionLog, Terms
from guardrails.telemetry.decisions.segments import segments
from guardrails.telemetry.decisions.store import Query
from guardrails.telemetry.decisions.verifying import verified


@pytest.fixture
def three(written, verdict):
    """A log of three persons, in turn, four times."""
    people = ["jo", "al", "li"] * 4
    return written(
        *(
            verdict(number, content=Content((), caller=Caller("acme", person)))
            for number, person in enumerate(people)
        )
    )


def gone(store, key, person="jo"):
    them = key.person_of("acme", person)
    return erase(store, lambda record: record["person"] == them, {"of": "a person"}, key.signer)


def test_a_person_is_gone_and_the_chain_is_whole(three, key, keys):
    assert gone(three, key) == 4

    proof = verified(0, three.lines(0), verifiers=keys.verifiers)
    assert (proof.broken, proof.erased) == (None, 4)
    left = [one["person"] for one in three.search(Query())]
    assert key.person_of("acme", "jo") not in left
    assert len(left) == 8


def test_nothing_of_them_is_left_in_the_place(three, key, tmp_path):
    gone(three, key)
    three.close()

    them = key.person_of("acme", "jo").encode()
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or them not in path.read_bytes(), path


def test_a_log_that_was_closed_is_closed_again(three, key, keys):
    gone(three, key)

    proof = verified(0, three.lines(0), verifiers=keys.verifiers)
    assert (proof.closed, proof.signed_through) == (True, proof.end.count)


def test_erasing_twice_erases_nothing_more(three, key, keys):
    gone(three, key)

    assert gone(three, key) == 0
    gone(three, key, "al")
    proof = verified(0, three.lines(0), verifiers=keys.verifiers)
    assert (proof.broken, proof.erased) == (None, 8)


def test_a_note_of_erasure_that_nobody_signed_shows(three, key, keys):
    them = key.person_of("acme", "jo")
    erase(three, lambda record: record["person"] == them, {})

    assert "signature" in verified(0, three.lines(0), verifiers=keys.verifiers).broken.why
    assert verified(0, three.lines(0)).broken is None


def test_the_log_is_written_on_while_a_person_is_erased(opened, verdict, key, keys, until):
    log = DecisionLog(opened(), Terms(0, key))
    for number in range(50):
        log.record(verdict(number))
    until(lambda: len(list(opened().search(Query()))) == 50)
    assert erase(opened(), lambda record: int(record["id"], 16) < 9, {}, key.signer) == 9
    for number in range(50, 80):
        log.record(verdict(number))
    log.close()

    proof = verified(0, opened().lines(0), verifiers=keys.verifiers)
    assert (proof.broken, proof.erased) == (None, 9)
    assert len(list(opened().search(Query()))) == 71


def test_nothing_is_old_in_a_young_log(three, key):
    assert retain(three, datetime.now(UTC) - timedelta(days=1), key.signer) == 0


def test_what_is_old_goes_and_the_chain_is_whole(opened, verdict, key, keys, monkeypatch):
    for day in range(5):
        now = time.time() - (5 - day) * 86_400
        with monkeypatch.context() as then:
            then.setattr(time, "time", lambda now=now: now)
            store = opened()
            if isinstance(store, Files):
                store = Files(store._folder, rotation=Rotation(size=1))
            log = DecisionLog(store, Terms(0, key))
            log.record(verdict(day))
            log.close()

    assert retain(opened(), datetime.now(UTC) - timedelta(days=2.5), key.signer) > 0

    store = opened()
    left = [int(one["id"], 16) for one in store.search(Query())]
    assert left in ([4, 3], [4, 3, 2])  # files go whole, when nothing in them is younger
    proof = verified(0, store.lines(0), verifiers=keys.verifiers)
    assert (proof.broken, proof.closed) == (None, True)
    assert proof.dropped > 0
    assert retain(store, datetime.now(UTC) + timedelta(days=9), key.signer) >= 1
    assert verified(0, store.lines(0), verifiers=keys.verifiers).broken is None


def test_what_goes_beyond_the_note_of_retention_shows(tmp_path, verdict, key, keys):
    store = Files(tmp_path / "log", rotation=Rotation(size=1))
    for number in range(6):
        log = DecisionLog(store, Terms(0, key))
        log.record(verdict(number))
        log.close()
    retain(store, datetime.now(UTC) + timedelta(days=1), key.signer)
    log = DecisionLog(store, Terms(0, key))
    log.close()
    assert verified(0, store.lines(0), verifiers=keys.verifiers).broken is None
    [first, *_] = segments(tmp_path / "log", 0)
    first.path.unlink()

    assert "no note" in verified(0, store.lines(0), verifiers=keys.verifiers).broken.why


def test_an_erasure_of_a_packed_file_leaves_it_packed(tmp_path, verdict, key, keys):
    store = Files(tmp_path / "log", rotation=Rotation(size=3000, packed=True))
    for number in range(8):
        log = DecisionLog(store, Terms(0, key))
        log.record(verdict(number))
        log.close()
    before = sorted(path.name for path in (tmp_path / "log").glob("*.gz"))

    assert erase(store, lambda record: int(record["id"], 16) == 0, {}, key.signer) == 1

    assert before == sorted(path.name for path in (tmp_path / "log").glob("*.gz"))
    assert verified(0, store.lines(0), verifiers=keys.verifiers).broken is None
    assert "erased" in [json.loads(line)["kind"] for line in store.lines(0)]
