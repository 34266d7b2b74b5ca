"""The points of curves."""

import numpy as np
import pytest

from guardrails.evaluation.curves import (
    Bin,
    calibration_error,
    precision_recall,
    reliability,
    roc,
)
from guardrails.evaluation.metrics import rank

SCORES = np.array([0.9, 0.8, 0.8, 0.1])
TRUTH = np.array([True, False, True, False])


def test_the_curve_of_precision_goes_through_every_threshold():
    assert precision_recall(rank(SCORES, TRUTH)) == (
        (0.0, 1.0),
        (0.5, 1.0),
        (1.0, 2 / 3),
        (1.0, 0.5),
    )


def test_the_roc_goes_from_corner_to_corner():
    assert roc(rank(SCORES, TRUTH)) == ((0.0, 0.0), (0.0, 0.5), (0.5, 1.0), (1.0, 1.0))


@pytest.mark.parametrize("truth", [[True] * 4, [False] * 4])
def test_without_both_kinds_there_is_no_roc(truth):
    assert roc(rank(SCORES, np.array(truth))) == ()


def test_a_long_curve_keeps_its_ends_and_few_points():
    scores = np.linspace(0, 1, 5_000)
    curve = roc(rank(scores, scores > 0.4))

    assert len(curve) <= 200
    assert (curve[0], curve[-1]) == ((0.0, 0.0), (1.0, 1.0))


def test_reliability_lays_truth_beside_score_and_leaves_empty_stretches_out():
    scores = np.array([0.02, 0.04, 0.95, 1.0])
    truth = np.array([False, True, True, True])

    assert reliability(scores, truth) == (
        Bin(2, pytest.approx(0.03), 0.5),
        Bin(2, pytest.approx(0.975), 1.0),
    )


def test_scores_that_are_probabilities_have_no_calibration_error():
    random = np.random.default_rng(3)
    scores = random.random(50_000)

    right = calibration_error(reliability(scores, random.random(50_000) < scores))
    bold = calibration_error(reliability(scores**0.2, random.random(50_000) < scores))

    assert right < 0.01
    assert bold > 0.2


def test_of_nothing_there_is_no_calibration_error():
    assert calibration_error(()) is None
