"""What people say is kept for its owner alone, and its words only as long as they stand."""

import sqlite3
import threading

import pytest

from guardrails.core.content import Stage
from guardrails.core.errors import (
    ContentError,
    DecisionsError,
    OverloadedError,
    UnknownDecisionError,
)
from guardrails.core.feedback import LONGEST_NOTE, LONGEST_TEXT, Reason, Said
from guardrails.telemetry.feedback import store as stores
from guardrails.telemetry.feedback.sealing import Sealing
from guardrails.telemetry.feedback.store import Feedback

SEALED = Sealing({"k1": bytes(32)})
SAID = Said(
    "d1", Reason.FALSE_POSITIVE, "pii", "PERSON", "a grudge", "my text", "acme", "chat", Stage.INPUT
)
RECORD = {"id": "d1", "policy": "support", "stage": "output", "rules": [{"rule": "pii"}]}


@pytest.fixture
def kept(tmp_path):
    feedback = Feedback(tmp_path / "fb.sqlite", SEALED)
    yield feedback
    feedback.close()


def on_disk(tmp_path):
    return b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_what_is_said_comes_back(kept):
    entry = kept.add(SAID, None)

    [found] = kept.entries()
    assert (found.id, found.verified, found.has_note, found.has_text) == (
        *(entry.id, False, True, True),
    )
    assert (found.said.decision, found.said.reason, found.said.rule) == (
        *("d1", Reason.FALSE_POSITIVE, "pii"),
    )
    assert kept.words(entry.id) == ("a grudge", "my text")


def test_words_are_sealed_on_disk(kept, tmp_path):
    kept.add(SAID, None)

    assert b"a grudge" not in on_disk(tmp_path)
    assert b"my text" not in on_disk(tmp_path)


def test_the_file_is_its_owners_alone(kept, tmp_path):
    kept.add(SAID, None)

    assert {path.stat().st_mode & 0o077 for path in tmp_path.iterdir()} == {0}


def test_the_log_knows_better_of_which_policy_it_was(kept):
    kept.add(SAID, RECORD)

    [found] = kept.entries()
    assert found.verified
    assert (found.said.policy, found.said.stage) == ("support", Stage.OUTPUT)
    assert [one.id for one in kept.entries(policy="support")] == [found.id]
    assert kept.entries(policy="chat") == []


def test_what_is_taken_back_has_no_words_and_does_not_count(kept):
    entry = kept.add(Said("d1", Reason.OTHER, note="plain words"), None)
    kept.withdraw(entry.id)

    assert kept.entries() == []
    [found] = kept.entries(withdrawn=True)
    assert (found.has_note, kept.words(entry.id)) == (False, ("", None))
    first = found.withdrawn
    kept.withdraw(entry.id)
    assert kept.get(entry.id).withdrawn == first


def test_withdrawn_words_leave_the_disk(tmp_path):
    kept = Feedback(tmp_path / "fb.sqlite")
    entry = kept.add(Said("d1", Reason.OTHER, note="plain words"), None)
    assert b"plain words" in on_disk(tmp_path)
    kept.withdraw(entry.id)
    kept.close()

    assert b"plain words" not in on_disk(tmp_path)


def test_tenants_are_kept_apart(kept):
    kept.add(SAID, None)
    kept.add(Said("d2", Reason.OTHER, tenant="other"), None)

    assert [one.said.decision for one in kept.entries(tenant="other")] == ["d2"]


@pytest.mark.parametrize(
    ("sealing", "told"),
    [
        (Sealing(), "sealed with key 'k1'"),
        (Sealing({"k2": bytes(32)}), "sealed with key 'k1'"),
        (
            Sealing({"k1": bytes(31) + b"x"}),
            "not the key that it was sealed with, or it was altered",
        ),
    ],
)
def test_words_need_their_key(kept, tmp_path, sealing, told):
    entry = kept.add(SAID, None)
    other = Feedback(tmp_path / "fb.sqlite", sealing, made=False)

    with pytest.raises(DecisionsError, match=told):
        other.words(entry.id)
    other.close()


def test_a_sealed_file_takes_nothing_without_its_key(kept, tmp_path):
    entry = kept.add(SAID, None)
    kept.withdraw(entry.id)
    reader = Feedback(tmp_path / "fb.sqlite", made=False)

    with pytest.raises(DecisionsError, match="is sealed, and would be written in plain: give"):
        Feedback(tmp_path / "fb.sqlite")
    with pytest.raises(DecisionsError, match="is sealed"):
        reader.add(SAID, None)
    reader.close()
    assert kept.entries() == []


def test_a_file_that_an_older_version_sealed_is_sealed(kept, tmp_path):
    kept.add(SAID, None)
    with sqlite3.connect(tmp_path / "fb.sqlite") as connection:
        connection.execute("PRAGMA user_version = 0")
    connection.close()

    with pytest.raises(DecisionsError, match="is sealed"):
        Feedback(tmp_path / "fb.sqlite")


def test_a_rule_that_the_decision_does_not_have_is_refused(kept):
    with pytest.raises(ContentError, match="no rule 'typo', it has pii"):
        kept.add(Said("d1", Reason.OTHER, "typo"), RECORD)
    assert kept.entries() == []


def test_words_that_were_moved_to_another_row_do_not_open(kept, tmp_path):
    one, other = kept.add(SAID, None), kept.add(SAID, None)
    with sqlite3.connect(tmp_path / "fb.sqlite") as connection:
        connection.execute(
            "UPDATE feedback SET text = (SELECT text FROM feedback WHERE id = ?) WHERE id = ?",
            (one.id, other.id),
        )
    connection.close()

    with pytest.raises(DecisionsError, match="moved"):
        kept.words(other.id)


def test_a_full_file_takes_nothing_more(kept, monkeypatch):
    monkeypatch.setattr(stores, "MOST_BYTES", 100)

    with pytest.raises(OverloadedError, match="its file is full"):
        kept.add(SAID, None)


def test_many_threads_may_say_things_at_once(kept):
    threads = [
        threading.Thread(target=lambda: [kept.add(SAID, None) for _ in range(20)]) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(kept.entries()) == 100


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"decision": ""}, "names no decision"),
        ({"note": "x" * (LONGEST_NOTE + 1)}, "its note has 2,001 characters, 2,000 may be"),
        ({"text": "x" * (LONGEST_TEXT + 1)}, "its text has 100,001 characters, 100,000 may be"),
        ({"rule": "x" * 257}, "its rule has 257 characters, 256 may be"),
        ({"text": "\ud800"}, "its text holds a lone surrogate"),
    ],
)
def test_what_is_too_long_or_nothing_is_refused(facts, told):
    with pytest.raises(ContentError, match=told):
        Said(**{"decision": "d", "reason": Reason.OTHER, **facts})


def test_what_is_not_there_is_said(kept, tmp_path):
    with pytest.raises(UnknownDecisionError, match="there is no feedback 'nope'"):
        kept.withdraw("nope")
    with pytest.raises(DecisionsError, match="there is no file"):
        Feedback(tmp_path / "none", made=False)
    (tmp_path / "text").write_text("this is no database, and long enough to be seen to be none")
    with pytest.raises(DecisionsError, match="not a database"):
        Feedback(tmp_path / "text")


def test_nothing_that_was_said_is_in_a_repr(kept):
    entry = kept.add(SAID, RECORD)

    assert "my text" not in repr(entry) + repr(SAID)
    assert "a grudge" not in repr(entry) + repr(SAID)
