"""Complaints become thresholds, no bolder than they deserve."""

import pytest

from guardrails.core.feedback import Reason, Said
from guardrails.evaluation.feedback import FEW, Complaint, complaints, propose
from guardrails.evaluation.feedback_text import policy_lines, render

RECORD = {
    "rules": [
        {
            "rule": "toxicity",
            "scores": {"TOXICITY": [0.95, 0.9], "INSULT": [0.4, 0.9]},
            "findings": [{"category": "TOXICITY"}],
        },
        {"rule": "pii", "scores": {"PERSON": [0.6, 0.5]}, "findings": [{"category": "PERSON"}]},
        {"rule": "size", "scores": {}, "findings": []},
    ]
}


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"reason": "false_positive"}, ["toxicity.TOXICITY", "pii.PERSON"]),
        ({"reason": "false_positive", "rule": "pii"}, ["pii.PERSON"]),
        ({"reason": "false_positive", "category": "TOXICITY"}, ["toxicity.TOXICITY"]),
        ({"reason": "false_positive", "rule": "size"}, []),
        ({"reason": "false_positive", "rule": "none"}, []),
        ({"reason": "false_negative"}, []),  # of which rule?
        ({"reason": "false_negative", "rule": "toxicity"}, ["toxicity.TOXICITY"]),
        ({"reason": "false_negative", "category": "INSULT"}, ["toxicity.INSULT"]),
        ({"reason": "wrong_category", "rule": "pii"}, []),
        ({"reason": "other"}, []),
    ],
)
def test_what_is_said_is_about_scores(said, found):
    one = Said("d", **{**said, "reason": Reason(said["reason"])})

    assert [f"{each.rule}.{each.category}" for each in complaints(one, RECORD)] == found


def proposed(harmless=(), harmful=(), unsaid=(), old=0.9):
    said = [
        Complaint("toxicity", "TOXICITY", score, harmful, f"{harmful}{number}")
        for scores, harmful in ((harmless, False), (harmful, True))
        for number, score in enumerate(scores)
    ]
    place = ("toxicity", "TOXICITY")
    [proposal] = propose(said, {place: unsaid}, {place: old})
    return proposal


@pytest.mark.parametrize(
    ("case", "low", "high"),
    [
        ({"harmless": [0.91, 0.92, 0.93], "harmful": [0.97]}, 0.93, 0.97),
        ({"harmful": [0.7, 0.8], "harmless": [0.2]}, 0.2, 0.7),
        ({"harmless": [0.91], "unsaid": [0.92] * 9}, 0.91, 0.92),
        ({"harmless": [0.95], "unsaid": [0.92] * 9}, 0.9, 0.9),  # nobody else complains
        ({"harmful": [0.3], "unsaid": [0.5] * 9}, 0.9, 0.9),  # it would stop too many others
        ({"harmless": [0.91] * 9, "harmful": [0.905]}, 0.91, 0.96),
    ],
)
def test_a_threshold_goes_where_the_fewest_would_complain(case, low, high):
    assert low <= proposed(**case).new <= high


def test_a_verdict_counts_once_however_many_complain():
    one = Complaint("toxicity", "TOXICITY", 0.95, harmful=False, decision="d")

    [proposal] = propose([one] * 50, {}, {("toxicity", "TOXICITY"): 0.9})

    assert proposal.harmless == 1
    assert proposal.few


def test_a_guess_is_called_one_and_is_not_to_be_written():
    guess, sure = proposed([0.91] * 3), proposed([0.91 + n / 1000 for n in range(FEW)])

    assert "too few: 3 of the 20 reports" in render([guess])
    assert policy_lines([guess]) == ""
    assert "thresholds: {TOXICITY: " in policy_lines([sure])


def test_what_changes_is_told_with_how_sure_it_is():
    told = render([proposed([0.91, 0.92, 0.99], [0.97], [0.95] * 4 + [0.1] * 6)])

    assert "toxicity.TOXICITY" in told
    assert "2 of 3 (67%, 9% to 99%)" in told
    assert "of 10 that nobody spoke of, 0 would fire no more and 0 anew" in told


def test_rules_that_the_policy_has_no_more_are_left_out():
    one = Complaint("gone", "X", 0.95, harmful=False, decision="d")

    assert propose([one], {}, {}) == []
