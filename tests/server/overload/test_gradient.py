"""How many places there are, on a simulated server and a simulated clock."""

import heapq
import random
from statistics import mean

import pytest

from guardrails.server.overload.gradient import Gradient


class Machine:
    """Does ``rate`` works a second, and none in less than ``best`` seconds; work always waits."""

    def __init__(self, gradient, *, rate, best, noise=0.0):
        self.gradient, self.rate, self.best, self.noise = gradient, rate, best, noise
        self.chance = random.Random(1)  # noqa: S311  # noise is no secret
        self.now, self.under_way, self.done, self.limits = 0.0, [], 0, []

    def run(self, seconds, *, short=True):
        until = self.now + seconds
        done, self.limits = self.done, []
        while self.now < until:
            while len(self.under_way) < (self.gradient.limit if short else 1):
                crowd = len(self.under_way) + 1
                takes = max(self.best, crowd / self.rate)
                if self.noise:
                    takes *= self.chance.lognormvariate(-(self.noise**2) / 2, self.noise)
                heapq.heappush(self.under_way, (self.now + takes, self.now))
            self.now, began = heapq.heappop(self.under_way)
            self.done += 1
            self.gradient.done(began, self.now, self.now - began, short=short)
            self.limits.append(self.gradient.limit)
        return (self.done - done) / seconds


@pytest.mark.parametrize(
    ("rate", "best", "least", "most"),
    [
        (100, 0.01, 8, 20),  # one at a time is as fast as many
        (100, 0.1, 10, 25),
        (400, 0.05, 20, 45),
        (100, 0.3, 30, 64),
        (1000, 0.2, 55, 64),  # more would be better still
    ],
)
@pytest.mark.parametrize("noise", [0.0, 0.5, 1.0])
def test_it_settles_where_more_at_a_time_would_only_be_slower(rate, best, least, most, noise):
    machine = Machine(Gradient(8, 64), rate=rate, best=best, noise=noise)
    machine.run(30)
    reached = machine.run(60)

    assert mean(machine.limits) <= most * (1 + noise)
    assert mean(machine.limits) >= least * (1 - noise / 3)
    assert reached >= min(rate, 64 / best) * 0.9


def test_one_slow_moment_takes_little_away():
    machine = Machine(Gradient(8, 64), rate=400, best=0.1)
    machine.run(20)
    before = mean(machine.limits[-100:])
    machine.best, machine.rate = 1.0, 40
    machine.run(1)
    machine.best, machine.rate = 0.1, 400
    machine.run(3)

    assert mean(machine.limits[-100:]) >= before * 0.8


@pytest.mark.parametrize("slower", [5, 20])
def test_work_of_another_kind_is_not_held_down_for_long(slower):
    machine = Machine(Gradient(8, 64), rate=400, best=0.05)
    machine.run(20)
    machine.best *= slower  # but as much of it is done in a second
    machine.run(30)
    reached = machine.run(30)

    assert reached >= min(400, 64 / machine.best) * 0.7


def test_where_nobody_waits_nothing_moves():
    machine = Machine(Gradient(8, 64), rate=100, best=0.01)
    machine.run(20, short=False)
    machine.best = 0.5
    machine.run(20, short=False)

    assert machine.gradient.limit == 64


@pytest.mark.parametrize("times", [[0.0], [1e9], [0.0, 1e9, 1e-9]])
def test_it_stays_between_floor_and_most_whatever_is_measured(times):
    gradient, now = Gradient(8, 64), 0.0
    for number in range(5000):
        now += 0.05
        gradient.done(now, now, times[number % len(times)], short=True)
        assert 8 <= gradient.limit <= 64


def test_with_nothing_between_floor_and_most_it_is_fixed():
    machine = Machine(Gradient(64, 64), rate=100, best=0.01)
    machine.run(20)

    assert set(machine.limits) == {64}
