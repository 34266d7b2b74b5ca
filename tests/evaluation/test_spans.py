"""Spans found against spans known."""

import pytest

from guardrails.core.view import Span
from guardrails.evaluation.spans import Places, compare


def spans(*pairs):
    return [Span(*pair) for pair in pairs]


@pytest.mark.parametrize(
    ("found", "known", "exact", "overlap", "characters"),
    [
        ([(0, 4)], [(0, 4)], (1, 1), (1, 1), (1, 1)),
        ([(0, 5)], [(0, 4)], (0, 0), (1, 1), (4 / 5, 1)),
        ([(4, 8)], [(0, 4)], (0, 0), (0, 0), (0, 0)),                      # they only touch
        ([(0, 2), (2, 4)], [(0, 4)], (0, 0), (1, 1), (1, 1)),              # one name found in two
        ([(0, 9)], [(0, 4), (5, 9)], (0, 0), (1, 1), (8 / 9, 1)),          # two names found as one
        ([(0, 4), (6, 8)], [(0, 4)], (1 / 2, 1), (1 / 2, 1), (4 / 6, 1)),
        ([(0, 4), (0, 4)], [(0, 4)], (1, 1), (1, 1), (1, 1)),              # a repeat counts once
        ([], [(0, 4)], (None, 0), (None, 0), (None, 0)),
        ([(0, 4)], [], (0, None), (0, None), (0, None)),
        ([], [], (None, None), (None, None), (None, None)),
    ],
)  # fmt: skip
def test_precision_and_recall(found, known, exact, overlap, characters):
    places = compare(spans(*found), spans(*known))

    for fit, (precision, recall) in zip(
        (places.exact, places.overlap, places.characters), (exact, overlap, characters), strict=True
    ):
        assert fit.precision == (precision if precision is None else pytest.approx(precision))
        assert fit.recall == (recall if recall is None else pytest.approx(recall))


def test_counts_add_up_over_texts():
    total = (
        Places() + compare(spans((0, 4)), spans((0, 4))) + compare(spans((0, 4)), spans((9, 12)))
    )

    assert (total.found, total.known, total.same) == (2, 2, 1)
    assert total.exact.f1 == 0.5
    assert total.characters.recall == pytest.approx(4 / 7)
