"""One outcome, three reports."""

import json
from xml.etree import ElementTree as ET

import pytest

from guardrails.testing import report_json, report_junit, report_text

GOOD = """\
policy: chat
cases:
  - {name: passes, input: zephyr, expect: redact, models: {pii_ner: {Ada: PERSON}}}
  - {name: passes too, output: zephyr, expect: flag}
"""
BAD = """\
policy: chat
cases:
  - name: "fails <&> \\"in\\" \\x1b[31m\\tred"
    input: zephyr & co
    expect: redact
    by: [pii]
    passes_on: "zephyr\\n\\u202e & co"
  - {name: waits, input: x, expect: allow, only: live}
"""
BROKEN = """\
policy: chat
cases:
  - {name: <it>, input: x, expect: alow}
"""

TEXT = """\
good_test.yaml: policy 'chat', 2 passed
bad_test.yaml: policy 'chat', 0 passed, 1 failed, 1 skipped
  failed: fails <&> "in" \\x1b[31m\\tred
    bad_test.yaml:6:9: expected by [pii], got [keywords]
    bad_test.yaml:7:16: what is passed on differs
      expected  'zephyr\\n\\u202e & co'
      got       '<CONFIDENTIAL> & co'
  skipped: waits: needs real models
broken_test.yaml: no case was tried, the suite is wrong
  broken_test.yaml:3:36: 'expect' cannot be 'alow', did you mean 'allow'?
coverage of policy 'chat' (chat.yaml): 2 of 5 rules are triggered
  input   forbidden     no case
  input   keywords      2 cases
  input   pii           no case
  input   unsafe_image  no case
  output  leak.words    1 case
3 files: 2 passed, 1 failed, 1 skipped, 1 file broken
"""


@pytest.fixture
async def results(trying):
    return [
        await trying(text, name)
        for text, name in (
            (GOOD, "good_test.yaml"),
            (BAD, "bad_test.yaml"),
            (BROKEN, "broken_test.yaml"),
        )
    ]


async def test_text_shows_what_failed_and_why(results):
    assert report_text.render(results, coverage=True) == TEXT


async def test_text_without_coverage_has_no_table(results):
    table = TEXT[TEXT.index("coverage") : TEXT.index("3 files")]

    assert report_text.render(results) == TEXT.replace(table, "")


async def test_text_is_short_when_all_is_well(trying):
    report = report_text.render([await trying(GOOD)])

    assert report == "chat_test.yaml: policy 'chat', 2 passed\n1 file: 2 passed\n"


async def test_of_long_texts_the_first_difference_is_shown(trying):
    text = f"{'a' * 60}zephyr{'b' * 120}"
    case = f"{{name: it, input: {text}, models: {{}}, expect: redact, passes_on: {text}}}"
    exchanged = [await trying(f"policy: chat\ncases:\n  - {case.replace('zephyr', ' zephyr ')}\n")]

    report = report_text.render(exchanged)

    assert f"      expected  ...'{'a' * 39} zephyr {'b' * 113}'...\n" in report
    assert f"      got       ...'{'a' * 39} <CONFIDENTIAL> {'b' * 105}'...\n" in report


async def test_junit_is_xml_with_a_testcase_a_case(results):
    root = ET.fromstring(report_junit.render(results))  # noqa: S314  # our own

    assert root.attrib == {"tests": "5", "failures": "1", "errors": "1", "skipped": "1"}
    assert [(suite.get("name"), suite.get("tests")) for suite in root] == [
        ("good_test.yaml", "2"),
        ("bad_test.yaml", "2"),
        ("broken_test.yaml", "1"),
    ]
    cases = list(root.iter("testcase"))
    assert [case.get("name") for case in cases] == [
        "passes",
        "passes too",
        'fails <&> "in" \\x1b[31m\tred',
        "waits",
        "suite",
    ]
    assert [[child.tag for child in case] for case in cases] == [
        [], [], ["failure"], ["skipped"], ["error"],
    ]  # fmt: skip
    failure = cases[2].find("failure")
    assert failure.get("message") == "expected by [pii], got [keywords]"
    assert "bad_test.yaml:7:16: what is passed on differs" in failure.text
    assert "'<CONFIDENTIAL> & co'" in failure.text
    assert cases[4].find("error").text.startswith("broken_test.yaml:3:36: ")


async def test_json_is_one_object(results):
    rendered = report_json.render(results)
    report = json.loads(rendered)

    assert rendered.count("\n") == 1
    assert report["failed"] is True
    assert report["counts"] == {"passed": 2, "failed": 1, "skipped": 1}
    good, bad, broken = report["suites"]
    assert (good["policy"], bad["policy"], broken["policy"]) == ("chat", "chat", None)
    assert [case["outcome"] for case in good["cases"]] == ["passed", "passed"]
    assert [case["action"] for case in good["cases"]] == ["redact", "flag"]
    failed, skipped = bad["cases"]
    assert failed["mismatches"] == [
        {
            "file": "bad_test.yaml",
            "line": 6,
            "column": 9,
            "message": "expected by [pii], got [keywords]",
            "expected": None,
            "got": None,
        },
        {
            "file": "bad_test.yaml",
            "line": 7,
            "column": 16,
            "message": "what is passed on differs",
            "expected": "zephyr\n\u202e & co",
            "got": "<CONFIDENTIAL> & co",
        },
    ]
    assert (skipped["outcome"], skipped["reason"]) == ("skipped", "needs real models")
    assert (broken["broken"], broken["cases"]) == ("suite", [])
    assert broken["problems"] == [
        {
            "file": "broken_test.yaml",
            "line": 3,
            "column": 36,
            "message": "'expect' cannot be 'alow', did you mean 'allow'?",
        }
    ]


async def test_json_tells_which_rules_no_case_triggers(results):
    [coverage] = json.loads(report_json.render(results))["coverage"]

    assert (coverage["policy"], coverage["file"]) == ("chat", "chat.yaml")
    assert {"stage": "input", "rule": "keywords", "cases": 2} in coverage["rules"]
    assert coverage["untriggered"] == [
        {"stage": "input", "rule": "forbidden"},
        {"stage": "input", "rule": "pii"},
        {"stage": "input", "rule": "unsafe_image"},
    ]


async def test_a_rule_that_is_only_unjudged_is_not_triggered(trying):
    long = f"policy: chat\ncases:\n  - {{name: long, input: {'x' * 201}, expect: block, "
    result = await trying(long + "unjudged: [forbidden, keywords]}\n")

    assert [trial.outcome for trial in result.trials] == ["passed"]
    assert "0 of 5 rules are triggered" in report_text.render([result], coverage=True)
