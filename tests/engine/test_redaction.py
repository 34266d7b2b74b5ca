"""What is taken out, and what must not survive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.core.view import Span
from guardrails.engine import redaction
from guardrails.engine.redaction import Cut
from guardrails.policy.terms import RedactAs


def cut(text, cuts):
    return redaction.cut(text, cuts, plainly)


def plainly(style, category, value):
    """Hides in the two ways that need no request."""
    return "*" * len(value) if style is RedactAs.MASK else f"<{category.upper()}>"


def label(start: int, end: int, category: str = "x", score: float = 1.0) -> Cut:
    return Cut(Span(start, end), category, score, RedactAs.LABEL)


def mask(start: int, end: int) -> Cut:
    return Cut(Span(start, end), "x", 1.0, RedactAs.MASK)


@pytest.mark.parametrize(
    ("cuts", "left"),
    [
        ([], "0123456789"),
        ([label(2, 4)], "01<X>456789"),
        ([label(0, 10)], "<X>"),
        ([mask(2, 4)], "01**456789"),
        ([label(2, 4), label(4, 6, "y")], "01<X><Y>6789"),
        ([label(4, 6, "y"), label(2, 4)], "01<X><Y>6789"),
        ([label(2, 6, "long"), label(5, 7, "short")], "01<LONG>789"),
        ([label(5, 7, "short"), label(2, 6, "long")], "01<LONG>789"),
        ([label(2, 8, "outer"), label(3, 4, "inner"), label(5, 6, "inner")], "01<OUTER>89"),
        ([label(2, 4, "sure", 0.9), label(2, 4, "unsure", 0.6)], "01<SURE>456789"),
        ([mask(2, 4), label(3, 9, "y")], "01<Y>9"),
    ],
)
def test_cuts_that_overlap_go_as_one_and_the_heaviest_names_it(cuts, left):
    assert cut("0123456789", cuts) == left


spans = st.lists(
    st.tuples(st.integers(0, 59), st.integers(1, 20), st.sampled_from(list(RedactAs))), max_size=12
)


@given(spans=spans)
def test_nothing_found_survives_and_nothing_else_goes(spans):
    text = "".join(chr(0x4E00 + number) for number in range(60))  # each character stands once
    taken = [Cut(Span(at, min(at + n, 60)), "x", 1.0, how) for at, n, how in spans]
    gone = {place for one in taken for place in range(one.span.start, one.span.end)}

    left = cut(text, taken)

    assert not set(left) & {text[place] for place in gone}
    assert [char for char in left if char in text] == [
        char for place, char in enumerate(text) if place not in gone
    ]


@given(spans=spans, data=st.data())
def test_the_order_of_findings_does_not_matter(spans, data):
    text = "x" * 60
    taken = [Cut(Span(at, min(at + n, 60)), str(at), 1.0, how) for at, n, how in spans]

    assert cut(text, taken) == cut(text, data.draw(st.permutations(taken)))
