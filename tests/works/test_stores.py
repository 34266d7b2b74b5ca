"""What every store of works has to do: one contract, held by each of them."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from guardrails.works.fingerprint import Fingerprint
from guardrails.works.journal import Anchor, verify
from guardrails.works.store import Credit, Credited, Query, WorksError
from guardrails.works.stores.opening import open_store
from guardrails.works.work import Consent, Kind, Work

FULL = Work(
    "island/1",
    Kind.TEXT,
    "Treasure Island",
    "R. L. Stevenson",
    "https://example.org/island",
    "CC0-1.0",
    Consent.ALLOWED,
    "heirs@example.org",
    "1883-11-14",
    "ab" * 32,
    datetime(2026, 11, 24, 9, 30, 0, 123456, UTC),
    ("The Sea Cook", "Schatzinsel"),
)


def of(*ids, kind=Kind.TEXT, **told):
    return [Work(identity, kind, **told) for identity in ids]


def found(store, fingerprint, collection="books", kind=Kind.TEXT, most=1000):
    """The hits of a fingerprint's own seeds: how many, by work's id."""
    hits = store.hits(collection, kind, fingerprint.seeds, most=most)
    works = store.numbered(set(hits.work.tolist()))
    counts = {}
    for number in hits.work.tolist():
        counts[works[number].id] = counts.get(works[number].id, 0) + 1
    return counts


def number_of(store, fingerprint, collection="books", kind=Kind.TEXT):
    return int(store.hits(collection, kind, fingerprint.seeds[:1], most=9).work[0])


def test_a_work_comes_back_as_it_was_put(store, made):
    store.put("books", [(FULL, made())], "import")

    assert store.get("books", FULL.id) == FULL
    assert store.works("books") == [FULL]
    assert store.get("books", "other") is None
    assert store.get("films", FULL.id) is None
    assert store.works("films") == []


def test_an_empty_store_finds_nothing(store, made):
    one = made(vector=8, hashed=True)

    assert found(store, one) == {}
    assert store.near("books", one.vector, limit=3) == []
    assert store.alike("books", [one.hash], within=256) == []
    assert len(store.detail(7)) == len(store.lines(7)) == 0
    assert store.collections() == {}
    assert list(store.journal()) == []
    assert store.numbered([1, 2]) == {}
    assert (
        store.remove("books", ["a"], "") == store.consent("books", ["a"], Consent.ALLOWED, "") == 0
    )


def test_seeds_are_found_where_they_stand_in_their_collection_and_kind_alone(store, made):
    for number, identity in enumerate("abc"):
        store.put("books", [(Work(identity, Kind.TEXT), made(number))], "")
    store.put("books", [(Work("d", Kind.CODE), made(0))], "")
    store.put("films", [(Work("e", Kind.TEXT), made(0))], "")
    wanted = np.concatenate([made(1).seeds[5:9], made(2).seeds[:3], np.zeros(1, np.uint32)])
    hits = store.hits("books", Kind.TEXT, wanted, most=10)
    rows = sorted(zip(hits.seed.tolist(), hits.work.tolist(), hits.place.tolist(), strict=True))
    b, c = number_of(store, made(1)), number_of(store, made(2))

    assert rows == [
        *((row, b, 5 + row) for row in range(4)),
        *((4 + row, c, row) for row in range(3)),
    ]
    assert found(store, made(0)) == {"a": 40}
    assert found(store, made(0), kind=Kind.CODE) == {"d": 40}
    assert found(store, made(0), collection="films") == {"e": 40}
    assert (hits.seed.dtype, hits.work.dtype, hits.place.dtype) == (np.uint32,) * 3


@pytest.mark.parametrize("many", [3, 700])
@pytest.mark.parametrize("seed", [0, 1, 0xFFFFFFFF])
def test_common_seeds_give_none_and_are_counted_over_all_that_was_put(store, many, seed):
    places = np.arange(many, dtype=np.uint32)
    same = Fingerprint(np.full(many, seed, np.uint32), places, places.astype(np.uint16))
    for identity in "ab":
        store.put("books", [(Work(identity, Kind.TEXT), same)], "")
    asked = np.array([5, seed], np.uint32)

    assert len(store.hits("books", Kind.TEXT, asked, most=2 * many - 1).seed) == 0
    hits = store.hits("books", Kind.TEXT, asked, most=2 * many)
    assert hits.seed.tolist() == [1] * 2 * many
    assert sorted(hits.place.tolist()) == sorted([*range(many)] * 2)


def test_a_seed_that_is_asked_for_twice_is_found_twice(store, made):
    store.put("books", [(Work("a", Kind.TEXT), made())], "")
    hits = store.hits("books", Kind.TEXT, made().seeds[[7, 7]], most=1)

    assert sorted(hits.seed.tolist()) == [0, 1]
    assert hits.place.tolist() == [7, 7]


@pytest.mark.parametrize("width", [0, 1, 5])
def test_detail_and_lines_come_back_in_part_or_whole(store, made, width):
    for number, identity in enumerate("ab"):
        store.put("books", [(Work(identity, Kind.CODE), made(number, width=width, lines=9))], "")
    for number in range(2):
        kept = made(number, width=width, lines=9)
        work = number_of(store, kept, kind=Kind.CODE)

        assert np.array_equal(store.detail(work), kept.detail)
        assert np.array_equal(store.detail(work, 3, 8), kept.detail[3:8])
        assert np.array_equal(store.detail(work, 38, 99), kept.detail[38:])
        assert np.array_equal(store.lines(work), kept.lines)


def test_works_of_every_size_lie_side_by_side(store, made):
    nothing = Fingerprint(np.zeros(0, np.uint32), np.zeros(0, np.uint32))
    beyond = Fingerprint(np.array([77], np.uint32), np.array([500], np.uint32))
    works = [("a", nothing), ("b", made(1, size=3000)), ("c", beyond), ("d", made(2, size=1))]
    store.put("books", [(Work(name, Kind.TEXT), one) for name, one in works], "")

    assert [work.id for work in store.works("books")] == list("abcd")
    assert found(store, made(1, size=3000)) == {"b": 3000}
    assert found(store, made(2, size=1)) == {"d": 1}
    assert store.hits("books", Kind.TEXT, np.array([77], np.uint32), most=9).place.tolist() == [500]


def test_a_work_that_is_put_again_is_replaced(store, made):
    store.put("books", [*zip(of("a", "b"), [made(0), made(1)], strict=True)], "")
    old = number_of(store, made(0))
    store.put("books", [(Work("a", Kind.TEXT, "again"), made(2))], "")

    assert found(store, made(0)) == {}
    assert found(store, made(2)) == {"a": 40}
    assert found(store, made(1)) == {"b": 40}
    assert store.get("books", "a").title == "again"
    assert store.numbered([old]) == {}
    assert len(store.detail(old)) == 0


def test_of_two_works_with_one_id_the_last_is_kept(store, made):
    store.put("books", [(Work("a", Kind.TEXT), made(0)), (Work("a", Kind.TEXT), made(1))], "")

    assert found(store, made(0)) == {}
    assert found(store, made(1)) == {"a": 40}


def test_removed_works_are_gone_and_their_numbers_stay_theirs(store, made):
    store.put("books", [*zip(of(*"abc"), map(made, range(3)), strict=True)], "")
    gone = number_of(store, made(2))

    assert store.remove("books", ["a", "c", "c", "z"], "letter of the heirs") == 2
    assert [work.id for work in store.works("books")] == ["b"]
    assert found(store, made(0)) == found(store, made(2)) == {}
    assert found(store, made(1)) == {"b": 40}
    assert np.array_equal(store.detail(number_of(store, made(1))), made(1).detail)
    assert len(store.detail(gone)) == 0
    store.put("books", [*zip(of("c"), [made(2)], strict=True)], "")
    assert number_of(store, made(2)) > gone


def test_pictures_are_found_by_vector_and_by_hash(store, made):
    pictures = {str(n): made(n, size=4, vector=16, hashed=True) for n in range(9)}
    for name, one in pictures.items():
        store.put("art", [(Work(name, Kind.IMAGE), one)], "")
    wanted = pictures["3"]
    near = store.near("art", wanted.vector, limit=4)
    flipped = bytes([wanted.hash[0] ^ 0b111, *wanted.hash[1:]])
    alike = store.alike("art", [b"\0" * 32, flipped], within=40)

    assert store.numbered([near[0].work])[near[0].work].id == "3"
    assert near[0].cosine == pytest.approx(1, abs=1e-3)
    assert [one.cosine for one in near] == sorted((one.cosine for one in near), reverse=True)
    assert len(near) == 4
    assert alike == [(near[0].work, 3)]
    assert store.alike("art", [flipped], within=2) == []
    assert store.alike("art", [], within=256) == []
    assert store.near("books", wanted.vector, limit=4) == []
    store.remove("art", ["3"], "")
    assert near[0].work not in {one.work for one in store.near("art", wanted.vector, limit=9)}
    assert store.alike("art", [flipped], within=40) == []


def test_pictures_without_vector_or_hash_stand_beside_those_that_have_them(store, made):
    store.put("art", [(Work("bare", Kind.IMAGE), made(1))], "")
    store.put("art", [(Work("full", Kind.IMAGE), made(2, vector=16, hashed=True))], "")

    assert len(store.near("art", made(2, vector=16).vector, limit=9)) == 1
    assert len(store.alike("art", [bytes(32)], within=256)) == 1
    assert found(store, made(1), "art", Kind.IMAGE) == {"bare": 40}


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (Query(), "abcd"),
        (Query(kind=Kind.CODE), "c"),
        (Query(consent=Consent.OPTED_OUT), "d"),
        (Query(owner="Ada"), "ab"),
        (Query(owner="ada"), ""),  # an owner is a name, not words to look for
        (Query(words="ADA island"), "a"),
        (Query(words="straße"), "b"),
        (Query(words="STRASSE"), "b"),  # the case that Unicode knows
        (Query(words="100%"), "c"),  # no pattern
        (Query(owner="Ada", words="island"), "a"),
        (Query(owner="Ada", kind=Kind.CODE), ""),
    ],
)
def test_works_are_listed_by_what_is_asked(store, made, query, ids):
    works = [
        Work("a", Kind.TEXT, "The Island", owner="Ada"),
        Work("b", Kind.TEXT, "Die Straße", owner="Ada"),
        Work("c", Kind.CODE, "100% sure", owner="Bea"),
        Work("d", Kind.TEXT, "100 sure", owner="Bea", consent=Consent.OPTED_OUT),
    ]
    store.put("books", [(work, made()) for work in works], "")

    assert "".join(work.id for work in store.works("books", query)) == ids


def test_long_lists_come_in_pages(store, made):
    names = [f"{number:03}" for number in range(25)]
    store.put("books", [(work, made()) for work in of(*reversed(names))], "")
    sizes, ids = [], [""]
    while page := store.works("books", after=ids[-1], limit=10):
        sizes.append(len(page))
        ids += [work.id for work in page]

    assert sizes == [10, 10, 5]
    assert ids[1:] == names


def test_what_owners_say_is_kept_and_told(store, made):
    store.put("books", [*zip(of("a", "b"), map(made, range(2)), strict=True)], "")
    number = number_of(store, made(0))

    assert store.consent("books", ["a", "z"], Consent.TAKEN_DOWN, "court order") == 1
    assert store.get("books", "a").consent is Consent.TAKEN_DOWN
    assert store.get("books", "b").consent is Consent.UNKNOWN
    assert store.numbered([number])[number].consent is Consent.TAKEN_DOWN
    assert store.consent("books", ["a"], Consent.TAKEN_DOWN, "again") == 1


@pytest.mark.parametrize(
    ("said", "put", "holds"),
    [
        (Consent.TAKEN_DOWN, Consent.UNKNOWN, Consent.TAKEN_DOWN),
        (Consent.OPTED_OUT, Consent.ALLOWED, Consent.OPTED_OUT),  # an import lifts nothing
        (Consent.ALLOWED, Consent.UNKNOWN, Consent.ALLOWED),
        (Consent.ALLOWED, Consent.OPTED_OUT, Consent.OPTED_OUT),
        (Consent.UNKNOWN, Consent.ALLOWED, Consent.ALLOWED),
    ],
)
def test_what_owners_have_said_stands_when_a_work_is_put_again(store, made, said, put, holds):
    store.put("books", [(Work("a", Kind.TEXT), made(0))], "")
    store.consent("books", ["a"], said, "letter")
    store.put("books", [(Work("a", Kind.TEXT, consent=put), made(1))], "import")

    assert store.get("books", "a").consent is holds


def test_a_name_has_no_fingerprint(store):
    name = Work("n", Kind.NAME, "Ada Lovelace", aliases=("Augusta Ada King",))
    store.put("names", [(name, Fingerprint())], "")

    assert store.works("names") == [name]
    assert store.remove("names", ["n"], "") == 1
    assert store.works("names") == []


def test_collections_tell_what_they_hold(store, made):
    store.put("books", [*zip(of("a", "b"), map(made, range(2)), strict=True)], "")
    store.put("books", [(Work("c", Kind.CODE), made())], "")
    store.put("art", [(Work("a", Kind.IMAGE), made())], "")

    assert store.collections() == {
        "art": {Kind.IMAGE: 1},
        "books": {Kind.CODE: 1, Kind.TEXT: 2},
    }


def test_every_act_is_written_down_in_a_chain(store, made):
    store.put("books", [(FULL, made())], "import")
    for consent in Consent:
        store.consent("books", [FULL.id, "nobody"], consent, "she said so")
    store.put("books", [(replace(FULL, content_hash="cd" * 32), made())], "import")
    store.remove("books", [FULL.id], "letter")
    records = list(store.journal())

    assert [(record.act, record.reason) for record in records] == [
        ("add", "import"),
        ("protect", "she said so"),
        ("allow", "she said so"),
        ("opt_out", "she said so"),
        ("take_down", "she said so"),
        ("add", "import"),
        ("remove", "letter"),
    ]
    assert [record.content_hash for record in records] == ["ab" * 32] * 5 + ["cd" * 32] * 2
    assert {(record.collection, record.work) for record in records} == {("books", FULL.id)}
    assert verify(records, Anchor(7, records[-1].hash)) is None


@pytest.mark.parametrize(
    ("work", "fingerprint", "message"),
    [
        (Work("", Kind.TEXT), Fingerprint(*np.zeros((2, 3), np.uint32)), "a work without an id"),
        (
            Work("a", Kind.TEXT),
            Fingerprint(np.zeros(3, np.uint32), np.zeros(2, np.uint32)),
            "works: 'a': 3 seeds and 2 places, each seed has one place",
        ),
        (
            Work("a", Kind.IMAGE),
            Fingerprint(*np.zeros((2, 3), np.uint32), hash=b"short"),
            "works: 'a': a hash has 32 bytes",
        ),
        (
            Work("a", Kind.IMAGE),
            Fingerprint(vector=np.full(4, np.nan, np.float32)),
            "works: 'a': a vector is not of unit length",
        ),
        (
            Work("a", Kind.IMAGE),
            Fingerprint(vector=np.ones(4, np.float32)),
            "works: 'a': a vector is not of unit length",
        ),
        (
            Work("a\udce4", Kind.TEXT),
            Fingerprint(),
            r"works: 'a\\udce4': a field holds a NUL or half a character, clean it",
        ),
        (Work("a", Kind.TEXT, "t\0"), Fingerprint(), "works: 'a': a field holds a NUL"),
        (Work("a", Kind.NAME, aliases=("\ud83d",)), Fingerprint(), "works: 'a': a field holds"),
    ],
)
def test_what_does_not_fit_together_is_refused_and_nothing_of_it_kept(
    store, made, work, fingerprint, message
):
    with pytest.raises(WorksError, match=message):
        store.put("books", [(Work("good", Kind.TEXT), made()), (work, fingerprint)], "")

    assert store.works("books") == []
    assert list(store.journal()) == []


START = datetime(2026, 11, 1, tzinfo=UTC)


def credit(verdict, work, owner, kind=Kind.TEXT, matched=1, days=0, collection="books"):
    at = START + timedelta(days=days)
    return Credit(verdict, at, "chat", collection, work, kind, owner, "CC0", matched, 0.5)


def test_the_ledger_sums_by_owner_and_counts_a_verdict_once(store):
    owed = [
        credit("v1", "a", "Ada", matched=50),
        credit("v1", "b", "Ada", Kind.CODE, matched=9),
        credit("v1", "c", "Bea", Kind.IMAGE),
        credit("v2", "a", "Ada", matched=7, days=1),
        credit("v3", "a", "Ada", matched=100, days=30),
        credit("v2", "a", "Cleo", matched=3, collection="films"),
    ]

    assert store.credit(owed) == 6
    assert store.credit(owed[:4]) == 0  # the same verdict again
    month = START, START + timedelta(days=30)
    ada, bea = Credited("Ada", 2, 57, 9, 0), Credited("Bea", 1, 0, 0, 1)
    assert store.credits(*month) == [ada, bea, Credited("Cleo", 1, 3, 0, 0)]
    assert store.credits(*month, collection="books") == [ada, bea]
    assert store.credits(START + timedelta(days=30), START + timedelta(days=31)) == [
        Credited("Ada", 1, 100, 0, 0)
    ]
    assert store.credit([]) == 0


def test_many_threads_read_and_write_at_once(store, made):
    def work(number):
        identity, mine = f"w{number}", made(number)
        store.put("books", [(Work(identity, Kind.TEXT), mine)], "")
        seen = found(store, mine) == {identity: 40}
        if number % 3 == 0:
            store.remove("books", [identity], "")
            return seen and found(store, mine) == {}
        return seen

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(36)))
    assert len(store.works("books")) == 24
    assert verify(store.journal()) is None


OTHER = """
import sys, numpy as np
from guardrails.works.stores.opening import open_store
from guardrails.works.work import Consent, Kind
store = open_store(sys.argv[1])
for line in sys.stdin:
    hits = store.hits("books", Kind.TEXT, np.array(line.split(), np.uint32), most=9)
    works = store.numbered(set(hits.work.tolist())).values()
    print(len(hits.seed), *sorted(f"{work.id}:{work.consent}" for work in works), flush=True)
store.close()
"""


def test_what_a_call_has_written_holds_at_once_in_another_process(where, made):
    store = open_store(where)
    other = subprocess.Popen(  # noqa: S603  # this Python, these lines
        [sys.executable, "-c", OTHER, where], stdin=-1, stdout=-1, text=True, bufsize=1
    )
    asked = " ".join(map(str, made(0).seeds.tolist())) + "\n"

    def seen():
        other.stdin.write(asked)
        return other.stdout.readline().strip()

    with other:
        assert seen() == "0"
        for turn in range(10):
            store.put("books", [(Work("a", Kind.TEXT), made(0))], "")
            assert seen() == "40 a:unknown"
            store.consent("books", ["a"], Consent.OPTED_OUT, f"turn {turn}")
            assert seen() == "40 a:opted_out"
            store.consent("books", ["a"], Consent.TAKEN_DOWN, "")
            assert seen() == "40 a:taken_down"
            store.remove("books", ["a"], "")
            assert seen() == "0"
        other.stdin.close()
    store.close()


def test_what_was_put_outlasts_the_store_that_was_open(where, made):
    store = open_store(where)
    store.put("books", [(FULL, made(vector=8, hashed=True, lines=4))], "import")
    store.credit([credit("v1", "a", "Ada")])
    before = list(store.journal())
    store.close()
    again = open_store(where)

    assert again.get("books", FULL.id) == FULL
    assert found(again, made()) == {FULL.id: 40}
    assert list(again.journal()) == before
    assert again.credit([credit("v1", "a", "Ada")]) == 0
    again.close()
