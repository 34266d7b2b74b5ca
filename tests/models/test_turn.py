import pytest

from guardrails.models import turn as turns
from guardrails.models.turn import Turn


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand."""

    class Clock:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

    clock = Clock()
    monkeypatch.setattr(turns, "time", clock)
    return clock


def test_to_be_queued_is_to_wait_until_something_runs(clock):
    turn = Turn()
    clock.now = 1
    turn.queue(2)
    clock.now = 4
    turn.start()
    clock.now = 10
    assert turn.waited() == 3
    turn.end()
    clock.now = 12
    assert turn.waited() == 5
    turn.drop()
    clock.now = 20
    assert turn.waited() == 5
