import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.models.logistic import Line, auc, calibrated, fit, sigmoid, unseen

RNG = np.random.default_rng(7)


def drawn(count, *, apart):
    """Rows around two points of a plane, ``apart`` standard deviations from each other."""
    targets = (np.arange(count) % 2).astype(np.float64)
    rows = RNG.normal(size=(count, 2))
    rows[:, 0] += apart * targets
    return rows, targets, np.ones(count)


def test_the_line_is_where_the_likelihood_is_greatest():
    rows, targets, weights = drawn(4000, apart=2.0)
    line = fit(rows, targets, weights, ridge=0.0)
    assert line.weights == pytest.approx([2.0, 0.0], abs=0.2)  # as for two normal distributions
    assert line.bias == pytest.approx(-2.0, abs=0.2)
    assert weights @ line.chances(rows) == pytest.approx(targets.sum())  # its slope is zero


def test_rows_that_can_be_told_apart_without_error_have_a_line_all_the_same():
    rows, targets, weights = drawn(20, apart=50.0)
    chances = fit(rows, targets, weights, ridge=0.1).chances(rows)
    assert ((chances > 0.5) == (targets > 0)).all()


def test_a_row_that_weighs_double_counts_as_two():
    rows, targets, weights = drawn(60, apart=1.0)
    twice = np.where(np.arange(60) < 20, 2.0, 1.0)
    doubled = [np.concatenate([column, column[:20]]) for column in (rows, targets, weights)]
    one, other = fit(rows, targets, twice, ridge=0.1), fit(*doubled, ridge=0.1)
    assert one.weights == pytest.approx(other.weights)


def test_what_was_never_seen_tells_noise_from_knowledge():
    rows, targets, weights = RNG.normal(size=(40, 200)), np.repeat([1.0, 0.0], 20), np.ones(40)
    assert auc(fit(rows, targets, weights, ridge=0.1).values(rows), targets) == 1.0
    assert auc(unseen(rows, targets, weights, ridge=0.1, folds=5), targets) < 0.75


def test_calibrating_makes_the_chances_right_on_average():
    rows, targets, weights = drawn(2000, apart=1.0)
    shouting = Line(np.array([9.0, 0.0]), -3.0)
    calm = calibrated(shouting, shouting.values(rows), targets, weights)
    assert calm.chances(rows).mean() == pytest.approx(0.5, abs=0.01)
    sure = calm.chances(rows) > 0.6
    assert targets[sure].mean() == pytest.approx(calm.chances(rows)[sure].mean(), abs=0.05)


@pytest.mark.parametrize(
    ("values", "area"),
    [([0, 1, 2, 3], 1.0), ([3, 2, 1, 0], 0.0), ([1, 1, 1, 1], 0.5), ([0, 2, 1, 3], 0.75)],
)
def test_the_area_is_the_chance_that_a_one_is_ahead(values, area):
    assert auc(np.array(values, np.float64), np.array([0.0, 0.0, 1.0, 1.0])) == area


@settings(max_examples=20)
@given(st.lists(st.floats(-1e9, 1e9), min_size=1))
def test_no_logit_is_too_great(values):
    chances = sigmoid(np.array(values))
    assert ((chances >= 0) & (chances <= 1)).all()
