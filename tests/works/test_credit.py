"""Credit is given in one form, of what is known."""

import pytest

from guardrails.core.view import Span
from guardrails.works.credit import credit, credits_of
from guardrails.works.match import Match
from guardrails.works.work import Kind, Work


def match(kind, *, score=0.9, start=10, end=40, **known):
    return Match(Work("w1", kind, **known), score, Span(0, 9), start, end)


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (
            match(Kind.CODE, title="heap.py", owner="Ada Byron", licence="MIT"),
            "Contains code from heap.py (Ada Byron), licensed under MIT, lines 10 to 40",
        ),
        (match(Kind.CODE, end=10), "Contains code from w1, line 10"),
        (
            match(Kind.CODE, start=0, end=0, licence="MIT"),
            "Contains code from w1, licensed under MIT",
        ),
        (
            match(Kind.TEXT, title="Treasure Island", owner="R. L. Stevenson", licence="CC-BY-4.0"),
            "Quotes Treasure Island by R. L. Stevenson (CC-BY-4.0)",
        ),
        (match(Kind.TEXT, title="Treasure\n Island"), "Quotes Treasure Island"),  # on one line
        (match(Kind.IMAGE, title="Dawn", owner="Ada"), "Shows Dawn by Ada"),
    ],
)
def test_a_line_says_what_is_known(found, line):
    assert credit(found) == line


def test_each_is_credited_once_the_strongest_first():
    weak, strong = match(Kind.TEXT, title="A", score=0.5), match(Kind.TEXT, title="B", score=0.8)
    assert credits_of([weak, strong, weak]) == ("Quotes B", "Quotes A")
