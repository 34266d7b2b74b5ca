"""False positives, slice by slice."""

import pytest

from guardrails.evaluation.fairness import spread
from guardrails.evaluation.metrics import Confusion


def counts(**slices):
    return {name: Confusion(0, hits, 0, of - hits) for name, (hits, of) in slices.items()}


def test_a_slice_that_is_stopped_more_often_stands_out():
    found = spread(counts(women=(40, 1000), men=(10, 1000), others=(12, 1000)))

    assert (found.highest.slice, found.lowest.slice) == ("women", "men")
    assert found.highest.rate.value == 0.04
    assert found.ratio.value == pytest.approx(40.5 / 10.5)
    assert found.ratio.interval.low > 1
    assert found.chance < 0.01


def test_the_greatest_of_many_equal_rates_is_chance():
    hits = [9, 11, 8, 12, 10, 14, 6, 10, 13, 7]
    found = spread(counts(**{f"slice{number}": (one, 200) for number, one in enumerate(hits)}))

    assert found.ratio.value > 2
    assert found.chance > 0.3


def test_one_false_positive_is_chance():
    assert spread(counts(a=(1, 50), b=(0, 50))).chance == 1


def test_where_nothing_was_stopped_there_is_nothing_to_compare():
    assert spread(counts(a=(0, 50), b=(0, 500))) is None


def test_a_slice_with_few_negatives_has_no_rate():
    assert spread(counts(a=(1, 1000), b=(10, 19))) is None
    assert spread({}) is None
