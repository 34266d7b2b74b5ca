"""When a net hangs, and how often one is opened anew."""

import pytest

from guardrails.models.recovery import Care, Pace, Recovery


def nothing() -> None:
    """Neither renews nor probes."""


def care(patience=10.0, opening=0.0, running=0.0) -> Care:
    return Care(nothing, nothing, patience, opening, running)


def test_until_a_batch_has_run_the_first_run_tells_what_is_usual():
    assert Pace().limit(500, care(running=0.1)) == 10
    assert Pace().limit(500, care(running=2.0)) == 40


def test_what_is_usual_grows_with_the_size():
    pace = Pace()
    pace.learn(100, 1.0)
    assert pace.limit(50, care()) == 10  # the patience
    assert pace.limit(100, care()) == pytest.approx(20)
    assert pace.limit(1000, care()) == pytest.approx(200)


def test_one_slow_batch_changes_little():
    pace = Pace()
    for _ in range(50):
        pace.learn(100, 1.0)
    pace.learn(100, 5.0)
    assert pace.limit(100, care()) == pytest.approx(28, abs=1)


@pytest.mark.parametrize(("opening", "limit"), [(0.5, 60), (3.0, 60), (30.0, 600)])
def test_opening_may_take_longer_where_it_did_at_first(opening, limit):
    assert care(opening=opening).longest_opening == limit


def waited(recovery: Recovery) -> int:
    """Give the whole seconds until it is opened anew."""
    return next(number for number in range(1000) if recovery.due(1.0 if number else 0.0))


def test_it_is_tried_at_once_then_more_and_more_rarely():
    recovery = Recovery()
    waits = []
    for _ in range(9):
        recovery.fall_ill()
        assert not recovery.is_well
        waits.append(waited(recovery))
        assert not recovery.due(1000)  # it is being tried

    assert waits == [0, 1, 2, 4, 8, 16, 32, 60, 60]


@pytest.mark.parametrize(("well_for", "wait"), [(59.0, 1), (60.0, 0)])
def test_one_that_was_well_for_a_minute_is_tried_at_once_again(well_for, wait):
    recovery = Recovery()
    recovery.fall_ill()
    assert recovery.due(0.0)
    recovery.recover()
    assert recovery.is_well
    assert not recovery.due(well_for)
    recovery.fall_ill()
    assert waited(recovery) == wait
