"""`guardrails works list|takedown|journal|credits|...` as scripts and people use it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from pydoc_data.topics import topics

import pytest

from guardrails.cli.main import main
from guardrails.works.library import Library, Original
from guardrails.works.records import Credit
from guardrails.works.stores.opening import open_store
from guardrails.works.work import Consent, Kind, Work

READING = [
    ["list"],
    ["search", "a"],
    ["stats"],
    ["export"],
    ["takedown", "a"],
    ["remove", "a"],
    ["lookup", "some words"],
    ["dedupe"],
    ["journal"],
    ["credits", "--from", "2026-01-01", "--to", "2026-01-31"],
]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The working directory: a store of four works and what three answers owe for them."""
    monkeypatch.chdir(tmp_path)
    store = open_store("store")
    Library(store, "c").add(
        [
            Original(Work("a", Kind.TEXT, "Try", "Ada", licence="MIT"), topics["try"]),
            Original(Work("b", Kind.TEXT, "Class", "Ada"), topics["class"]),
            Original(Work("c", Kind.CODE, "c.py", "Charles"), "def f(x):\n    return x\n" * 9),
            Original(Work("d", Kind.NAME, "Greg \x1b[2J", aliases=("G.",)), ""),
        ]
    )
    store.credit([owed("v1", 1), owed("v2", 31), owed("v2", 31, "c", Kind.CODE, "Charles")])
    store.close()
    return tmp_path


def owed(verdict, day, work="a", kind=Kind.TEXT, owner="Ada"):
    at = datetime(2026, 1, day, 23, tzinfo=UTC)
    return Credit(verdict, at, "chat", "c", work, kind, owner, "MIT", 100, 0.5)


def works(verb, *options, store="store", collection="c"):
    return main(["works", verb, *options, "--store", store, "--collection", collection])


def told(capsys, verb, *options):
    capsys.readouterr()
    assert works(verb, *options, "--json") == 0
    return json.loads(capsys.readouterr().out)


def consents():
    store = open_store("store")
    found = {work.id: work.consent for work in store.works("c")}
    store.close()
    return found


@pytest.mark.parametrize("command", READING)
def test_a_store_that_is_not_there_is_not_made_by_reading(capsys, command):
    assert works(*command, store="gone") == 2
    assert capsys.readouterr().err == (
        "guardrails: no store of works at 'gone', make one with 'guardrails works import'\n"
    )
    assert not Path("gone").exists()


@pytest.mark.parametrize("command", READING)
def test_a_collection_that_is_not_there_is_told(capsys, command):
    assert works(*command, collection="cc") == 2
    assert capsys.readouterr().err == "guardrails: no collection 'cc', did you mean 'c'?\n"


def test_works_are_listed_for_a_person_without_what_would_steer_a_terminal(capsys):
    assert works("list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["a", "text", "unknown", "Try", "by", "Ada", "(MIT)"]
    assert lines[3].split() == ["d", "name", "unknown", "Greg", "[2J"]


@pytest.mark.parametrize(
    ("command", "ids"),
    [
        (["list"], "abcd"),
        (["list", "--limit", "2"], "ab"),
        (["list", "--kind", "code"], "c"),
        (["list", "--owner", "Ada"], "ab"),
        (["list", "--consent", "opted_out"], ""),
        (["search", "ada", "class"], "b"),
        (["search", "ADA"], "ab"),
        (["search", "nobody"], ""),
        (["export", "--owner", "Charles"], "c"),
    ],
)
def test_works_are_listed_and_searched(capsys, command, ids):
    assert [work["id"] for work in told(capsys, *command)["works"]] == list(ids)


def test_an_export_has_a_line_for_each_work_and_no_content(capsys):
    assert works("export", "--to", "out.jsonl") == 0
    rows = [json.loads(line) for line in Path("out.jsonl").read_text().splitlines()]
    assert [row["id"] for row in rows] == ["a", "b", "c", "d"]
    assert (rows[0]["title"], rows[0]["licence"], rows[3]["aliases"]) == ("Try", "MIT", ["G."])
    assert all(len(json.dumps(row)) < 600 for row in rows)
    works("export")
    assert capsys.readouterr().out == Path("out.jsonl").read_text()


def test_works_are_counted(capsys):
    assert told(capsys, "stats") == {
        "store": "store",
        "collection": "c",
        "works": 4,
        "kinds": {"code": 1, "name": 1, "text": 2},
        "consents": {"unknown": 4},
        "owners": 3,
    }
    assert main(["works", "stats", "--store", "store", "--json"]) == 0
    counts = json.loads(capsys.readouterr().out)["collections"]
    assert counts == {"c": {"code": 1, "name": 1, "text": 2}}


@pytest.mark.parametrize(
    ("verb", "consent", "said"),
    [
        ("takedown", Consent.TAKEN_DOWN, "c: 2 works taken down\n"),
        ("optout", Consent.OPTED_OUT, "c: 2 works opted out\n"),
        ("allow", Consent.ALLOWED, "c: 2 works allowed\n"),
    ],
)
@pytest.mark.parametrize("which", [["a", "b"], ["--owner", "Ada"]])
def test_what_owners_say_is_noted_by_work_and_by_owner(capsys, verb, consent, said, which):
    assert works(verb, *which, "--reason", "a letter") == 0
    assert capsys.readouterr().out == said
    assert consents() == {"a": consent, "b": consent, "c": "unknown", "d": "unknown"}
    assert told(capsys, "journal")["records"][-1]["reason"] == "a letter"


def test_what_was_said_can_be_taken_back():
    works("optout", "a")
    works("protect", "a")
    assert consents()["a"] == Consent.UNKNOWN


def test_works_that_are_not_there_are_told_and_the_others_are_taken_down(capsys):
    assert works("takedown", "a", "x", "y") == 2
    report = capsys.readouterr()
    assert report.out == "c: 1 work taken down\n"
    assert report.err == "guardrails: no work 'x', 'y' in 'c'\n"
    assert consents()["a"] == Consent.TAKEN_DOWN


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["takedown"], "name works by their ids, or all of an owner by '--owner'"),
        (
            ["remove", "a", "--owner", "Ada"],
            "name works by their ids, or all of an owner by '--owner'",
        ),
        (["optout", "--owner", "Nobody"], "no work of 'Nobody' in 'c'"),
        (["optout", "a", "--alias", "b"], "'--alias' goes with '--term'"),
        (["optout", "a", "--term", "b"], "'--term' names one name, without ids and '--owner'"),
    ],
)
def test_what_makes_no_sense_is_refused(capsys, command, message):
    assert works(*command) == 2
    assert capsys.readouterr().err == f"guardrails: {message}\n"


def test_a_removed_work_is_gone(capsys):
    assert told(capsys, "remove", "a", "d")["works"] == 2
    assert sorted(consents()) == ["b", "c"]
    assert told(capsys, "lookup", " ".join(topics["try"].split()[40:90]))["matches"] == []


def test_a_name_is_opted_out_and_its_aliases_add_up():
    works("optout", "--term", "Greg  Rutkowski", "--alias", "Rutkowski")
    works("takedown", "--term", "greg rutkowski", "--alias", "G. R.")
    store = open_store("store")
    work = store.get("c", "name/greg rutkowski")
    store.close()
    assert work is not None
    assert (work.kind, work.consent) == (Kind.NAME, Consent.TAKEN_DOWN)
    assert work.aliases == ("G. R.", "Rutkowski")


def test_the_journal_tells_what_was_done(capsys):
    works("takedown", "a", "--reason", "a letter\x1b[2J")
    capsys.readouterr()
    assert works("journal") == 0
    *_, last = capsys.readouterr().out.splitlines()
    number, _, act, work, *reason = last.split()
    assert (number, act, work, reason) == ("5", "take_down", "c/a", ["a", "letter", "[2J"])


def test_the_journal_is_proved_whole_and_against_an_anchor(capsys):
    assert works("journal", "--verify", "--write-anchor", "anchor") == 0
    assert capsys.readouterr().out == "whole: 4 records\n"
    works("takedown", "a")
    assert works("journal", "--anchor", "anchor") == 0
    assert told(capsys, "journal", "--verify", "--anchor", "anchor")["count"] == 5


def test_a_journal_that_is_not_what_it_was_is_told(capsys):
    Path("anchor").write_text(f"4 {'0' * 64}\n")
    assert works("journal", "--anchor", "anchor") == 5
    assert capsys.readouterr().err == (
        "guardrails: works: the journal of 'store' was altered at record 4: it differs from the "
        "anchor: the journal was written anew\n"
    )
    Path("anchor").write_text("nonsense")
    assert works("journal", "--anchor", "anchor") == 2


@pytest.mark.parametrize(
    ("until", "words"),
    [("2026-01-30", 100), ("2026-01-31", 200), ("2026-01-31T22:00", 100), ("2026-02-01", 200)],
)
def test_credits_are_summed_by_owner_to_the_end_of_a_day(capsys, until, words):
    ada, *_ = told(capsys, "credits", "--from", "2026-01-01", "--to", until)["owners"]
    assert (ada["owner"], ada["words"]) == ("Ada", words)


def test_credits_are_printed_as_a_table_and_as_csv(capsys):
    dates = ["--from", "2026-01-01", "--to", "2026-01-31"]
    assert works("credits", *dates) == 0
    assert capsys.readouterr().out == (
        "owner    queries  words  tokens  pictures\n"
        "Ada            2    200       0         0\n"
        "Charles        1      0     100         0\n"
    )
    assert works("credits", *dates, "--csv") == 0
    assert capsys.readouterr().out == (
        "owner,queries,words,tokens,pictures\nAda,2,200,0,0\nCharles,1,0,100,0\n"
    )


def test_an_amount_is_shared_by_rules(capsys):
    Path("rules.yaml").write_text("weights: {words: 1, tokens: 1}\n")
    options = ["--from", "2026-01-01", "--to", "2026-01-31", "--shares", "rules.yaml"]
    report = told(capsys, "credits", *options, "--amount", "100")
    assert [(one["owner"], one["amount"]) for one in report["shares"]] == [
        ("Ada", "66.67"),
        ("Charles", "33.33"),
    ]
    works("credits", *options, "--amount", "100", "--csv")
    assert capsys.readouterr().out.splitlines()[0] == "owner,points,share,amount"
    assert works("credits", *options[:4], "--amount", "100") == 2
    Path("rules.yaml").write_text("wages: {}\n")
    capsys.readouterr()
    assert works("credits", *options, "--amount", "100") == 2
    assert capsys.readouterr().err.startswith("guardrails: rules.yaml: 'wages': ")


def test_duplicates_are_told_and_dropped(capsys):
    store = open_store("store")
    again = [
        Original(Work(name, Kind.TEXT, "Try", owner), topics["try"].upper())
        for name, owner in (("x", "Ada"), ("y", "Eve"))
    ]
    Library(store, "c").add(again)
    store.close()

    assert works("dedupe") == 0
    assert capsys.readouterr().out == (
        "a  Try\n  = x  Try\n  = y  Try  of 'Eve'\n1 document stands in it more than once\n"
    )
    report = told(capsys, "dedupe", "--remove")
    assert (report["removed"], sorted(consents())) == (1, ["a", "b", "c", "d", "y"])
