"""How fast work is done while somebody waits."""

import pytest

from guardrails.server.overload.pace import Bias, Pace


def busy(pace, begin, seconds, every, places=1, held=0.1):
    """Let somebody wait for a while, and work end now and then."""
    pace.wait(begin)
    for number in range(1, round(seconds / every) + 1):
        pace.done(places, held, begin + number * every)
    pace.rest(begin + seconds)


def test_before_anybody_waited_nothing_is_known():
    pace = Pace()
    pace.done(1, 0.1, 5.0)

    assert pace.rate(10.0) is None


@pytest.mark.parametrize(("every", "places", "rate"), [(0.1, 1, 10), (0.1, 5, 50), (0.5, 1, 2)])
def test_places_that_come_free_while_somebody_waits_are_the_rate(every, places, rate):
    pace = Pace()
    busy(pace, 100.0, 10.0, every, places)

    assert pace.rate(110.0) == pytest.approx(rate, rel=0.1)


def test_idle_time_changes_nothing():
    pace = Pace()
    busy(pace, 0.0, 10.0, 0.1)
    for number in range(100):
        pace.done(1, 0.1, 20.0 + 10 * number)

    assert pace.rate(5000.0) == pytest.approx(10, rel=0.1)


def test_what_is_slower_now_counts_more_than_what_was_fast_then():
    pace = Pace()
    busy(pace, 0.0, 20.0, 0.01)
    busy(pace, 20.0, 20.0, 1.0)

    assert pace.rate(40.0) < 10


def test_a_standstill_slows_the_rate_while_it_lasts():
    pace = Pace()
    busy(pace, 0.0, 2.0, 0.1)
    pace.wait(2.0)

    assert pace.rate(12.0) < 4


def test_of_another_size_than_all_before_the_lower_of_two_ways_tells():
    pace = Pace()
    assert pace.holding(1) == 0.0
    for _ in range(10):
        pace.done(10, 1.0, 0.0)

    assert pace.holding(1) == pytest.approx(0.1)
    assert pace.holding(100) == pytest.approx(1.0)


@pytest.mark.parametrize(("places", "seconds"), [(1, 0.15), (5, 0.55), (20, 2.05)])
def test_held_times_are_told_by_others_of_that_size(places, seconds):
    pace = Pace()
    for number in range(200):
        size = 5 if number % 10 == 0 else 1
        pace.done(size, 0.05 + 0.1 * size, 0.0)

    assert pace.holding(places) == pytest.approx(seconds)


def test_held_times_follow_what_is_held_now():
    pace = Pace()
    for _ in range(1000):
        pace.done(1, 10.0, 0.0)
    for _ in range(1000):
        pace.done(1, 0.1, 0.0)

    assert pace.holding(1) < 0.5


def test_waits_that_are_longer_than_foretold_are_learnt():
    bias = Bias()
    for _ in range(200):
        bias.note(1.0, 3.0)

    assert bias.factor == pytest.approx(3.0, rel=0.01)


@pytest.mark.parametrize(("foretold", "waited"), [(1.0, 0.2), (0.001, 5.0)])
def test_neither_short_waits_nor_luck_make_it_bold(foretold, waited):
    bias = Bias()
    for _ in range(200):
        bias.note(foretold, waited)

    assert bias.factor == 1.0
