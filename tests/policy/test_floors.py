import pytest

from guardrails.core.content import Stage

BASE = """policy: base
input:
- check: words
  rule: names
  with: {words: [a, b]}
  threshold: 0.5
  then: redact
  timeout: 1s
  surfaces: [user, tool]
  floor: true
  always: true
- {check: classifier, floor: true}
- {check: words, with: {words: [c]}}
"""
FLOOR = "rule 'names' is a floor of 'base'"


def child(*lines, of="base", name="child"):
    return "\n".join((f"policy: {name}", f"extends: {of}", *lines, ""))


@pytest.mark.parametrize(
    ("override", "problem"),
    [
        ("threshold: 0.6", "'threshold' cannot rise from 0.5 to 0.6"),
        ("then: flag", "'then' cannot sink from redact to flag"),
        ("on_error: flag", "'on_error' cannot sink from block to flag"),
        ("on_unjudged: allow", "'on_unjudged' cannot sink from block to allow"),
        ("surfaces: [user]", "'surfaces' cannot leave out 'tool'"),
        ("with: {words: [a]}", "'with' cannot change"),
        ("timeout: 999ms", "'timeout' cannot shrink"),
        ("floor: false", "'floor' cannot be lifted"),
        ("always: false", "'always' cannot be lifted"),
    ],
)
def test_a_floor_cannot_be_weakened(refusing, override, problem):
    column = len("  : ") + override.index(":") + 1
    files = {"base.yaml": BASE, "c.yaml": child("input:", "- rule: names", f"  {override}")}
    assert refusing(files) == [f"c.yaml:5:{column}: {FLOOR}: {problem}"]


def test_a_floor_keeps_its_check(refusing):
    files = {"base.yaml": BASE, "c.yaml": child("input:", "- {rule: names, check: classifier}")}
    assert refusing(files) == [
        f"c.yaml:4:3: {FLOOR}: 'with' cannot change",
        f"c.yaml:4:24: {FLOOR}: 'check' cannot change",
    ]


def test_every_weakening_is_told(refusing):
    files = {
        "base.yaml": BASE,
        "c.yaml": child("input:", "- {rule: names, threshold: 1, then: flag, surfaces: [user]}"),
    }
    assert refusing(files) == [
        f"c.yaml:4:28: {FLOOR}: 'threshold' cannot rise from 0.5 to 1",
        f"c.yaml:4:37: {FLOOR}: 'then' cannot sink from redact to flag",
        f"c.yaml:4:53: {FLOOR}: 'surfaces' cannot leave out 'tool'",
    ]


def test_a_floor_without_a_time_keeps_the_default(refusing):
    files = {"base.yaml": BASE, "c.yaml": child("input:", "- {rule: classifier, timeout: 9s}")}
    assert refusing(files) == [
        "c.yaml:4:31: rule 'classifier' is a floor of 'base': 'timeout' cannot change"
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("mode: observe", "'mode' cannot sink from enforce to observe"),
        ("on_unjudged: flag", "'on_unjudged' cannot sink from block to flag"),
        ("stream: {release: eager}", "'stream' cannot sink from hold to eager"),
        ("when_saturated: light", "'when_saturated' cannot sink from refuse to light"),
    ],
)
def test_floors_hold_the_keys_of_the_policy_that_give_them_force(refusing, line, problem):
    column = line.index(" ") + 2
    files = {"base.yaml": BASE, "c.yaml": child(line)}
    assert refusing(files) == [f"c.yaml:3:{column}: {FLOOR}: {problem}"]


@pytest.mark.parametrize(
    "override",
    [
        "threshold: 0.1",
        "then: block",
        "timeout: 2s",
        "surfaces: [tool, user, document]",
        "with: {words: [a, b]}",
        "redact: {as: mask}",
        "check: words",
        "always: true",
    ],
)
def test_a_floor_can_be_strengthened_or_said_again(loading, override):
    files = {"base.yaml": BASE, "c.yaml": child("input:", f"- {{rule: names, {override}}}")}
    assert loading(files)["child"].chains[Stage.INPUT].steps[0].rule == "names"


def test_what_is_no_floor_can_be_weakened(loading):
    files = {"base.yaml": BASE, "c.yaml": child("input:", "- {rule: words, threshold: 1}")}
    assert loading(files)["child"].chains[Stage.INPUT].steps[1].threshold == 1


def test_a_floor_holds_for_grandchildren(refusing):
    files = {
        "base.yaml": BASE,
        "c.yaml": child(),
        "d.yaml": child("input:", "- {rule: names, then: flag}", of="child", name="grandchild"),
    }
    assert refusing(files) == [
        "d.yaml:4:23: rule 'names' is a floor of 'child': 'then' cannot sink from redact to flag"
    ]


def test_a_floor_that_observes_binds_to_no_more(loading):
    files = {"base.yaml": BASE + "mode: observe\n", "c.yaml": child("mode: observe")}
    assert "child" in loading(files)


CALIBRATED = """policy: base
input:
- {check: classifier, with: {model: guard}, %s, floor: true}
"""


@pytest.mark.parametrize(
    ("floor", "override", "problem"),
    [
        ("target_fpr: 0.02", "target_fpr: 0.01", "'target_fpr' cannot sink from 0.02 to 0.01"),
        ("target_fpr: 0.02", "threshold: 0.1", "'threshold' cannot take the place of 'target_fpr'"),
        ("threshold: 0.9", "target_fpr: 0.5", "'target_fpr' cannot take the place of 'threshold'"),
    ],
)
def test_a_floor_holds_its_rate(refusing, floor, override, problem):
    column = len("- {rule: classifier, : ") + override.index(":") + 1
    files = {
        "base.yaml": CALIBRATED % floor,
        "c.yaml": child("input:", f"- {{rule: classifier, {override}}}"),
    }
    assert refusing(files) == [
        f"c.yaml:4:{column}: rule 'classifier' is a floor of 'base': {problem}"
    ]


def test_a_floor_may_let_more_count(loading):
    files = {
        "base.yaml": CALIBRATED % "target_fpr: 0.01",
        "c.yaml": child("input:", "- {rule: classifier, target_fpr: 0.02}"),
    }
    assert "child" in loading(files)
