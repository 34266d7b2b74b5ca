"""Figures against values worked out by hand, against their definitions, and as properties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.evaluation.metrics import (
    Confusion,
    average_precision,
    brier,
    confusion,
    harmonic,
    rank,
    recall_at,
    roc_auc,
)


def ranked(pairs):
    scores, truth = zip(*pairs, strict=True) if pairs else ((), ())
    return rank(np.array(scores, float), np.array(truth, bool))


def mixed(least=1):
    """Scores with many ties, among them at least one positive and one negative."""
    pair = st.tuples(st.integers(0, 10).map(lambda tenths: tenths / 10), st.booleans())
    return st.lists(pair, min_size=least, max_size=40).map(
        lambda pairs: [*pairs, (0.4, True), (0.6, False)]
    )


PAIRS = [(0.1, 0), (0.4, 0), (0.35, 1), (0.8, 1)]  # the example in scikit-learn's documentation
TIED = [(0.5, 1), (0.5, 0), (0.5, 0), (0.5, 1), (0.9, 1), (0.1, 0)]


@pytest.mark.parametrize(
    ("pairs", "auprc", "auc"),
    [
        (PAIRS, 0.8333333333333333, 0.75),
        (TIED, 1 / 3 * 1 + 2 / 3 * 3 / 5, (1 + 2 / 3 + 2 / 3) / 3),
        ([(0.9, 1), (0.1, 0)], 1.0, 1.0),
        ([(0.1, 1), (0.9, 0)], 0.5, 0.0),
        ([(0.0, 1), (0.0, 0), (0.0, 0), (0.0, 0)], 0.25, 0.5),
        ([(0.3, 1)], 1.0, None),
        ([(0.3, 0)], None, None),
        ([], None, None),
    ],
)
def test_areas_have_the_values_that_paper_and_pencil_give(pairs, auprc, auc):
    assert average_precision(ranked(pairs)) == pytest.approx(auprc)
    assert roc_auc(ranked(pairs)) == pytest.approx(auc)


@given(mixed())
def test_roc_auc_is_the_share_of_pairs_in_the_right_order(pairs):
    positives = [score for score, holds in pairs if holds]
    negatives = [score for score, holds in pairs if not holds]
    wins = sum((one > other) + (one == other) / 2 for one in positives for other in negatives)

    assert roc_auc(ranked(pairs)) == pytest.approx(wins / len(positives) / len(negatives))


@given(mixed())
def test_average_precision_is_the_sum_over_thresholds(pairs):
    """The formula of scikit-learn: the sum of (R_n - R_n-1) P_n."""
    total, before = 0.0, 0.0
    holding = sum(holds for _, holds in pairs)
    for threshold in sorted({score for score, _ in pairs}, reverse=True):
        reached = [holds for score, holds in pairs if score >= threshold]
        recall = sum(reached) / holding
        total += (recall - before) * sum(reached) / len(reached)
        before = recall

    assert average_precision(ranked(pairs)) == pytest.approx(total)


@given(mixed(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(pairs, random):
    shuffled = random.sample(pairs, len(pairs))

    for figure in (roc_auc, average_precision, lambda ranking: recall_at(ranking, 0.05)):
        assert figure(ranked(shuffled)) == figure(ranked(pairs))


@given(mixed())
def test_only_the_order_of_scores_counts(pairs):
    other = [(score**3 / 2 + 0.1, holds) for score, holds in pairs]

    for figure in (roc_auc, average_precision, lambda ranking: recall_at(ranking, 0.05)):
        assert figure(ranked(other)) == figure(ranked(pairs))


@given(mixed())
def test_turned_round_the_auc_is_what_is_missing_to_one(pairs):
    turned = [(score, not holds) for score, holds in pairs]

    assert roc_auc(ranked(turned)) == pytest.approx(1 - roc_auc(ranked(pairs)))


@given(mixed(), st.sampled_from([0.01, 0.05, 0.1, 0.29, 0.5]))
def test_recall_at_a_rate_is_the_best_of_all_thresholds_that_keep_to_it(pairs, rate):
    negatives = [score for score, holds in pairs if not holds]
    positives = [score for score, holds in pairs if holds]
    keeping = [
        threshold
        for threshold in [2.0, *(score for score, _ in pairs)]
        if sum(score >= threshold for score in negatives) <= rate * len(negatives) + 1e-9
    ]
    best = max(sum(score >= one for score in positives) / len(positives) for one in keeping)

    found = recall_at(ranked(pairs), rate)

    assert found.value == pytest.approx(best)
    assert 0 <= found.interval.low <= found.value <= found.interval.high <= 1


def test_the_interval_of_recall_shrinks_with_the_sample_and_is_the_same_every_time():
    random = np.random.default_rng(1)
    truth = random.random(20_000) < 0.3
    scores = random.normal(truth * 2.0)

    widths = []
    for rows in (200, 2_000, 20_000):
        found = recall_at(rank(scores[:rows], truth[:rows]), 0.05)
        assert found == recall_at(rank(scores[:rows], truth[:rows]), 0.05)
        widths.append(found.interval.high - found.interval.low)

    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.05


def test_the_interval_of_recall_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(2)
    negatives, positives = random.normal(size=(2, 400_000))
    truth = float((positives + 2.0 > np.quantile(negatives, 0.95)).mean())
    holds = np.repeat([True, False], [200, 400])

    covered = 0
    for _ in range(200):
        scores = random.normal(holds * 2.0)
        interval = recall_at(rank(scores, holds), 0.05).interval
        covered += interval.low <= truth <= interval.high

    assert 180 <= covered <= 200


def test_even_a_perfect_ranking_of_few_is_not_certain():
    found = recall_at(ranked([(0.9, 1)] * 5 + [(0.1, 0)] * 5), 0.01)

    assert found.value == 1.0
    assert found.interval.low < 0.9


@pytest.mark.parametrize("pairs", [[], [(0.5, 1)], [(0.5, 0)]])
def test_without_positives_and_negatives_there_is_no_recall_at_a_rate(pairs):
    assert recall_at(ranked(pairs), 0.01) is None


@pytest.mark.parametrize(
    ("counts", "precision", "recall", "f1"),
    [
        (Confusion(6, 2, 4, 8), 0.75, 0.6, 2 / 3),
        (Confusion(0, 0, 3, 5), None, 0.0, 0.0),
        (Confusion(0, 2, 0, 5), 0.0, None, 0.0),
        (Confusion(0, 0, 0, 5), None, None, None),
    ],
)
def test_decisions_are_counted_the_usual_way(counts, precision, recall, f1):
    assert (counts.precision, counts.recall) == (precision, recall)
    assert counts.f1 == pytest.approx(f1)


def test_a_confusion_counts_each_row_once():
    fired, truth = np.array([1, 1, 0, 0, 1], bool), np.array([1, 0, 1, 0, 1], bool)

    assert confusion(fired, truth) == Confusion(2, 1, 1, 1)


def test_the_brier_score_is_the_mean_squared_distance():
    assert brier(np.array([0.8, 0.3]), np.array([True, False])) == pytest.approx(0.065)
    assert brier(np.array([]), np.array([], bool)) is None


@pytest.mark.parametrize(
    ("one", "other", "mean"), [(0.5, 1.0, 2 / 3), (0.0, 0.0, 0.0), (None, 1.0, None)]
)
def test_the_harmonic_mean(one, other, mean):
    assert harmonic(one, other) == mean
