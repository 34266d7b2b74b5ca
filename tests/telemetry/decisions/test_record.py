"""A record says all of a verdict but content."""

import json

import pytest

from guardrails.core.content import Caller, Content, Stage, Text
from guardrails.core.finding import Finding
from guardrails.core.verdict import Action, Outcome, Report
from guardrails.telemetry.decisions.line import canonical
from guardrails.telemetry.decisions.record import (
    LONGEST_REASON,
    MOST_FINDINGS,
    Refused,
    body,
    moment,
    noted,
)


def test_it_says_what_was_decided_and_why(verdict, key):
    record = json.loads(canonical(body(noted(verdict(1), 0.25), key)))

    assert record["kind"] == "verdict"
    assert record["at"] == "1970-01-01T00:00:00.250000Z"
    assert (record["tenant"], record["policy"], record["stage"]) == ("acme", "chat", "input")
    assert record["fingerprint"] == f"k1:{'ef' * 32}"
    assert record["marks"] == [{"mark": "zero_width", "key_id": "k9", "part": 0}]
    toxicity, pii = record["rules"]
    assert toxicity["scores"] == {"TOXICITY": [0.97, 0.9], "INSULT": [0.2, 0.8]}
    assert toxicity["batch"] == 7
    assert toxicity["findings"] == [
        {"category": "TOXICITY", "score": 0.97, "threshold": 0.9, "part": 0, "start": 3, "end": 9},
        {
            "category": "TOXICITY",
            "score": 0.95,
            "threshold": 0.9,
            "part": 1,
            "region": [0.1, 0.2, 0.3, 0.4],
        },
        {
            "category": "COPIED",
            "score": 1.0,
            "threshold": None,
            "part": 0,
            "work": "w1",
            "collection": "books",
        },
    ]
    assert (pii["outcome"], pii["reason"]) == ("unjudged", "not needed")


@pytest.mark.parametrize(
    "secret",
    ["jo@example.org", "told to the user", "a secret token", "says why", "a title", "beef", "what"],
)
def test_it_holds_nothing_that_anybody_wrote(verdict, key, secret):
    one = verdict(content=Content((Text("what"),), caller=Caller("acme", "jo@example.org")))

    assert secret.encode() not in canonical(body(noted(one, 0.0), key))
    assert secret.encode() not in canonical(body(noted(one, 0.0), None))


def test_a_noted_verdict_keeps_no_content_in_memory(verdict):
    one = verdict(content=Content((Text("x" * 1000),), caller=Caller("acme")))

    assert noted(one, 0.0).verdict.content.parts == ()


def test_a_person_is_told_from_another_and_from_one_of_another_tenant(key):
    same, other, elsewhere = (
        key.person_of(*one) for one in (("a", "jo"), ("a", "al"), ("b", "jo"))
    )

    assert len({same, other, elsewhere}) == 3
    assert key.person_of("a", "jo") == same
    assert key.person_of("a", "") == ""


def test_without_a_key_nobody_is_named(verdict):
    record = body(noted(verdict(), 0.0), None)

    assert (record["person"], record["fingerprint"]) == ("", "")


def test_a_record_has_a_bound(verdict):
    many = tuple(Finding("A", 1.0) for _ in range(5000))
    report = Report("r", "c", Outcome.FOUND, Action.FLAG, many, reason="x" * 5000)

    rule = body(noted(verdict(reports=(report,)), 0.0), None)["rules"][0]

    assert len(rule["findings"]) == MOST_FINDINGS
    assert rule["more"] == 5000 - MOST_FINDINGS
    assert len(rule["reason"]) == LONGEST_REASON


def test_numbers_of_other_libraries_are_numbers(verdict):
    numpy = pytest.importorskip("numpy")
    report = Report(
        *("r", "c", Outcome.FOUND, Action.FLAG),
        findings=(Finding("A", numpy.float32(0.5), part=numpy.int64(3)),),
        scores={"A": numpy.float32(0.5)},
    )

    record = json.loads(canonical(body(noted(verdict(reports=(report,)), 0.0), None)))

    assert record["rules"][0]["findings"][0]["score"] == 0.5
    assert record["rules"][0]["findings"][0]["part"] == 3


def test_a_shadow_names_the_verdict_that_counted(verdict):
    record = body(noted(verdict(2, action=Action.ALLOW), 0.0, verdict(1)), None)

    assert (record["kind"], record["of"]) == ("shadow", f"{1:032x}")
    assert (record["action"], record["enforced"]) == ("allow", "block")


def test_a_refusal_is_its_status_alone():
    assert body(Refused("NOT_FOUND", 0.0, 3), None) == {
        "kind": "refused",
        "at": moment(0.0),
        "status": "NOT_FOUND",
        "count": 3,
    }


def test_texts_that_are_no_unicode_do_not_stop_the_log(verdict, key):
    one = verdict(content=Content((), Stage.INPUT, caller=Caller("\ud800", "\ud800")))

    assert json.loads(canonical(body(noted(one, 0.0), key)))["tenant"] == "\ud800"
