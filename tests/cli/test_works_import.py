"""`guardrails works import|add|hash`: what comes in, what is told, and that nothing is lost."""

import gzip
import json
import subprocess
import sys
import time
from pathlib import Path
from pydoc_data.topics import topics

import pytest

from guardrails.cli.main import main
from guardrails.works.stores.opening import open_store


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The working directory: three chapters, a picture that is none, and some rows."""
    monkeypatch.chdir(tmp_path)
    for name in ("try", "class", "import"):
        path = Path("books", f"{name}.txt")
        path.parent.mkdir(exist_ok=True)
        path.write_text(topics[name])
    return tmp_path


def works(verb, *options, store="store"):
    return main(["works", verb, *options, "--store", store, "--collection", "c"])


def rows(*given, name="rows.jsonl"):
    text = "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in given)
    Path(name).write_bytes(gzip.compress(text.encode()) if name.endswith("gz") else text.encode())


def imported(capsys, *options):
    capsys.readouterr()
    assert works("import", *options, "--json") == 0
    return json.loads(capsys.readouterr().out)


def kept():
    store = open_store("store")
    listed = {work.id: work for work in store.works("c", limit=1_000_000)}
    store.close()
    return listed


def test_a_folder_comes_in_once(capsys):
    assert works("import", "books", "--owner", "PSF") == 0
    assert capsys.readouterr().out == "c: 3 added, 0 unchanged, 0 broken, 0 passed over\n"
    assert works("import", "books", "--owner", "PSF") == 0
    assert capsys.readouterr().out == "c: 0 added, 3 unchanged, 0 broken, 0 passed over\n"
    assert {work.owner for work in kept().values()} == {"PSF"}


def test_a_folder_that_stands_elsewhere_is_the_same_folder(capsys, folder):
    works("import", "books")
    assert imported(capsys, str(folder / "books"))["unchanged"] == 3


def test_what_was_changed_comes_in_again_and_keeps_what_its_owner_said(capsys):
    works("import", "books")
    works("takedown", "try.txt")
    Path("books/try.txt").write_text("Another text.")
    assert imported(capsys, "books") == {
        "collection": "c",
        "added": 1,
        "unchanged": 2,
        "broken": 0,
        "passed_over": 0,
        "complete": True,
    }
    assert kept()["try.txt"].consent == "taken_down"


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.jsonl.gz"])
def test_rows_come_in(name, capsys):
    rows({"id": "a", "title": "A", "text": "words"}, {"id": 2, "path": "books/try.txt"}, name=name)
    assert imported(capsys, name, "--kind", "text", "--prefix", "x/")["added"] == 2
    assert sorted(kept()) == ["x/2", "x/a"]


def test_a_broken_row_ends_the_import_and_what_stands_before_it_is_in(capsys):
    rows({"id": "a", "text": "words"}, "nonsense", {"id": "b", "text": "more"})
    assert works("import", "rows.jsonl") == 2

    told = capsys.readouterr()
    assert told.out == "c: 1 added, 0 unchanged, 1 broken, 0 passed over\n"
    assert told.err == (
        "guardrails: rows.jsonl:2: is no JSON, column 1: expecting value; what stands before it "
        "is in: put it right and run the command again, or pass '--skip-broken'\n"
    )
    assert list(kept()) == ["a"]


def test_broken_rows_are_told_and_counted_when_they_are_skipped(capsys):
    rows("nonsense", {"id": "a", "text": "words"}, {"text": "no id"}, {"id": "a", "text": "again"})
    assert works("import", "rows.jsonl", "--skip-broken") == 0

    told = capsys.readouterr()
    assert told.out == "c: 1 added, 0 unchanged, 3 broken, 0 passed over\n"
    assert told.err.splitlines() == [
        "rows.jsonl:1: is no JSON, column 1: expecting value",
        "rows.jsonl:3: no 'id', give each work one of its own",
        "'a': stands twice in it, give each its own id",
    ]


def test_a_picture_that_cannot_be_fingerprinted_is_told_by_its_id(capsys):
    Path("torn.jpg").write_bytes(b"\xff\xd8\xff\xe0 torn")
    rows({"id": "p", "path": "torn.jpg"}, {"id": "a", "text": "words"})
    assert works("import", "rows.jsonl", "--skip-broken") == 0

    told = capsys.readouterr()
    assert told.out == "c: 1 added, 0 unchanged, 1 broken, 0 passed over\n"
    assert told.err.startswith("works: 'p': ")


def test_files_of_other_kinds_are_told_and_passed_over(capsys):
    Path("books/data.bin").write_bytes(b"\0\1")
    assert works("import", "books") == 0
    told = capsys.readouterr()
    assert told.out == "c: 3 added, 0 unchanged, 0 broken, 1 passed over\n"
    assert told.err == "passed over: books/data.bin: is no text, code or image\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["gone"], "guardrails: there is no file or folder 'gone'\n"),
        (
            ["books", "--kind", "image"],
            "guardrails: 'books' holds no works of the kind that was asked for\n",
        ),
        (["torn.parquet"], "guardrails: 'torn.parquet' is no Parquet file that can be read\n"),
        (["books", "--embedding", "nets"], "guardrails: unknown model 'nets', did you mean "),
        (["books", "--embedding", "yunet"], "guardrails: model 'yunet' embeds no pictures\n"),
    ],
)
def test_an_import_that_cannot_be_is_refused(capsys, options, message):
    Path("torn.parquet").write_bytes(b"PAR1")
    assert works("import", *options) in {2, 5}
    assert message in capsys.readouterr().err
    assert "image" in options or not Path("store").exists()


def test_several_processes_give_the_same_store(capsys):
    assert imported(capsys, "books", "--workers", "2")["added"] == 3
    capsys.readouterr()
    assert works("lookup", " ".join(topics["try"].split()[40:90]), "--json") == 0
    (match,) = json.loads(capsys.readouterr().out)["matches"]
    assert match["work"]["id"] == "try.txt"


def test_an_import_that_is_killed_goes_on_where_it_was(capsys):
    words = topics["class"].split()
    many = [
        {"id": f"{n:05}", "text": f"{n} {' '.join(words[n % 50 :][:40])}"} for n in range(14_000)
    ]
    rows(*many)
    options = ["works", "import", "rows.jsonl", "--store", "store", "--collection", "c"]
    running = subprocess.Popen([sys.executable, "-m", "guardrails.cli", *options])  # noqa: S603  # our own command
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not _count("store"):
        time.sleep(0.05)
    running.kill()
    running.wait()

    there = len(kept())
    assert 5000 <= there < 14_000  # else it was killed too early, or too late
    report = imported(capsys, "rows.jsonl")
    assert (report["unchanged"], report["added"]) == (there, 14_000 - there)
    assert len(kept()) == 14_000


def _count(where):
    if not Path(where, "works.sqlite").exists():
        return 0
    store = open_store(where)
    try:
        return sum(store.collections().get("c", {}).values())
    finally:
        store.close()


def test_one_file_is_added_with_all_that_is_known_of_it(capsys):
    options = ["--id", "t", "--title", "Try", "--owner", "PSF", "--licence", "PSF-2.0"]
    options += ["--source", "the manual", "--created", "1991-02-20", "--consent", "allowed"]
    assert works("add", "books/try.txt", *options) == 0

    assert capsys.readouterr().out == "c: 1 added, 0 unchanged\n"
    work = kept()["t"]
    assert (work.title, work.owner, work.licence) == ("Try", "PSF", "PSF-2.0")
    assert (work.source, work.created, work.consent) == ("the manual", "1991-02-20", "allowed")


def test_a_name_is_added_with_what_else_it_is_called(capsys):
    options = ["--kind", "name", "--title", "Ada Lovelace", "--alias", "Ada Byron"]
    assert works("add", *options, "--json") == 0
    assert json.loads(capsys.readouterr().out)["ids"] == ["name/ada lovelace"]
    assert kept()["name/ada lovelace"].aliases == ("Ada Byron",)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([], "name the files to add, or give a name by '--kind name --title NAME'"),
        (["a.txt", "b.txt", "--id", "x"], "'--id' goes with one file, there are several"),
        (["gone.txt"], "gone.txt: cannot be read: no such file or directory"),
        (["--kind", "name"], "a name is given by its '--title', without a file"),
    ],
)
def test_what_cannot_be_added_says_the_way_out(capsys, options, message):
    assert works("add", *options) == 2
    assert capsys.readouterr().err == f"guardrails: {message}\n"


def test_an_owner_hashes_and_an_operator_finds(capsys):
    assert main(["works", "hash", "books", "--to", "mine.hashes", "--owner", "PSF"]) == 0
    assert capsys.readouterr().err == "mine.hashes: 3 works\n"
    assert imported(capsys, "mine.hashes")["added"] == 3

    assert works("lookup", " ".join(topics["try"].split()[40:90]), "--json") == 0
    (match,) = json.loads(capsys.readouterr().out)["matches"]
    assert (match["work"]["title"], match["work"]["owner"]) == ("try", "PSF")
    assert match["matched_words"] >= 24


def test_a_list_can_have_the_salt_of_another():
    main(["works", "hash", "books/try.txt", "--to", "a.hashes"])
    main(["works", "hash", "books/class.txt", "--to", "b.hashes", "--salt-of", "a.hashes"])
    heads = [Path(name).read_text().splitlines()[0] for name in ("a.hashes", "b.hashes")]
    assert heads[0] == heads[1]


def test_a_list_is_written_whole_or_not_at_all(capsys):
    Path("books/short.txt").write_text("too few words")
    assert main(["works", "hash", "books", "--to", "mine.hashes"]) == 2
    assert capsys.readouterr().err == "guardrails: 'short.txt': has 3 words, 24 are needed\n"
    assert not list(Path().glob("*hashes*"))
    assert not list(Path().glob(".*hashes*"))


def test_a_list_has_a_name_that_tells_what_it_is(capsys):
    assert main(["works", "hash", "books", "--to", "mine.txt"]) == 2
    assert capsys.readouterr().err == (
        "guardrails: 'mine.txt': a list is imported by its name, call it *.hashes\n"
    )
