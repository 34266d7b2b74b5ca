"""From judged rows to figures: what counts where."""

import pytest

from guardrails.core.verdict import Action
from guardrails.evaluation import report_json, report_text
from guardrails.evaluation.judging import Judged
from guardrails.evaluation.naming import Naming
from guardrails.evaluation.report import evaluate
from guardrails.evaluation.rows import Labelled, Row
from guardrails.evaluation.tally import Tally

NAMING = Naming(("INSULT", "THREAT"), {"rude": ["*"]})


def judged(text="", *, labels=None, scores=(), fired=(), slices=(), marked=None, **changes):
    row = Row("id", text, labels or {}, spans=marked, slices=slices)
    table = {"INSULT": 0.0, "THREAT": 0.0} | dict(scores)
    options = {"action": Action.ALLOW, "spans": (), "unjudged": (), "failed": ()} | changes
    return Judged(
        row=row,
        scores=table,
        by_rule={},
        fired=frozenset(fired),
        milliseconds=options.pop("milliseconds", 1.0),
        **options,
    )


def evaluation(*every, types=()):
    tally = Tally(NAMING, types)
    for one in every:
        tally.add(one)
    return evaluate(tally, NAMING)


def test_a_row_counts_only_for_the_labels_that_it_has():
    figures = evaluation(
        judged(labels={"insult": 1.0}, scores={"INSULT": 0.9}, fired=["INSULT"]),
        judged(labels={"insult": 0.4, "threat": 0.0, "sexism": 1.0}),
        judged(labels={}),
    )

    assert [(one.label, one.n, one.positives) for one in figures.labels] == [
        ("insult", 2, 1),
        ("threat", 1, 0),
    ]
    assert figures.rows == 3


def test_decisions_are_those_of_the_policy_not_of_a_score():
    figures = evaluation(
        judged(labels={"insult": 1.0}, scores={"INSULT": 0.4}, fired=["INSULT"]),
        judged(labels={"insult": 0.0}, scores={"INSULT": 0.9}, fired=["THREAT"]),
    )

    (insult,) = figures.labels
    assert (insult.decisions.precision, insult.decisions.recall) == (1.0, 1.0)
    assert insult.roc_auc == 0.0


def test_a_label_for_every_category_takes_the_highest_score_and_any_action():
    figures = evaluation(
        judged(labels={"rude": 1.0}, scores={"INSULT": 0.1, "THREAT": 0.8}, fired=["THREAT"]),
        judged(labels={"rude": 0.0}, scores={"INSULT": 0.2}),
    )

    (rude,) = figures.labels
    assert (rude.roc_auc, rude.decisions.recall) == (1.0, 1.0)
    assert rude.categories == ("INSULT", "THREAT")


def test_what_no_rule_could_score_is_counted_apart():
    none = {"INSULT": None}
    figures = evaluation(
        judged(labels={"insult": 1.0}, scores={"INSULT": 0.9}),
        judged(labels={"insult": 1.0}, scores=none, unjudged=("a",), action=Action.BLOCK),
        judged(labels={"insult": 0.0}, scores=none, failed=("a",)),
    )

    (insult,) = figures.labels
    assert (insult.n, insult.unjudged) == (1, 2)
    assert (figures.unjudged, figures.failed) == (1, 1)
    assert figures.actions == {"allow": 2, "block": 1}


def test_slices_are_measured_apart_and_a_row_may_be_in_several():
    figures = evaluation(
        judged(labels={"insult": 0.0}, slices=("women", "black")),
        judged(labels={"insult": 0.0}, slices=("women",), fired=["INSULT"]),
    )

    counted = {one.slice: (one.n, one.decisions.false_positives) for one in figures.labels}
    assert counted == {None: (2, 1), "black": (1, 0), "women": (2, 1)}


def test_spans_count_by_type_and_together_where_somebody_marked_the_text():
    found = (Labelled(0, 4, "INSULT"), Labelled(5, 7, "INSULT"), Labelled(0, 2, "OTHER"))
    figures = evaluation(
        judged(marked=(Labelled(0, 4, "insult"), Labelled(8, 9, "place")), spans=found),
        judged(marked=None, spans=found),
        judged(marked=(), spans=found),
        types=("insult", "place"),
    )

    assert list(figures.places) == [(None, None), ("insult", None)]
    insult = figures.places["insult", None]
    assert (insult.found, insult.known, insult.same) == (4, 1, 1)
    assert "insult  all    1      4      0.400" in report_text.render(figures)


def test_latency_is_told_in_percentiles():
    figures = evaluation(*(judged(milliseconds=float(number)) for number in range(101)))

    assert figures.latency == {50: 50.0, 95: 95.0, 99: 99.0}


def test_the_spread_between_slices_is_told_label_by_label():
    rows = [
        judged(labels={"insult": 0.0}, slices=(name,), fired=["INSULT"] if number < hits else [])
        for name, hits in (("a", 20), ("b", 2))
        for number in range(100)
    ]

    figures = evaluation(*rows)

    assert figures.spreads["insult"].highest.slice == "a"
    text = report_text.render(figures)
    assert "false positives  highest" in text
    assert "insult           a        0.200" in text


def test_figures_without_a_value_are_a_dash_and_null():
    figures = evaluation(judged(labels={"insult": 0.0}))

    row = report_text.render(figures).splitlines()[-1]
    assert row.split()[:7] == ["insult", "all", "1", "0", "-", "-", "-"]
    (label,) = report_json.render(figures)["labels"]
    assert (label["auprc"], label["recall_at_fpr"]) == (None, {"0.01": None, "0.05": None})


@pytest.mark.parametrize("score", [0.0, None])
def test_a_line_of_scores_has_a_number_for_every_category(score):
    written = report_json.line(
        judged(scores={"INSULT": score, "THREAT": 0.25}, unjudged=("rule",), milliseconds=1.23456)
    )

    assert written == {
        "id": "id",
        "action": "allow",
        "scores": {"INSULT": 0.0, "THREAT": 0.25},
        "spans": [],
        "milliseconds": 1.235,
        "unjudged": ["rule"],
        "failed": [],
    }
