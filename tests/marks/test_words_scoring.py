"""P-values are exact: they are what adding up all cases gives."""

from itertools import product
from math import comb

import pytest

from guardrails.marks.words.scoring import _weight, score


@pytest.mark.parametrize(("slots", "matches"), [(1, 1), (7, 7), (20, 15), (40, 20), (9, 0)])
def test_at_even_chances_it_is_the_binomial(slots, matches):
    found = score([0.5] * slots, [number < matches for number in range(slots)])

    tail = sum(comb(slots, more) for more in range(matches, slots + 1)) / 2**slots
    assert found.p_value == pytest.approx(tail)
    assert found.least == pytest.approx(2.0**-slots)
    assert found.z == pytest.approx((matches - slots / 2) / (slots / 4) ** 0.5)


def test_at_uneven_chances_it_is_the_sum_over_all_cases():
    chances = [0.15, 0.85, 0.4, 0.5, 0.7, 0.3]
    seen = (True, True, True, False, True, False)
    weights = [_weight(chance) for chance in chances]

    def total(case):
        return sum(weight for weight, match in zip(weights, case, strict=True) if match)

    tail = 0.0
    for case in product((False, True), repeat=len(chances)):
        chance = 1.0
        for one, match in zip(chances, case, strict=True):
            chance *= one if match else 1 - one
        tail += chance * (total(case) >= total(seen))
    assert score(chances, seen).p_value == pytest.approx(tail)


def test_what_is_unlikely_tells_more():
    assert _weight(0.15) > _weight(0.5) > _weight(0.85) > 0


def test_without_slots_nothing_is_told():
    assert (score([], []).p_value, score([], []).z, score([], []).least) == (1.0, 0.0, 1.0)
