"""Thresholds that so much harmless text reaches, and no more."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.core.content import Stage
from guardrails.evaluation.calibration import (
    Benign,
    is_benign,
    needed,
    tabulate,
    threshold_for,
)
from guardrails.evaluation.calibration_text import policy_lines, render, shortage
from guardrails.evaluation.intervals import upper
from guardrails.evaluation.naming import Naming
from guardrails.evaluation.rows import Labelled, Row

NAMING = Naming(("TOXICITY", "INSULT"))
RATES = st.sampled_from([0.001, 0.01, 0.05, 0.2, 0.29, 0.5])
SCORES = st.one_of(
    st.lists(st.floats(0, 1), min_size=1, max_size=60),
    st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.99999, 1.0]), min_size=1, max_size=60),
)


def falling(scores):
    return np.sort(np.array(scores, float))[::-1]


@given(SCORES, RATES)
def test_no_more_than_the_rate_reaches_the_threshold(scores, rate):
    threshold = threshold_for(falling(scores), rate)

    if threshold is None:
        assert sum(score == 1 for score in scores) > rate * len(scores)
    else:
        assert 0 <= threshold <= 1
        assert sum(score >= threshold for score in scores) <= rate * len(scores) + 1e-9


@given(SCORES, RATES)
def test_the_threshold_could_not_be_lower_by_more_than_its_decimals(scores, rate):
    """At 0.0001 less, too many would reach it."""
    threshold = threshold_for(falling(scores), rate)

    if threshold:
        lower = threshold - 0.0001 - 1e-12
        assert sum(score >= lower for score in scores) > rate * len(scores)


@pytest.mark.parametrize(
    ("scores", "rate", "threshold"),
    [
        ([0.1] * 99 + [0.9], 0.01, 0.1001),
        ([0.1] * 98 + [0.9, 0.9], 0.01, 0.9001),
        ([0.0] * 100, 0.01, 0.0001),
        ([0.99995] * 99 + [0.99997], 0.01, 0.99996),  # four decimals would be too far
        ([1.0] * 2 + [0.5] * 98, 0.01, None),
        ([1.0] + [0.5] * 99, 0.01, 0.5001),
        ([0.7] * 29 + [0.1] * 71, 0.29, 0.1001),   # 0.29 * 100 is a little less than 29
    ],
)  # fmt: skip
def test_thresholds_are_short_numbers(scores, rate, threshold):
    assert threshold_for(falling(scores), rate) == threshold


@given(st.lists(st.integers(0, 10_000).map(lambda n: n / 10_000), min_size=1), RATES)
def test_scores_of_four_decimals_give_thresholds_of_four(scores, rate):
    threshold = threshold_for(falling(scores), rate)

    assert threshold is None or threshold == round(threshold, 4)


@pytest.mark.parametrize(("rate", "examples"), [(0.001, 8000), (0.01, 800), (0.05, 160)])
def test_the_number_of_examples_that_pins_a_rate_down(rate, examples):
    assert needed(rate) == examples


@given(st.floats(0.001, 0.3))
def test_with_so_many_examples_the_rate_is_at_most_twice_what_was_asked(rate):
    examples = needed(rate)

    assert upper(math.floor(rate * examples + 1e-9), examples) <= 2 * rate


@pytest.mark.parametrize(
    ("labels", "spans", "benign"),
    [
        ({"toxicity": 0.0}, None, True),
        ({"Toxicity": 0.49}, None, True),
        ({"toxicity": 0.5}, None, False),
        ({"insult": 0.0}, None, False),               # nobody knows about toxicity
        ({"insult": 0.0, "toxicity": 0.0}, None, True),
        ({}, None, True),                             # traffic that is known to be good
        ({}, (Labelled(0, 1, "toxicity"),), False),
        ({}, (Labelled(0, 1, "PERSON"),), True),
    ],
)  # fmt: skip
def test_which_rows_are_harmless(labels, spans, benign):
    assert is_benign(Row("a", "text", labels, spans=spans), "TOXICITY", NAMING) is benign


async def test_tables_are_made_for_each_category_and_for_the_rule_as_a_whole(setting, judging):
    rows = [Row(str(number), "plain", {}) for number in range(200)]
    rows += [Row("v", "vile", {"insult": 0.0, "threat": 0.0}), Row("r", "rude", {"insult": 1.0})]
    benign = Benign(
        [("classifier", ("INSULT",)), ("classifier", ("INSULT", "THREAT"))],
        Naming(("INSULT", "THREAT")),
    )

    for judged in await judging(setting("- {check: classifier}\n"), rows):
        benign.add(judged)

    insult, whole = benign.tables([0.01, 0.001])
    assert insult.examples == whole.examples == 201
    assert [(line.rate, line.threshold) for line in insult.lines] == [
        (0.001, 0.9001),
        (0.01, 0.0001),
    ]
    assert insult.pinned == ()
    assert insult.line(0.001).false_positives == 0
    assert insult.line(0.01).false_positives == 1


@pytest.mark.parametrize(
    ("scores", "problem"),
    [
        ([], "r.A: no harmless examples, give rows with its label 0 or without labels"),
        ([0.1] * 500, "r.A: 1 % takes 800 harmless examples, there are 500: 300 more are needed"),
        ([1.0] * 900, "r.A: more than 1 % of the examples score 1"),
        ([0.1] * 900, ""),
    ],
)
def test_a_table_that_says_too_little_is_not_written_down(scores, problem):
    assert shortage(tabulate("r", ("A",), scores, [0.01]), 0.01) == problem


def test_the_table_for_people():
    table = tabulate("r", ("A",), [0.1] * 990 + [0.8] * 10, [0.001, 0.01])

    assert render([table], 0.01).splitlines() == [
        "",
        "r.A: 1,000 harmless examples",
        "at most  threshold  false positives  achieved                 examples needed",
        "0.1 %    0.8001     0                0.0000 [0.0000, 0.0037]  8,000",
        "1 % *    0.1001     10               0.0100 [0.0048, 0.0183]  800",
    ]


def test_the_lines_for_a_policy():
    table = tabulate("r", ("A", "B"), [0.1] * 1000, [0.01])

    assert policy_lines(Stage.INPUT, [table], 0.01) == (
        "input:\n- rule: r\n  threshold: 0.1001  # 1 % of 1,000 harmless texts at most\n"
    )
