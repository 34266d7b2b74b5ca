"""`guardrails decisions`: what scripts and people are told."""

import json
import time
from pathlib import Path

import pytest

from guardrails.cli.main import main
from guardrails.core.content import Caller, Content, Stage
from guardrails.core.finding import Finding
from guardrails.core.verdict import Action, Outcome, Report, Verdict
from guardrails.core.view import Span
from guardrails.server.decisions.opening import keys_from, open_store
from guardrails.telemetry.decisions.log import DecisionLog, Terms

ANOTHER = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
"""The first public key of RFC 8032's test vectors."""


def verdict(number, tenant="acme", person="jo", action=Action.REDACT, **more):
    report = Report(
        *("pii", "pii", Outcome.FOUND, action, (Finding("PERSON", 0.9, Span(3, 5)),)),
        scores={"PERSON": 0.9},
        thresholds={"PERSON": 0.5},
    )
    return Verdict(
        *(f"{number:032x}", action, Content((), caller=Caller(tenant, person)), (report,)),
        *("chat", "ab" * 32, Stage.INPUT),
        models={"pii_ner": "cd" * 32},
        **more,
    )


@pytest.fixture
def key_file(tmp_path):
    file = tmp_path / "keys"
    file.write_text("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n")
    return str(file)


@pytest.fixture(params=["", "sqlite:"])
def log(request, tmp_path, key_file):
    """A log of three verdicts, a shadow and a refusal."""
    place = f"{request.param}{tmp_path / 'log'}"
    key = keys_from(Path(key_file)).current
    written = DecisionLog(open_store(place), Terms(0, key))
    written.record(verdict(1, fingerprint=key.mark_of("my text").removeprefix("k1:")))
    written.record(verdict(2, "rival", action=Action.BLOCK))
    written.record(verdict(3, person="al", action=Action.ALLOW))
    written.shadowed(verdict(3), verdict(4, action=Action.BLOCK))
    written.refuse("NOT_FOUND")
    written.close()
    return place


@pytest.fixture
def told(capsys, log):
    """Runs a verb on the log; gives the code and what it printed."""

    def run(*arguments):
        code = main(["decisions", arguments[0], "--log", log, *arguments[1:]])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def ids(out):
    return [int(one["id"], 16) for one in json.loads(out)["records"] if "id" in one]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ([], [4, 3, 2, 1]),
        (["--action", "block"], [4, 2]),
        (["--tenant", "rival"], [2]),
        (["--policy", "other"], []),
        (["--rule", "pii", "--kind", "verdict"], [3, 2, 1]),
        (["--kind", "shadow"], [4]),
        (["--since", "1h"], [4, 3, 2, 1]),
        (["--until", "2020-01-01"], []),
        (["--limit", "2"], [4]),  # and the refusal
    ],
)
def test_query_finds_what_fits(told, options, found):
    code, out, _ = told("query", "--json", *options)

    assert (code, ids(out)) == (0, found)


def test_query_finds_a_text_by_its_fingerprint(told, key_file):
    _, out, _ = told("query", "--json", "--text", "my text", "--key-file", key_file)
    _, other, _ = told("query", "--json", "--text", "another", "--key-file", key_file)

    assert (ids(out), ids(other)) == ([1], [])


def test_a_line_tells_what_happened(told):
    _, out, _ = told("query")

    refused, shadow, *_, first = out.splitlines()
    assert refused.endswith("refused  NOT_FOUND (1)")
    assert "shadow of redact, chat input acme  pii: PERSON" in shadow
    assert f"redact  {1:032x}  chat input acme  pii: PERSON" in first


def test_show_tells_all_of_one(told):
    code, out, _ = told("show", f"{3:032x}")

    assert code == 0
    assert "PERSON 0.900, threshold 0.5" in out
    assert "found PERSON at 3-5 of part 0" in out
    assert "model pii_ner@cdcdcdcdcdcd" in out
    assert "shadow of redact" in out


@pytest.mark.parametrize("wanted", ["none", "", "%", f"{3:032x}'--"])
def test_show_of_what_is_not_there_fails(told, wanted):
    code, out, err = told("show", wanted)

    assert (code, out) == (5, "")
    assert f"the log has no decision '{wanted}'" in err


def test_verify_tells_that_it_is_whole(told, key_file):
    code, out, _ = told("verify", "--key-file", key_file)

    assert code == 0
    assert out.startswith("worker 0: whole: ")
    assert "signed through record" in out


def test_verify_by_the_public_key_alone(told, capsys, key_file):
    main(["decisions", "key", "--key-file", key_file])
    _, public = capsys.readouterr().out.split()
    code, out, _ = told("verify", "--json", "--public-key", public)
    wrong, _, err = told("verify", "--public-key", ANOTHER)

    assert (code, json.loads(out)["whole"]) == (0, True)
    assert wrong == 5
    assert "its signature is of another key: either the key given is not the one" in err


@pytest.mark.parametrize("verb", [["verify"], ["verify", "--json"], ["query"], ["show", "x"]])
def test_a_place_without_a_log_is_an_error(tmp_path, capsys, verb):
    (tmp_path / "empty").mkdir()

    assert main(["decisions", *verb, "--log", str(tmp_path / "empty")]) == 5
    out, err = capsys.readouterr()
    assert out == ""
    assert "there is no log in" in err


def test_verify_holds_the_log_against_an_anchor(told):
    _, out, _ = told("verify", "--json")
    end = json.loads(out)["chains"][0]["end"]
    same, _, _ = told("verify", "--anchor", f"0:{end['count']}:{end['hash']}")
    longer, _, err = told("verify", "--anchor", f"{end['count'] + 5}:{'0' * 64}")
    elsewhere, _, _ = told("verify", "--anchor", f"7:1:{'0' * 64}")

    assert (same, longer, elsewhere) == (0, 5, 5)
    assert "the rest is gone" in err


def test_forget_erases_a_person_and_the_log_is_whole(told, key_file):
    code, out, _ = told("forget", "--person", "jo", "--tenant", "acme", "--key-file", key_file)
    _, after, _ = told("query", "--json", "--kind", "verdict")
    verified, proof, _ = told("verify", "--json", "--key-file", key_file)

    assert (code, out) == (0, "erased: 2 records\n")  # and the shadow
    assert ids(after) == [3, 2]
    assert (verified, json.loads(proof)["chains"][0]["erased"]) == (0, 2)


def test_forget_erases_a_tenant(told):
    _, out, _ = told("forget", "--tenant", "rival", "--json")

    assert json.loads(out) == {"erased": 1}


def test_retain_lets_go_of_what_is_old(told, key_file):
    young, kept, _ = told("retain", "--days", "30", "--key-file", key_file)
    time.sleep(0.01)

    assert (young, kept) == (0, "dropped: 0 records\n")
    assert told("verify", "--key-file", key_file)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["query"], "which log? name it with --log, or in GUARDRAILS_DECISIONS"),
        (["show", "x", "--log", "otlp:"], "a log that goes to a collector is read there"),
        (["forget", "--log", "x"], "of whom? name a --person, a --tenant or both"),
        (["key"], "which keys? name their file with --key-file"),
    ],
)
def test_bad_arguments_are_said(capsys, monkeypatch, arguments, message):
    monkeypatch.delenv("GUARDRAILS_DECISIONS", raising=False)

    assert main(["decisions", *arguments]) == 2
    assert capsys.readouterr().err == f"guardrails: {message}\n"


def test_a_person_needs_the_key(told):
    assert told("forget", "--person", "jo")[0] == 2
    assert told("query", "--text", "x")[0] == 2


def test_the_log_may_be_named_by_the_environment(capsys, monkeypatch, log):
    monkeypatch.setenv("GUARDRAILS_DECISIONS", log)

    assert main(["decisions", "show", f"{2:032x}"]) == 0
    assert "block" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("verb", "option", "value"),
    [
        ("query", "--since", "yesterday"),
        ("query", "--limit", "0"),
        ("verify", "--anchor", "5"),
        ("verify", "--public-key", "zz"),
        ("retain", "--days", "-1"),
    ],
)
def test_values_that_mean_nothing_are_refused(capsys, verb, option, value):
    with pytest.raises(SystemExit) as ended:
        main(["decisions", verb, "--log", "x", option, value])

    assert ended.value.code == 2
    assert value in capsys.readouterr().err


def test_a_log_that_is_not_there_is_not_made(tmp_path, capsys):
    for place in (tmp_path / "none", f"sqlite:{tmp_path / 'none'}"):
        assert main(["decisions", "query", "--log", str(place)]) == 5
    assert not (tmp_path / "none").exists()
    assert "none" in capsys.readouterr().err
