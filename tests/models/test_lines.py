"""What waits for a model: in order of arrival, and last what gives way."""

import pytest

from guardrails.models.lines import Limits, Lines, Waiting
from guardrails.models.sharing import giving_way, sharing, turn


@pytest.fixture
def lines():
    return Lines(len, Limits(budget=8))


def put(lines, *items):
    """Add items as (text, whether it gives way), and give them as they are taken."""
    for number, (text, gives_way) in enumerate(items):
        if gives_way:
            with giving_way(), sharing():
                lines.add(Waiting(text, number, 0.0, turn()))
        else:
            with sharing():
                lines.add(Waiting(text, number, 0.0, turn()))
    taken = []
    while line := lines.first():
        taken.append([waiting.item for waiting in lines.take(line)])
    return taken


@pytest.mark.parametrize(
    ("items", "taken"),
    [
        ([("a" * 8, False), ("b" * 8, False)], [["a" * 8], ["b" * 8]]),
        ([("a" * 8, True), ("b" * 8, False)], [["b" * 8], ["a" * 8]]),  # however early it came
        ([("a" * 8, True), ("b" * 8, True)], [["a" * 8], ["b" * 8]]),
        ([("a" * 4, True), ("b" * 4, False), ("c" * 4, False)], [["b" * 4, "c" * 4], ["a" * 4]]),
        ([("a" * 30, True), ("b", False), ("c" * 20, False)], [["b"], ["c" * 20], ["a" * 30]]),
    ],
)
def test_what_gives_way_runs_when_nothing_else_waits(lines, items, taken):
    assert put(lines, *items) == taken
    assert len(lines) == 0


def test_all_of_it_can_be_cleared(lines):
    with giving_way(), sharing():
        lines.add(Waiting("a", 0, 0.0, turn()))
    assert [one.item for one in lines.clear()] == ["a"]
    assert lines.first() is None
