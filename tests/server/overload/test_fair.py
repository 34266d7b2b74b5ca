"""Whose turn it is."""

import random
from collections import Counter

import pytest

from guardrails.server.overload.fair import FairQueue


def served(queue, number=10_000):
    """Take as many as are there, and tell for whom they were."""
    order = []
    while len(order) < number and (ticket := queue.head()) is not None:
        queue.take(ticket)
        order.append(ticket.one)
    return order


def queue_of(*waiting, weights=None):
    queue = FairQueue()
    for tenant, places in waiting:
        queue.add(tenant, (weights or {}).get(tenant, 1.0), places, tenant)
    return queue


def test_of_one_tenant_who_came_first_goes_first():
    queue = FairQueue()
    for number in range(5):
        queue.add("a", 1.0, number + 1, number)

    assert served(queue) == [0, 1, 2, 3, 4]


def test_what_has_begun_goes_before_what_is_new_of_its_tenant():
    queue = FairQueue()
    for number in range(4):
        queue.add("a", 1.0, 1, number, begun=number > 1)

    assert queue.ahead("a", 1.0, 1) == 4
    assert queue.ahead("a", 1.0, 1, begun=True) == 2
    assert served(queue) == [2, 3, 0, 1]


def test_what_has_begun_takes_no_turn_of_another_tenant():
    queue = FairQueue()
    for number in range(100):
        queue.add("flood", 1.0, 1, "flood", begun=number > 0)
    queue.add("polite", 1.0, 1, "polite")

    assert "polite" in served(queue, 2)


def test_a_flood_does_not_hold_up_another_tenant():
    queue = queue_of(*[("flood", 1)] * 1000, *[("polite", 1)] * 3)

    assert Counter(served(queue, 6)) == {"flood": 3, "polite": 3}


@pytest.mark.parametrize(
    ("weights", "costs", "shares"),
    [
        ({"a": 1, "b": 1}, {"a": 1, "b": 1}, {"a": 0.5, "b": 0.5}),
        ({"a": 3, "b": 1}, {"a": 1, "b": 1}, {"a": 0.75, "b": 0.25}),
        ({"a": 1, "b": 1}, {"a": 10, "b": 1}, {"a": 0.5, "b": 0.5}),
        ({"a": 0.3, "b": 0.1}, {"a": 7, "b": 2}, {"a": 0.75, "b": 0.25}),
        ({"a": 1000, "b": 0.01}, {"a": 1, "b": 1}, {"a": 1.0, "b": 0.0}),
        ({"a": 1, "b": 2, "c": 1}, {"a": 5, "b": 3, "c": 32}, {"a": 0.25, "b": 0.5, "c": 0.25}),
    ],
)
def test_tenants_get_places_by_weight_whatever_each_request_costs(weights, costs, shares):
    queue, given = FairQueue(), Counter()
    for tenant, cost in costs.items():
        for _ in range(5000):
            queue.add(tenant, weights[tenant], cost, tenant)
    while sum(given.values()) < 4000:
        ticket = queue.head()
        queue.take(ticket)
        given[ticket.one] += ticket.places

    for tenant, share in shares.items():
        assert given[tenant] / sum(given.values()) == pytest.approx(share, abs=0.03)


def test_a_tenant_that_comes_back_has_saved_nothing_up():
    queue = queue_of(*[("a", 1)] * 100, ("b", 1))
    served(queue, 50)
    for _ in range(100):
        queue.add("b", 1.0, 1, "b")

    assert Counter(served(queue, 20))["b"] in {9, 10, 11}


def test_the_head_stays_the_head_until_it_is_taken_or_gone():
    queue = queue_of(("a", 5), ("b", 1))
    first = queue.head()
    queue.add("c", 1.0, 1, "c")

    assert queue.head() is first
    queue.drop(first)
    assert queue.head() is not first


def test_what_is_ahead_is_what_will_be_served_before():
    queue = queue_of(*[("flood", 1)] * 100, *[("mine", 1)] * 4)
    ahead = queue.ahead("mine", 1.0, 1)
    mine = queue.add("mine", 1.0, 1, "me")
    order = served(queue)

    assert ahead == pytest.approx(order.index(mine.one), abs=2)


def test_whatever_is_added_taken_and_dropped_the_counts_are_right():
    chance, queue, there = random.Random(3), FairQueue(), []  # noqa: S311  # no secret
    for _ in range(5000):
        match chance.randrange(3):
            case 0:
                tenant = chance.choice("abcdef")
                weight, places = chance.choice([0.01, 1, 7.3]), chance.randint(1, 32)
                there.append(queue.add(tenant, weight, places, None))
            case 1 if there:
                queue.drop(there.pop(chance.randrange(len(there))))
            case 2 if there:
                head = queue.head()
                queue.take(head)
                there.remove(head)
        assert queue.number == len(there)
        assert queue.places == sum(each.places for each in there)
        for tenant in "abcdef":
            assert queue.waiting(tenant) == sum(each.tenant == tenant for each in there)
