import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from guardrails.models.windows import Window, cores, cut


@st.composite
def shapes(draw):
    window = draw(st.integers(1, 40))
    return {"window": window, "overlap": draw(st.integers(0, window // 2))}


@pytest.mark.parametrize(
    ("count", "windows"),
    [
        (0, []),
        (1, [(0, 1)]),
        (8, [(0, 8)]),
        (9, [(0, 8), (6, 9)]),
        (14, [(0, 8), (6, 14)]),
        (15, [(0, 8), (6, 14), (12, 15)]),
    ],
)
def test_windows_of_eight_that_share_two(count, windows):
    assert cut(count, window=8, overlap=2) == tuple(Window(*each) for each in windows)


@given(count=st.integers(0, 500), shape=shapes())
def test_every_token_is_in_a_window_and_no_window_is_too_long(count, shape):
    windows = cut(count, **shape)
    seen = {place for each in windows for place in range(each.start, each.end)}
    assert seen == set(range(count))
    assert all(0 < each.end - each.start <= shape["window"] for each in windows)


@given(count=st.integers(1, 500), shape=shapes(), start=st.integers(0, 499))
def test_what_is_no_longer_than_the_overlap_lies_whole_in_a_window(count, shape, start):
    assume(start < count)
    end = min(count, start + max(1, shape["overlap"]))
    assert any(each.start <= start and end <= each.end for each in cut(count, **shape))


@given(count=st.integers(0, 500), shape=shapes())
def test_every_token_has_one_window_that_speaks_for_it(count, shape):
    windows = cut(count, **shape)
    spoken = [place for each in cores(windows) for place in range(each.start, each.end)]
    assert spoken == list(range(count))


@given(count=st.integers(1, 500), shape=shapes())
def test_that_window_sees_at_least_as_much_around_it_as_any_other(count, shape):
    windows = cut(count, **shape)

    def sight(window, place):
        left = count if window.start == 0 else place - window.start
        right = count if window.end == count else window.end - 1 - place
        return min(left, right)

    for window, core in zip(windows, cores(windows), strict=True):
        for place in range(core.start, core.end):
            others = [each for each in windows if each.start <= place < each.end]
            best = max(sight(each, place) for each in others)
            assert sight(window, place) >= best - 1  # seams between two middles round down
