"""How works come into a collection, what is said of them, and how they go."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from guardrails.core.errors import ContentError
from guardrails.works.fingerprint import Fingerprint
from guardrails.works.library import FINGERPRINTS, Added, Fingerprints, Library, Original, Piece
from guardrails.works.store import Query, WorksError
from guardrails.works.stores.opening import open_store
from guardrails.works.work import Consent, Kind, Work, content_hash

TALE = "It was a dark and stormy night; the rain fell in torrents, except at occasional intervals. "
CODE = "def add(first, second):\n    total = first + second\n    return total\n"


def words_of(piece):
    """A fingerprint as simple as can be: two bytes a word."""
    if "broken" in piece.content:
        raise ContentError("it is broken")
    words = np.array([hash(word) & 0xFFFF for word in piece.content.split()], np.uint16)
    return Fingerprint(words.astype(np.uint32), np.arange(len(words), dtype=np.uint32), words)


def texts(*ids, content=TALE, **told):
    return [Original(Work(name, Kind.TEXT, **told), f"{name} {content}") for name in ids]


@pytest.fixture
def library(store):
    return Library(store, "books", words_of)


def test_works_are_kept_with_their_hash_and_the_time(library, store):
    before = datetime.now(UTC)
    assert library.add(texts("a", "b", owner="Ada"), reason="import") == Added(added=2)
    work = store.get("books", "a")

    assert work.content_hash == content_hash(f"a {TALE}".encode())
    assert before - timedelta(seconds=1) < work.added <= datetime.now(UTC) + timedelta(seconds=1)
    assert work.owner == "Ada"
    assert [record.reason for record in store.journal()] == ["import"] * 2


def test_an_import_goes_on_where_it_stopped(library, store, monkeypatch):
    monkeypatch.setattr("guardrails.works.library.MANY", 2)
    with pytest.raises(WorksError, match="works: 'c': it is broken"):
        library.add([*texts("a", "b"), *texts("c", content="broken"), *texts("d")])
    assert [work.id for work in library.works()] == ["a", "b"]

    assert library.add(texts("a", "b", "c", "d")) == Added(2, unchanged=2)
    assert library.add(texts("a", "b", "c", "d")) == Added(0, unchanged=4)
    assert len(list(store.journal())) == 4


@pytest.mark.parametrize(
    "changed",
    [
        {"content": "other words"},
        {"title": "Another Title"},
        {"licence": "MIT"},
        {"consent": Consent.OPTED_OUT},
        {"aliases": ("x",)},
    ],
)
def test_a_work_that_has_changed_in_any_way_is_added_again(library, changed):
    library.add(texts("a", "b"))

    assert library.add(texts("a", **changed)) == Added(1)
    assert library.add(texts("a", **changed)) == Added(0, unchanged=1)


def test_works_that_cannot_be_taken_are_told_and_the_others_kept(library):
    told = []
    originals = [*texts("a"), *texts("b", content="broken"), *texts("c")]

    assert library.add(originals, failed=told.append) == Added(2)
    assert [str(error) for error in told] == ["works: 'b': it is broken"]
    assert [work.id for work in library.works()] == ["a", "c"]


def test_an_import_says_nothing_against_an_opt_out(library):
    library.add(texts("a"))
    library.consent(Consent.OPTED_OUT, ["a"])

    assert library.add(texts("a")) == Added(0, unchanged=1)
    library.add(texts("a", title="new", consent=Consent.ALLOWED))
    assert [work.consent for work in library.works()] == [Consent.OPTED_OUT]


def test_owners_speak_for_all_of_their_works(library):
    library.add([*texts("a", "b", owner="Ada"), *texts("c", owner="Bea"), *texts("d")])

    assert library.consent(Consent.OPTED_OUT, ["d"], owner="Ada", reason="letter") == 3
    out = Query(consent=Consent.OPTED_OUT)
    assert [work.id for work in library.works(out)] == ["a", "b", "d"]
    assert library.remove(owner="Ada", reason="letter") == 2
    assert [work.id for work in library.works()] == ["c", "d"]
    assert library.remove() == library.consent(Consent.ALLOWED) == 0


def test_works_are_listed_searched_counted_and_exported(library):
    library.add([*texts("a", title="The Island", owner="Ada"), *texts("b", owner="Bea")])
    library.consent(Consent.ALLOWED, ["b"])
    stats = library.stats()
    lines = [json.loads(line) for line in library.export()]

    assert [work.id for work in library.search("island ADA")] == ["a"]
    assert stats.kinds == {Kind.TEXT: 2}
    assert stats.consents == {Consent.UNKNOWN: 1, Consent.ALLOWED: 1}
    assert stats.owners == 2
    assert [line["id"] for line in lines] == ["a", "b"]
    assert lines[0]["title"] == "The Island"
    assert lines[1]["consent"] == "allowed"
    assert TALE[:20] not in "".join(library.export())


def test_collections_do_not_see_each_other(store):
    books, films = Library(store, "books", words_of), Library(store, "films", words_of)
    books.add(texts("a"))

    assert films.add(texts("a")) == Added(1)
    assert films.remove(["a"]) == 1
    assert [work.id for work in books.works()] == ["a"]


@pytest.mark.parametrize("workers", [1, 2])
def test_text_and_code_are_found_by_what_their_kind_keeps(workers):
    store = open_store("memory:")
    library = Library(store, "mixed")
    tale, code = Work("tale", Kind.TEXT), Work("code", Kind.CODE, source="add.py")
    name = Work("name", Kind.NAME, "Ada Lovelace")
    originals = [Original(tale, TALE * 3), Original(code, CODE * 3), Original(name, "")]

    assert library.add(originals, workers=workers) == Added(3)
    for work, content in originals[:2]:
        asked = Fingerprints(FINGERPRINTS)(Piece(work.kind, work.source, content))
        hits = store.hits("mixed", work.kind, asked.seeds, most=99)
        found = store.numbered(set(hits.work.tolist())).values()
        assert [one.id for one in found] == [work.id]


@pytest.mark.parametrize(
    ("kind", "content"), [(Kind.TEXT, b"bytes"), (Kind.CODE, b"bytes"), (Kind.IMAGE, "text")]
)
def test_content_of_the_wrong_sort_is_told(kind, content):
    library = Library(open_store("memory:"), "books")

    with pytest.raises(WorksError, match="'a': texts and code are given as text, pictures as"):
        library.add([Original(Work("a", kind), content)])


OWNER = """
import sys
from guardrails.works.library import Library
from guardrails.works.stores.opening import open_store
from guardrails.works.work import Consent
store = open_store(sys.argv[1])
library = Library(store, "books")
for line in sys.stdin:
    act, owner = line.split()
    if act == "remove":
        print(library.remove(owner=owner), flush=True)
    else:
        print(library.consent(Consent(act), owner=owner), flush=True)
store.close()
"""


def test_what_an_owner_says_holds_for_all_that_starts_after_the_call_in_every_process(where):
    store = open_store(where)
    library = Library(store, "books", words_of)
    library.add([*texts("a", "b", owner="Ada"), *texts("c", owner="Bea")])
    asked = words_of(Piece(Kind.TEXT, "", TALE))
    clerk = subprocess.Popen(  # noqa: S603  # this Python, these lines
        [sys.executable, "-c", OWNER, where], stdin=-1, stdout=-1, text=True, bufsize=1
    )

    def after(act, owner):
        clerk.stdin.write(f"{act} {owner}\n")
        assert int(clerk.stdout.readline()) == 2
        hits = store.hits("books", Kind.TEXT, asked.seeds, most=99)
        works = store.numbered(set(hits.work.tolist())).values()
        return {work.id: str(work.consent) for work in works}

    with clerk:
        assert after("opted_out", "Ada") == {"a": "opted_out", "b": "opted_out", "c": "unknown"}
        assert after("taken_down", "Ada") == {"a": "taken_down", "b": "taken_down", "c": "unknown"}
        assert after("remove", "Ada") == {"c": "unknown"}
        clerk.stdin.close()
    store.close()


def test_a_piece_does_not_show_what_it_holds():
    assert "secret" not in repr(Piece(Kind.TEXT, "a", "secret"))
    assert replace(Piece(Kind.TEXT, "a", "secret"), name="b").content == "secret"
