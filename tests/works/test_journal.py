"""A journal shows when somebody has altered it, in whichever store it is kept."""

import sqlite3
from dataclasses import replace

import pytest

from guardrails.works.journal import START, Anchor, Break, Entry, anchor, chained, verify
from guardrails.works.stores.embedded import EmbeddedStore
from guardrails.works.work import Consent, Kind, Work

ENTRIES = [Entry("add", "books", str(number), "ab" * 32, "import") for number in range(6)]


@pytest.fixture
def folder(tmp_path, made):
    """A store whose journal has six records."""
    store = EmbeddedStore(tmp_path)
    for identity in "abc":
        store.put("books", [(Work(identity, Kind.TEXT), made())], "import")
    store.consent("books", ["a", "b"], Consent.OPTED_OUT, "letter")
    store.remove("books", ["c"], "court order")
    store.close()
    return tmp_path


def edited(folder, *statements):
    """What verifying tells after somebody has been at the tables."""
    connection = sqlite3.connect(folder / "works.sqlite")
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    return told(folder)


def told(folder, kept=START):
    store = EmbeddedStore(folder)
    broken = verify(store.journal(), kept)
    store.close()
    return broken


ALTERED = "it was altered after it was written"


def test_a_journal_as_it_was_written_is_whole(folder):
    assert told(folder) is None


@pytest.mark.parametrize(
    ("statement", "number", "why"),
    [
        ("UPDATE journal SET reason = 'none' WHERE number = 4", 4, ALTERED),
        ("UPDATE journal SET work = 'b' WHERE number = 1", 1, ALTERED),
        ("UPDATE journal SET act = 'allow' WHERE number = 5", 5, ALTERED),
        ("UPDATE journal SET at = '2020-01-01T00:00:00+00:00' WHERE number = 6", 6, ALTERED),
        ("UPDATE journal SET content_hash = 'ff' WHERE number = 2", 2, ALTERED),
        ("UPDATE journal SET hash = 'ff' WHERE number = 3", 3, ALTERED),
        ("UPDATE journal SET before = 'ff' WHERE number = 3", 3, "it does not follow the record"),
        ("DELETE FROM journal WHERE number = 1", 1, "record 2 stands in its place"),
        ("DELETE FROM journal WHERE number = 4", 4, "record 5 stands in its place"),
    ],
)
def test_the_first_record_that_was_touched_is_told(folder, statement, number, why):
    broken = edited(folder, statement)

    assert broken.number == number
    assert broken.why.startswith(why)


def test_records_that_changed_places_are_told(folder):
    broken = edited(
        folder,
        "UPDATE journal SET number = 99 WHERE number = 2",
        "UPDATE journal SET number = 2 WHERE number = 3",
        "UPDATE journal SET number = 3 WHERE number = 99",
    )

    assert broken == Break(2, "it does not follow the record before it")


def test_a_record_dropped_and_the_others_moved_up_is_told(folder):
    broken = edited(
        folder,
        "DELETE FROM journal WHERE number = 3",
        "UPDATE journal SET number = 3 WHERE number = 4",
        "UPDATE journal SET number = 4 WHERE number = 5",
        "UPDATE journal SET number = 5 WHERE number = 6",
    )

    assert broken == Break(3, "it does not follow the record before it")


def test_a_cut_end_is_told_by_an_anchor_that_was_kept_elsewhere(folder):
    store = EmbeddedStore(folder)
    kept = anchor(store.journal())
    store.close()

    assert kept.count == 6
    assert told(folder, kept) is None
    assert edited(folder, "DELETE FROM journal WHERE number > 4") is None  # looks like a young one
    assert told(folder, kept) == Break(5, "the anchor counts 6 records, the rest is gone")


def test_a_journal_that_goes_on_still_fits_its_anchor(folder, made):
    store = EmbeddedStore(folder)
    kept = anchor(store.journal())
    store.put("books", [(Work("d", Kind.TEXT), made())], "import")

    assert verify(store.journal(), kept) is None
    store.close()


def test_a_journal_written_anew_from_its_start_is_told_by_the_anchor_alone():
    true = list(chained(ENTRIES, START))
    forged = list(chained([replace(ENTRIES[0], reason="forged"), *ENTRIES[1:]], START))

    assert verify(forged) is None
    assert verify(forged, anchor(true)) == Break(
        6, "it differs from the anchor: the journal was written anew"
    )
    assert verify([], Anchor(1, true[0].hash)) == Break(
        1, "the anchor counts 1 records, the rest is gone"
    )


def test_chains_join_where_the_last_one_ended():
    first = list(chained(ENTRIES[:2], START))
    second = list(chained(ENTRIES[2:], anchor(first)))

    assert verify([*first, *second]) is None
    assert first[0].before == ""
    assert second[0].before == first[-1].hash
    assert verify(second) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Entry("add", "a", "bc", "", ""), Entry("add", "ab", "c", "", "")),
        (Entry("add", "a", 'b","c', "", ""), Entry("add", "a", "b", "c", "")),
        (Entry("add", "a", "b", "", "c"), Entry("add", "a", "b", "c", "")),
    ],
)
def test_fields_do_not_run_into_each_other(one, other):
    (first,), (second,) = chained([one], START), chained([other], START)

    assert verify([replace(second, hash=first.hash, at=first.at)]) == Break(1, ALTERED)
