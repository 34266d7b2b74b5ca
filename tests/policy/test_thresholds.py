"""A rule may give single categories a threshold of their own."""

import pytest

from guardrails.core.content import Stage
from guardrails.policy.show import render

RULE = "policy: p\ninput:\n- {check: classifier, with: {model: guard}, %s}\n"


def first_step(plan):
    return plan.chains[Stage.INPUT].steps[0]


@pytest.mark.parametrize(
    ("written", "bad", "worse"),
    [
        ("thresholds: {worse: 0.9}", 0.5, 0.9),
        ("threshold: 0.2, thresholds: {worse: 0.9}", 0.2, 0.9),
        ("target_fpr: 0.01, thresholds: {worse: 0.9}", 0.75, 0.9),
        ("thresholds: {bad: 0.3, worse: 0.9}", 0.3, 0.9),
    ],
)
def test_a_category_goes_by_its_own_threshold(compiling, written, bad, worse):
    step = first_step(compiling(RULE % written))
    assert (step.threshold_of("bad"), step.threshold_of("worse")) == (bad, worse)


def test_a_category_that_the_check_does_not_report_is_a_problem(refusing):
    assert refusing({"p.yaml": RULE % "thresholds: {wors: 0.9}"}) == [
        "p.yaml:3:57: check 'classifier' reports no 'wors', did you mean 'worse'?"
    ]


def test_the_hash_has_all_thresholds(compiling):
    written = ["threshold: 0.2", "threshold: 0.2, thresholds: {bad: 0.2}"]
    written += ["thresholds: {bad: 0.2}", "thresholds: {bad: 0.3}", "thresholds: {worse: 0.2}"]
    assert len({compiling(RULE % each).hash for each in written}) == len(written)


def test_show_tells_them(compiling):
    shown = render(compiling(RULE % "threshold: 0.4, thresholds: {bad: 0.25}"))
    assert "classifier from bad 0.25, others 0.4" in shown


@pytest.mark.parametrize(
    ("override", "problems"),
    [
        ("thresholds: {bad: 0.3}", []),
        (
            "thresholds: {bad: 0.6}",
            [
                (
                    "c.yaml:4:34: rule 'classifier' is a floor of 'base': "
                    "'thresholds' cannot rise from 0.4 to 0.6 for 'bad'"
                )
            ],
        ),
    ],
)
def test_a_floor_cannot_be_weakened_by_one_category(loading, refusing, override, problems):
    rule = "{check: classifier, with: {model: guard}, threshold: 0.4, floor: true}"
    base = f"policy: base\ninput:\n- {rule}\n"
    child = f"policy: c\nextends: base\ninput:\n- {{rule: classifier, {override}}}\n"
    files = {"base.yaml": base, "c.yaml": child}
    if problems:
        assert refusing(files) == problems
    else:
        assert first_step(loading(files)["c"]).threshold_of("bad") == 0.3
