"""Works in a folder: what a crash, a removal and many writes leave in the files."""

import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from guardrails.works.fingerprint import Fingerprint
from guardrails.works.journal import verify
from guardrails.works.store import Query, WorksError
from guardrails.works.stores import changing, columns, connections
from guardrails.works.stores.embedded import EmbeddedStore
from guardrails.works.stores.memory import MemoryStore
from guardrails.works.stores.postings import Postings, find, mix, pack, unpack
from guardrails.works.stores.scanning import whole
from guardrails.works.work import Consent, Kind, Work

ENDLESS = """
import sys, numpy as np
from pathlib import Path
from guardrails.works.fingerprint import Fingerprint
from guardrails.works.stores.embedded import EmbeddedStore
from guardrails.works.work import Kind, Work
store, number = EmbeddedStore(Path(sys.argv[1])), int(sys.argv[2])
while True:
    seeds = np.random.default_rng(number).integers(0, 1 << 32, 50, np.uint32)
    one = Fingerprint(seeds, np.arange(50, dtype=np.uint32), seeds.astype(np.uint16))
    store.put("books", [(Work(str(number), Kind.TEXT, "t" * 50), one)], "")
    print("put", number, flush=True)
    if number % 5 == 4:
        store.remove("books", [str(number - 2)], "")
        print("removed", number - 2, flush=True)
    number += 1
"""


def files(folder):
    return b"\n".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def test_all_that_was_acknowledged_outlasts_kill_9(tmp_path):
    there, gone, start = set(), set(), 0
    for after in (1, 9, 23, 40):
        writer = subprocess.Popen(  # noqa: S603  # this Python, these lines
            [sys.executable, "-c", ENDLESS, str(tmp_path), str(start)], stdout=-1, text=True
        )
        with writer:
            lines = [writer.stdout.readline() for _ in range(after)]
            writer.send_signal(signal.SIGKILL)
            lines += writer.stdout.read().splitlines()
        done = [(word, int(number)) for word, number in map(str.split, lines)]
        there |= {number for word, number in done if word == "put"}
        gone |= {number for word, number in done if word == "removed"}
        store = EmbeddedStore(tmp_path)
        ids = {int(work.id) for work in store.works("books", limit=10_000)}

        assert there - gone <= ids | {max(there) - 2}  # the last removal may have gone unsaid
        assert ids & gone == set()
        assert len(ids - there) <= 1  # nor may the last work have been told
        for number in ids:
            seeds = np.random.default_rng(number).integers(0, 1 << 32, 50, np.uint32)
            hits = store.hits("books", Kind.TEXT, seeds, most=9)
            assert hits.place.tolist() == [*range(50)]
            assert np.array_equal(store.detail(int(hits.work[0])), seeds.astype(np.uint16))
        assert verify(store.journal()) is None
        start = max(ids) + 1
        store.close()


def test_the_next_writer_clears_what_a_killed_one_has_left(tmp_path, made):
    store = EmbeddedStore(tmp_path)
    store.put("books", [(Work("a", Kind.TEXT), made())], "")
    for name in ("dead.works", "dead.part"):
        (tmp_path / "segments" / name).write_bytes(b"half")
    store.put("books", [(Work("b", Kind.TEXT), made(1))], "")

    assert {file.suffix for file in (tmp_path / "segments").iterdir()} == {".works"}
    assert not (tmp_path / "segments" / "dead.works").exists()
    store.close()


def test_nothing_of_a_removed_work_is_left_in_any_file(tmp_path, made):
    store = EmbeddedStore(tmp_path)
    kept, gone = made(0, 500, vector=16, hashed=True), made(1, 500, vector=16, hashed=True)
    about = ("Vanishing Title", "Vanishing Owner", "https://vanishing.example")
    alias = ("Vanishing Alias",)
    works = [Work("k", Kind.IMAGE, "Stays"), Work("g", Kind.IMAGE, *about, aliases=alias)]
    store.put("books", [*zip(works, (kept, gone), strict=True)], "")
    traces = [word.encode() for text in about for word in (text, text.casefold())]
    traces += [
        alias[0].encode(),
        gone.detail[:8].tobytes(),
        gone.hash[:8],
        whole(gone.vector).tobytes(),
    ]

    assert [trace for trace in traces if trace not in files(tmp_path)] == []
    store.remove("books", ["g"], "letter")

    assert [trace for trace in traces if trace in files(tmp_path)] == []
    (segment,) = store._states.now().ordered
    assert set(unpack(segment._postings).tolist()) == set(mix(kept.seeds).tolist())
    assert kept.detail.tobytes() in files(tmp_path)
    store.close()


def test_no_title_of_many_removed_works_is_left_in_any_file(tmp_path, made):
    store = EmbeddedStore(tmp_path)
    names = [f"{number * 7919 % 1009:04}" for number in range(400)]
    works = [(Work(name, Kind.TEXT, f"title<{name}>" * 3), made(size=2)) for name in names]
    store.put("books", works, "")
    for start in range(0, 390, 30):
        store.remove("books", names[start : start + 30], "")
    left = files(tmp_path)

    assert [name for name in names[:390] if f"title<{name}>".encode() in left] == []
    assert all(f"title<{name}>".encode() in left for name in names[390:])
    store.close()


def test_replacing_a_work_leaves_nothing_of_the_old_one(tmp_path, made):
    store = EmbeddedStore(tmp_path)
    store.put("books", [(Work("a", Kind.TEXT, "Old Title"), made(0))], "")
    store.put("books", [(Work("a", Kind.TEXT, "New Title"), made(1))], "")

    assert made(0).detail[:8].tobytes() not in files(tmp_path)
    assert b"Old Title" not in files(tmp_path)
    assert b"New Title" in files(tmp_path)
    store.close()


def test_a_removal_that_a_reader_keeps_from_its_end_is_told(tmp_path, made, monkeypatch):
    monkeypatch.setattr(connections, "PATIENCE", 0.1)
    store = EmbeddedStore(tmp_path)
    store.put("books", [(Work("a", Kind.TEXT, "Vanishing Title"), made())], "")
    reader = sqlite3.connect(tmp_path / "works.sqlite")
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM works").fetchall()

    with pytest.raises(WorksError, match="keeps traces while another program reads"):
        store.remove("books", ["a"], "")
    assert store.get("books", "a") is None
    reader.close()
    store.remove("books", ["a"], "")
    assert b"Vanishing" not in files(tmp_path)
    store.close()


def test_a_writer_that_fails_changes_nothing(tmp_path, made, monkeypatch):
    store = EmbeddedStore(tmp_path)
    store.put("books", [(Work("a", Kind.TEXT), made(0))], "")
    monkeypatch.setattr(changing, "LONGEST", 10)
    with pytest.raises(WorksError, match="too much for one transaction"):
        store.put("books", [(Work("a", Kind.TEXT), made(1))], "")
    monkeypatch.undo()

    assert len(store.hits("books", Kind.TEXT, made(0).seeds, most=9).seed) == 40
    assert len(list(store.journal())) == 1
    store.put("books", [(Work("b", Kind.TEXT), made(2))], "")
    assert len(list((tmp_path / "segments").iterdir())) == 2
    store.close()


def test_files_are_few_however_many_the_writes(tmp_path, made, monkeypatch):
    monkeypatch.setattr(changing, "_SMALL", 4000)
    store = EmbeddedStore(tmp_path)
    for number in range(60):
        store.put("books", [(Work(str(number), Kind.TEXT), made(number))], "")
    sizes = sorted(file.stat().st_size for file in (tmp_path / "segments").iterdir())

    assert len(sizes) <= 9
    assert sizes[-1] > 10 * sizes[0]
    for number in range(60):
        hits = store.hits("books", Kind.TEXT, made(number).seeds, most=9)
        assert hits.place.tolist() == [*range(40)]
    store.close()


def test_after_many_turns_it_holds_what_the_plainest_store_holds(tmp_path, made, monkeypatch):
    monkeypatch.setattr(changing, "_SMALL", 3000)
    monkeypatch.setattr(changing, "FULL", 12_000)
    stores = [MemoryStore(), EmbeddedStore(tmp_path)]
    chance = np.random.default_rng(5)
    for _ in range(80):
        names = [str(number) for number in chance.integers(0, 40, chance.integers(1, 6))]
        kind = list(Kind)[chance.integers(0, 2)]
        width, turn = int(chance.integers(0, 2)) * 3, int(chance.integers(0, 9))
        for store in stores:
            if turn < 6:
                one = made(int(names[0]) * 10 + turn, 30 + turn, width=width, lines=turn)
                store.put("books", [(Work(name, kind), one) for name in names], "")
            elif turn == 6:
                store.consent("books", names, Consent.OPTED_OUT, "")
            else:
                store.remove("books", names, "")
    plain, folder = stores

    assert [*plain.works("books")] == [*folder.works("books")]
    assert plain.collections() == folder.collections()
    assert [r.act for r in plain.journal()] == [r.act for r in folder.journal()]
    for kind in list(Kind)[:2]:
        asked = np.concatenate([made(number, 35).seeds[:5] for number in range(400)])
        first, second = (store.hits("books", kind, asked, most=5) for store in stores)
        columns = [np.stack([h.work, h.place, h.seed]) for h in (first, second)]
        one, other = (column[:, np.lexsort(column)] for column in columns)
        assert np.array_equal(one, other)
        assert len(first.seed) > 0
        for work in np.unique(first.work).tolist():
            assert np.array_equal(plain.detail(work), folder.detail(work))
            assert np.array_equal(plain.lines(work), folder.lines(work))
    assert plain.works("books", Query(consent=Consent.OPTED_OUT))
    folder.close()


@pytest.mark.parametrize("count", [0, 1, 9, 5000, 600_000])
def test_packed_seeds_are_exact(count):
    chance = np.random.default_rng(count)
    seeds = chance.integers(0, 1 << 32, count, np.uint32)
    seeds[: count // 3] = 12_345  # a common one
    places = np.arange(count, dtype=np.uint32)
    packed = pack(mix(seeds), places)
    by_place = np.argsort(packed.places)
    asked = np.array([12_345, *seeds[-3:], 999], np.uint32)
    found = find(packed, mix(asked), most=count)

    assert np.array_equal(unpack(packed)[by_place], mix(seeds))
    assert found.counts.tolist() == [int((seeds == one).sum()) for one in asked]
    assert np.array_equal(seeds[found.place], asked[found.row])
    few = find(packed, mix(asked), most=2)
    assert few.counts.tolist() == found.counts.tolist()
    assert len(few.place) <= 2 * 5 + 64


def test_an_index_takes_about_six_bytes_a_seed():
    seeds = np.random.default_rng(0).integers(0, 1 << 32, 2_000_000, np.uint32)
    packed: Postings = pack(mix(seeds), np.arange(len(seeds), dtype=np.uint32))

    total = packed.offsets.nbytes + packed.rest.nbytes + packed.places.nbytes
    assert total / len(seeds) < 7.1


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[:70], lambda _: b"", lambda raw: b"x" + raw[1:]]
)
def test_a_damaged_file_is_told_by_name(tmp_path, made, monkeypatch, damage):
    monkeypatch.setattr(columns, "SMALL", 0)
    store = EmbeddedStore(tmp_path)
    store.put("books", [(Work("a", Kind.TEXT), made())], "")
    store.close()
    (file,) = (tmp_path / "segments").iterdir()
    file.write_bytes(damage(file.read_bytes()))

    again = EmbeddedStore(tmp_path)
    with pytest.raises(WorksError, match=f"'{file.name}' is damaged, import its collection again"):
        again.hits("books", Kind.TEXT, made().seeds, most=9)
    file.unlink()
    with pytest.raises(WorksError, match="is missing, import its collection again"):
        again.hits("books", Kind.TEXT, made().seeds, most=9)
    again.close()


def test_many_can_open_a_new_store_at_once(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(EmbeddedStore, [tmp_path / "new"] * 8))

    assert [list(store.works("books")) for store in stores] == [[]] * 8
    for store in stores:
        store.close()


def test_a_store_of_another_version_is_refused(tmp_path):
    EmbeddedStore(tmp_path).close()
    connection = sqlite3.connect(tmp_path / "works.sqlite")
    connection.execute("PRAGMA user_version = 9")
    connection.close()

    with pytest.raises(WorksError, match="has version 9, import it again"):
        EmbeddedStore(tmp_path)


FORKED = """
import os, sys, numpy as np
from pathlib import Path
from guardrails.works.fingerprint import Fingerprint
from guardrails.works.stores.embedded import EmbeddedStore
from guardrails.works.work import Kind, Work
store = EmbeddedStore(Path(sys.argv[1]))
one = Fingerprint(*np.arange(8, dtype=np.uint32).reshape(2, 4))
store.put("books", [(Work("parent", Kind.TEXT), one)], "")
child = os.fork()
store.put("books", [(Work(f"of {'parent' if child else 'child'}", Kind.TEXT), one)], "")
if child:
    assert os.waitpid(child, 0)[1] == 0
    print(*(work.id for work in store.works("books")), sep=", ")
store.close()
"""


def test_a_forked_process_goes_on_with_connections_of_its_own(tmp_path):
    told = subprocess.run(  # noqa: S603  # this Python, these lines
        [sys.executable, "-c", FORKED, str(tmp_path)], stdout=-1, text=True, check=True
    )

    assert told.stdout == "of child, of parent, parent\n"


def test_what_is_no_store_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WorksError, match="cannot be opened"):
        EmbeddedStore(tmp_path / "file")
    (tmp_path / "works.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(WorksError, match="cannot be opened"):
        EmbeddedStore(tmp_path)


def test_only_its_owner_can_look_into_the_folder(tmp_path, made):
    store = EmbeddedStore(tmp_path / "store")
    store.put("books", [(Work("a", Kind.TEXT), made())], "")

    for path in (tmp_path / "store", *(tmp_path / "store").rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path.name
    store.close()


def test_vectors_of_another_model_are_refused(tmp_path, made):
    store = EmbeddedStore(tmp_path)
    store.put("art", [(Work("a", Kind.IMAGE), made(vector=16))], "")

    message = "'art' has vectors of 16 numbers, not of 8: use the model that it was built with"
    with pytest.raises(WorksError, match=message):
        store.near("art", made(vector=8).vector, limit=3)
    store.close()


@pytest.mark.parametrize("small", [0, columns.SMALL])
def test_a_fingerprint_can_be_read_while_it_is_removed(tmp_path, made, monkeypatch, small):
    monkeypatch.setattr(columns, "SMALL", small)
    store = EmbeddedStore(tmp_path)
    one: Fingerprint = made(0, 5000)
    store.put("books", [(Work("a", Kind.TEXT), one)], "")
    held = store.detail(1)
    store.remove("books", ["a"], "")

    assert np.array_equal(held, one.detail)  # a request that had begun ends in peace
    assert len(store.detail(1)) == 0
    store.close()
