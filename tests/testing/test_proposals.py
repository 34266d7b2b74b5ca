"""What people say becomes cases that the policy tester reads."""

import pytest

from guardrails.core.content import Stage
from guardrails.core.feedback import Reason, Said
from guardrails.policy.problems import Problems
from guardrails.testing.proposals import Told, proposal, suite
from guardrails.testing.reading import read

RECORD = {
    "action": "block",
    "rules": [
        {"rule": "toxicity", "action": "block"},
        {"rule": "pii", "action": "redact"},
        {"rule": "size", "action": "allow"},
    ],
}


def told(text="hello", record=None, reason="false_positive", **facts):
    return Told("ab" * 16, Said("d1", Reason(reason), **facts), record, text)


def cases(tmp_path, *of):
    file = tmp_path / "chat_test.yaml"
    file.write_text(suite("chat", [proposal(one) for one in of]), encoding="utf-8")
    problems = Problems()
    found = read(file, problems)
    problems.raise_any()
    return found.cases


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        'with "quotes" and \\ backslashes',
        "on\ntwo\r\nlines\tand a tab",
        "- not: a list # nor a comment",
        "\x00\x07\x1b[31m\x7f\x85\u2028\u2029\ufeff",
        "\U0001f600 \u202e right to left \U000e0041",
        " spaces at both ends ",
        "${env:HOME}",
        "x" * 5000,
    ],
)
def test_a_text_is_the_same_when_it_is_read(tmp_path, text):
    [case] = cases(tmp_path, told(text))

    assert case.content.parts[0].text == text


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({}, "allow"),
        ({"rule": "toxicity"}, "allow"),
        ({"rule": "toxicity", "record": RECORD}, "redact"),
        ({"rule": "pii", "record": RECORD}, "block"),
        ({"record": RECORD}, "allow"),
        ({"reason": "false_negative"}, "block"),
    ],
)
def test_a_case_expects_what_should_have_been(tmp_path, facts, expected):
    [case] = cases(tmp_path, told(**facts))

    assert case.expected.action.word == expected


def test_a_false_positive_fails_as_long_as_the_rule_acts(tmp_path):
    """The action alone may be that of another rule: the rules that may act are named."""
    record = {"rules": [*RECORD["rules"], {"rule": "dates", "action": "redact"}]}
    [case] = cases(tmp_path, told(rule="toxicity", record=record))
    [alone] = cases(
        tmp_path, told(rule="pii", record={"rules": [{"rule": "pii", "action": "redact"}]})
    )

    assert (case.expected.action.word, case.expected.by) == ("redact", ("pii", "dates"))
    assert alone.expected.action.word == "allow"


def test_a_false_positive_of_a_category_leaves_the_others(tmp_path):
    found = [{"category": "PERSON"}, {"category": "EMAIL"}, {"category": "EMAIL"}]
    record = {"rules": [{"rule": "pii", "action": "redact", "findings": found}]}
    [case] = cases(tmp_path, told(rule="pii", category="PERSON", record=record))

    assert (case.expected.action.word, case.expected.by) == ("redact", ("pii.EMAIL",))


def test_a_wrong_category_is_a_finding_of_the_right_one(tmp_path):
    [case] = cases(
        tmp_path,
        told(record=RECORD, reason="wrong_category", rule="pii", category="PERSON"),
    )

    [find] = case.expected.finds
    assert (find.rule, find.category) == ("pii", "PERSON")


@pytest.mark.parametrize(
    "facts", [{"reason": "other"}, {"reason": "wrong_category", "rule": "pii"}]
)
def test_what_tells_nothing_is_no_case(facts):
    assert proposal(told(**facts)) is None


def test_names_that_are_no_yaml_do_not_spoil_the_file(tmp_path):
    nasty = '": [}\n- x: "'
    one = Told("cd" * 16, Said(nasty, Reason.FALSE_POSITIVE, nasty), None, "t")

    [case] = cases(tmp_path, one)

    assert nasty in case.name


def test_an_answer_is_an_output(tmp_path):
    [case] = cases(tmp_path, told(stage=Stage.OUTPUT))

    assert case.content.stage is Stage.OUTPUT
