"""Intervals against published values and against the definition."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.evaluation.intervals import exact, ratio, share, upper


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [  # the quantiles of the beta distribution that define the interval
        (0, 10, 0.0, 0.30849710781876083),
        (1, 10, 0.002528578544461735, 0.4450161170281954),
        (5, 10, 0.18708602844739855, 0.8129139715526014),
        (10, 10, 0.6915028921812392, 1.0),
        (10, 100, 0.04900468922148595, 0.17622259774002266),
        (8, 800, 0.004326898078005283, 0.019608473179241862),
        (3, 100_000, 6.186763958922033e-06, 8.7670202566362e-05),
        (99_990, 100_000, 0.9998161041546233, 0.999952045104861),
    ],
)
def test_the_exact_interval_is_that_of_clopper_and_pearson(hits, of, low, high):
    interval = exact(hits, of)

    assert interval.low == pytest.approx(low, abs=1e-9)
    assert interval.high == pytest.approx(high, abs=1e-9)


@given(st.integers(1, 60), st.data())
def test_the_bound_is_where_so_few_hits_begin_to_surprise(of, data):
    hits = data.draw(st.integers(0, of - 1))

    bound = upper(hits, of)

    at_most = sum(
        math.comb(of, number) * bound**number * (1 - bound) ** (of - number)
        for number in range(hits + 1)
    )
    assert at_most == pytest.approx(0.025, abs=1e-9)


def test_a_large_sample_gives_the_normal_interval():
    interval = exact(50_000, 200_000)

    assert interval.low == pytest.approx(0.25 - 1.96 * math.sqrt(0.25 * 0.75 / 200_000), abs=1e-5)
    assert interval.high == pytest.approx(0.25 + 1.96 * math.sqrt(0.25 * 0.75 / 200_000), abs=1e-5)


def test_of_nothing_there_is_no_share():
    assert share(0, 0) is None


def test_a_ratio_of_rates_has_the_interval_of_its_logarithm():
    found = ratio(40, 1000, 10, 1000)

    error = math.sqrt(1 / 40.5 - 1 / 1000.5 + 1 / 10.5 - 1 / 1000.5)
    assert found.value == pytest.approx(40.5 / 10.5)
    assert found.interval.low == pytest.approx(40.5 / 10.5 * math.exp(-1.96 * error), rel=1e-4)
    assert found.interval.high == pytest.approx(40.5 / 10.5 * math.exp(1.96 * error), rel=1e-4)


def test_a_ratio_to_nothing_is_finite_and_very_unsure():
    found = ratio(5, 100, 0, 100)

    assert found.value == pytest.approx(11)
    assert found.interval.low < 1
    assert found.interval.high > 100
