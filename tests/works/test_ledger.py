"""What answers owe: noted once, summed by owner, written without waiting."""

import threading
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from guardrails.core.view import Span
from guardrails.works.ledger import Ledger, as_csv, as_rows, owed
from guardrails.works.match import Match
from guardrails.works.store import Credit, Credited, WorksError
from guardrails.works.stores.memory import MemoryStore
from guardrails.works.work import Kind, Work

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MONTH = NOW - timedelta(days=30), NOW + timedelta(days=1)
ISLAND = Work("island", Kind.TEXT, "Treasure Island", "Stevenson", licence="CC0-1.0")
MAP = Work("map", Kind.IMAGE, "The Map", "Stevenson")


def match(work, matched=40, share=0.25):
    return Match(work, 0.99, Span(0, 9), matched=matched, share=share)


def test_a_verdict_owes_each_work_once_and_a_picture_as_one():
    credits_ = owed("v1", NOW, "chat", "books", [match(ISLAND), match(ISLAND, 60, 0.9), match(MAP)])

    assert credits_ == [
        Credit("v1", NOW, "chat", "books", "island", Kind.TEXT, "Stevenson", "CC0-1.0", 100, 1.0),
        Credit("v1", NOW, "chat", "books", "map", Kind.IMAGE, "Stevenson", "", 1, 0.25),
    ]
    assert owed("v1", NOW, "chat", "books", []) == []


def test_a_credit_has_no_room_for_content():
    names = {field.name for field in fields(Credit)}

    assert names == {
        *("verdict", "at", "policy", "collection", "work", "kind"),
        *("owner", "licence", "matched", "share"),
    }


def test_what_is_noted_by_many_threads_is_all_there_after_closing(store):
    with Ledger(store) as ledger:

        def note(thread):
            for number in range(25):
                ledger.note(owed(f"{thread}-{number}", NOW, "chat", "books", [match(ISLAND)]))

        threads = [threading.Thread(target=note, args=(name,)) for name in "abcd"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert store.credits(*MONTH) == [Credited("Stevenson", 100, 4000, 0, 0)]


def test_the_same_verdict_again_owes_nothing_more(store):
    with Ledger(store) as ledger:
        for _ in range(3):
            ledger.note(owed("v1", NOW, "chat", "books", [match(ISLAND), match(MAP)]))
            ledger.flush()

    assert store.credits(*MONTH) == [Credited("Stevenson", 1, 40, 0, 1)]


class Broken(MemoryStore):
    """Cannot be written until it is mended."""

    mended = False

    def credit(self, credits_):
        if not self.mended:
            raise WorksError("works: the disk is full")
        return super().credit(credits_)


def test_credits_wait_for_a_store_that_cannot_be_written():
    store = Broken()
    ledger = Ledger(store)
    ledger.note(owed("v1", NOW, "chat", "books", [match(ISLAND)]))
    with pytest.raises(WorksError, match="the disk is full"):
        ledger.flush()
    store.mended = True
    ledger.close()

    assert store.credits(*MONTH) == [Credited("Stevenson", 1, 40, 0, 0)]
    assert ledger.lost == 0


def test_credits_beyond_what_can_wait_are_counted(monkeypatch):
    monkeypatch.setattr("guardrails.works.ledger.MOST", 3)
    store = Broken()
    ledger = Ledger(store)
    for number in range(5):
        ledger.note(owed(f"v{number}", NOW, "chat", "books", [match(ISLAND)]))

    assert ledger.lost == 2
    store.mended = True
    ledger.close()
    assert store.credits(*MONTH) == [Credited("Stevenson", 3, 120, 0, 0)]


def test_sums_are_told_as_csv_and_as_rows():
    sums = [Credited("Stevenson, R. L.", 2, 140, 0, 1), Credited("=HYPERLINK()", 1, 0, 9, 0)]

    assert as_csv(sums) == (
        "owner,queries,words,tokens,pictures\n"
        '"Stevenson, R. L.",2,140,0,1\n'
        "'=HYPERLINK(),1,0,9,0\n"  # no formula in a spreadsheet
    )
    assert as_rows(sums[:1]) == [
        {"owner": "Stevenson, R. L.", "queries": 2, "words": 140, "tokens": 0, "pictures": 1}
    ]
