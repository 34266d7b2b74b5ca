"""`guardrails feedback` and `calibrate --from`: from words to proposals."""

import json
from pathlib import Path

import pytest

from guardrails.cli.main import main
from guardrails.core.feedback import Reason, Said
from guardrails.telemetry.feedback.store import Feedback

POLICY = """
policy: chat
input:
  - check: toxicity
    threshold: 0.5
    then: block
"""


@pytest.fixture
def file(tmp_path):
    return str(tmp_path / "fb.sqlite")


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "chat.yaml"
    path.write_text(POLICY)
    return str(path)


@pytest.fixture
def told(capsys):
    def run(*arguments):
        code = main(list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return run


def add(told, file, *more):
    _, out, _ = told(
        *("feedback", "add", "d1", "--feedback", file, "--json", "--policy", "chat"),
        *("--reason", "false_positive", *more),
    )
    return json.loads(out)["id"]


def test_what_is_added_is_listed_shown_and_withdrawn(told, file):
    identity = add(told, file, "--rule", "pii", "--note", "a \x1b[31m note", "--text", "a text")

    _, listed, _ = told("feedback", "list", "--feedback", file)
    _, shown, _ = told("feedback", "show", identity, "--feedback", file)
    code, out, _ = told("feedback", "withdraw", identity, "--feedback", file)
    _, after, _ = told("feedback", "list", "--feedback", file, "--json")

    assert "false_positive of d1  chat, pii, with text, with a note, unverified" in listed
    assert "a text" not in listed
    assert "note: a \\x1b[31m note" in shown
    assert "text: a text" in shown
    assert (code, out) == (0, f"withdrawn: {identity}\n")
    assert json.loads(after) == {"entries": []}


def test_a_note_without_the_key_is_refused_by_a_sealed_file(told, file, tmp_path):
    keys = tmp_path / "keys"
    keys.write_text("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n")
    identity = add(told, file, "--note", "a note", "--key-file", str(keys))

    said = ("feedback", "add", "d2", "--reason", "other", "--note", "in plain")
    code, _, err = told(*said, "--feedback", file)
    assert code == 5
    assert "is sealed, and would be written in plain" in err
    assert b"in plain" not in Path(file).read_bytes()
    keys.write_text("k1:AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\n")
    code, _, err = told("feedback", "show", identity, "--feedback", file, "--key-file", str(keys))
    assert code == 5
    assert "that is not the key that it was sealed with" in err


@pytest.mark.usefixtures("policy")
def test_to_tests_writes_what_guardrails_test_reads(told, file, tmp_path):
    add(told, file, "--rule", "toxicity", "--text", "what a lovely day")
    to = str(tmp_path / "said_test.yaml")

    code, out, _ = told("feedback", "to-tests", "--policy", "chat", "--to", to, "--feedback", file)
    assert (code, out) == (0, f"wrote 1 proposals to {to}, look at each\n")
    assert (tmp_path / "said_test.yaml").stat().st_mode & 0o077 == 0
    tested, report, _ = told("test", "--live", to)
    assert (tested, "1 passed" in report) == (0, True)
    again, _, err = told("feedback", "to-tests", "--policy", "chat", "--to", to, "--feedback", file)
    assert again == 2
    assert "it is there already, name a new file" in err


def test_nothing_to_test_is_said(told, file, tmp_path):
    add(told, file)
    to = str(tmp_path / "said_test.yaml")
    code, _, err = told("feedback", "to-tests", "--policy", "chat", "--to", to, "--feedback", file)

    assert code == 2
    assert "nobody gave a text that a case can be made of" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["feedback", "list"], "which file? name it with --feedback, or in GUARDRAILS_FEEDBACK"),
        (
            ["feedback", "to-tests", "--policy", "p", "--to", "x.yaml", "--feedback", "f"],
            "--to x.yaml: tests are in files that end in _test.yaml",
        ),
        (
            ["calibrate", "--policy", "p"],
            "give --data FILE and --target-fpr RATE, or --from FEEDBACK",
        ),
    ],
)
def test_bad_arguments_are_said(told, monkeypatch, arguments, message):
    monkeypatch.delenv("GUARDRAILS_FEEDBACK", raising=False)

    code, _, err = told(*arguments)

    assert (code, err) == (2, f"guardrails: {message}\n")


def record(number, score):
    return {
        "id": f"d{number}",
        "policy": "chat",
        "stage": "input",
        "action": "block",
        "rules": [
            {
                "rule": "toxicity",
                "action": "block",
                "outcome": "found",
                "scores": {"TOXICITY": [score, 0.5]},
                "findings": [{"category": "TOXICITY"}],
            }
        ],
    }


def test_many_complaints_are_a_proposal_and_no_policy_changes(told, file, policy):
    kept = Feedback(Path(file))
    for number in range(30):
        kept.add(Said(f"d{number}", Reason.FALSE_POSITIVE), record(number, 0.5 + number / 100))
    kept.close()

    code, out, _ = told("calibrate", "--from", file, "--policy", policy)
    _, plain, _ = told("calibrate", "--from", file, "--policy", policy, "--json")

    assert code == 0
    assert "toxicity.TOXICITY" in out
    assert "30 of 30 (100%, 88% to 100%)" in out
    assert "thresholds: {TOXICITY: " in out
    [proposal] = json.loads(plain)["proposals"]
    assert (proposal["old"], proposal["harmless"], proposal["few"]) == (0.5, 30, False)
    assert 0.79 < proposal["new"] <= 1.0
    assert Path(policy).read_text() == POLICY


def test_a_text_without_a_record_is_judged_now(told, file, policy):
    add(told, file, "--text", "I will hunt you down and kill you, you worthless piece of shit")
    add(told, file)

    code, out, _ = told("calibrate", "--from", file, "--policy", policy)

    assert code == 0
    assert "left out: 1, of which neither log nor text tells the scores" in out


def test_a_log_that_is_not_there_is_said(told, file, policy, tmp_path):
    add(told, file)
    (tmp_path / "empty").mkdir()

    log = ("--log", str(tmp_path / "empty"))
    code, _, err = told("calibrate", "--from", file, "--policy", policy, *log)

    assert code == 5
    assert "there is no log in" in err


def test_feedback_that_speaks_of_nothing_is_said(told, file, policy):
    told("feedback", "add", "d", "--reason", "other", "--policy", "chat", "--feedback", file)

    _, out, _ = told("calibrate", "--from", file, "--policy", policy)

    assert "nothing in it speaks of a threshold" in out
