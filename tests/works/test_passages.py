"""Seeds, chains, alignments and what they are worth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.works.fingerprint import Fingerprint
from guardrails.works.passages.aligning import aligned
from guardrails.works.passages.gathering import apart, gathered
from guardrails.works.passages.scoring import stretches
from guardrails.works.passages.searching import WINDOW, Search
from guardrails.works.passages.seeding import sampled, seeds
from guardrails.works.passages.stream import Passage, Stream
from guardrails.works.stores.memory import MemoryStore
from guardrails.works.work import Kind, Work

CHANCE = np.random.default_rng(7)
START = CHANCE.bit_generator.state
TOKENS = st.lists(st.integers(0, 5), max_size=60).map(lambda many: np.array(many, np.uint16))


@pytest.fixture(autouse=True)
def _the_same_noise():
    CHANCE.bit_generator.state = START


def noise(count):
    return CHANCE.integers(0, 1 << 16, count, np.uint16)


@pytest.fixture
def searched():
    """Index streams of tokens, and look others up in them."""
    store = MemoryStore()

    def put(name, tokens):
        every = seeds(tokens, 4)
        kept = sampled(every, 3)
        work = Work(name, Kind.CODE, name)
        store.put("all", [(work, Fingerprint(every[kept], kept, tokens))], "a test")

    def look(tokens, **settings):
        return Search(store, "all", Kind.CODE, **settings).passages(Stream.even(tokens))

    return put, look


@pytest.mark.parametrize(("count", "expected"), [(0, 0), (3, 0), (4, 1), (10, 7)])
def test_a_seed_begins_at_every_token_that_has_enough_behind_it(count, expected):
    assert len(seeds(noise(count), 4)) == expected


def test_equal_tokens_have_equal_seeds_and_their_order_matters():
    one = seeds(np.array([1, 2, 3, 4, 9, 1, 2, 3, 4], np.uint16), 4)
    assert one[0] == one[5]
    assert len({*one.tolist()}) == 5
    assert seeds(np.array([4, 3, 2, 1], np.uint16), 4)[0] not in one


@given(TOKENS, st.integers(1, 5))
def test_of_each_window_of_seeds_one_is_kept(tokens, window):
    every = seeds(tokens, 2)
    kept = set(sampled(every, window).tolist())
    assert all(kept & {*range(at, at + window)} for at in range(len(every) - window + 1))
    assert bool(kept) == bool(len(every))


def test_about_half_of_all_seeds_are_kept_with_a_window_of_three():
    every = seeds(noise(10_000), 4)
    assert 0.47 < len(sampled(every, 3)) / len(every) < 0.53


@given(TOKENS, TOKENS)
def test_blocks_of_an_alignment_are_equal_and_in_order(one, other):
    blocks = aligned(one, other).tolist()
    assert all(
        one[at : at + size].tolist() == other[there : there + size].tolist()
        for at, there, size in blocks
    )
    ends = [(at + size, there + size) for at, there, size in blocks]
    assert all(
        end[0] <= block[0] and end[1] <= block[1]
        for end, block in zip(ends, blocks[1:], strict=False)
    )


def test_changes_part_stretches_when_they_cost_more_than_what_they_join():
    sums = Stream.even(noise(200)).sums()
    near = np.array([[0, 0, 10], [14, 13, 10], [100, 100, 10]])
    first, second = sorted(stretches(1, near, sums, 3.0), key=lambda one: one.start)
    assert first == Passage(1, 0, 24, 0, 23, 20, 4, 10, 18.0)
    assert second == Passage(1, 100, 110, 100, 110, 10, 0, 10, 10.0)


def test_runs_that_touch_are_one_run():
    sums = Stream.even(noise(50)).sums()
    [one] = stretches(1, np.array([[0, 5, 4], [4, 9, 6], [12, 17, 3]]), sums, 3.0)
    assert (one.longest, one.matched, one.changed) == (10, 13, 2)


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 9)), min_size=1, max_size=30))
def test_stretches_are_the_best_there_are(runs):
    blocks, at = [], 0
    for size, gap in runs:
        blocks.append([at, at, size])
        at += size + gap
    found = stretches(1, np.array(blocks), Stream.even(noise(at)).sums(), 0.0)

    def worth(first, last):
        sizes = sum(size for size, _ in runs[first : last + 1])
        return sizes - sum(gap for _, gap in runs[first:last]) / 2

    best = max(worth(i, j) for i in range(len(runs)) for j in range(i, len(runs)))
    assert max(one.evidence for one in found) == pytest.approx(best)
    covered = [place for one in found for place in range(one.start, one.end)]
    assert len(covered) == len(set(covered))


def _passage(work, start, place, size):
    return Passage(work, start, start + size, place, place + size, size, 0, size, float(size))


def test_of_passages_on_the_same_tokens_the_weightier_is_kept_for_each_work():
    long, short, other = _passage(1, 10, 0, 20), _passage(1, 25, 80, 9), _passage(2, 25, 80, 9)
    assert apart([short, other, long]) == [long, other]
    behind = _passage(1, 30, 50, 9)
    assert apart([behind, long]) == [long, behind]


@pytest.mark.parametrize(
    ("passages", "matched"),
    [
        ([_passage(1, 0, 20, 10), _passage(1, 12, 0, 10)], [20]),  # shuffled
        ([_passage(1, 0, 0, 10), _passage(1, 60, 12, 10)], [10, 10]),  # far apart in the subject
        ([_passage(1, 0, 0, 10), _passage(1, 12, 900, 10)], [10, 10]),  # far apart in the work
        ([_passage(1, 0, 0, 10), _passage(2, 12, 12, 10)], [10, 10]),  # of two works
        ([_passage(1, 0, 0, 10), _passage(1, 12, 2, 10)], [10, 10]),  # the same twice
        ([_passage(1, 0, 0, 10), _passage(1, 12, 12, 3)], [13]),  # weak, but beside a strong one
        ([_passage(1, 0, 0, 3)], []),  # weak
    ],
)
def test_what_lies_close_together_in_both_is_one_copy(passages, matched):
    assert [one.matched for one in gathered(passages, 6.0)] == matched


def test_a_copy_is_found_with_both_its_places(searched):
    put, look = searched
    work = noise(1000)
    put("work", work)
    put("other", noise(1000))
    [one] = look(np.concatenate([noise(50), work[300:340], noise(50)]))
    assert (one.start, one.end, one.place, one.place_end) == (50, 90, 300, 340)
    assert (one.matched, one.changed, one.longest) == (40, 0, 40)


def test_changes_are_counted(searched):
    put, look = searched
    work = noise(1000)
    put("work", work)
    changed = np.concatenate([work[300:312], noise(2), work[312:330], work[331:350]])
    [one] = look(changed)
    assert (one.matched, one.changed, one.longest) == (49, 3, 19)


@pytest.mark.parametrize("count", [WINDOW - 1, WINDOW * 3 + 7, 20_000])
def test_a_copy_of_any_length_is_one(searched, count):
    put, look = searched
    work = noise(count + 100)
    put("work", work)
    dropped = np.delete(work[50 : 50 + count], np.arange(20, count, 40))
    [one] = look(np.concatenate([noise(30), dropped, noise(30)]))
    assert one.matched == len(dropped)
    assert one.changed == count - len(dropped)
    assert (one.place, one.place_end) == (50, 50 + count)


def test_the_same_is_found_in_every_work_that_has_it(searched):
    put, look = searched
    work = noise(500)
    put("one", work)
    put("two", np.concatenate([noise(33), work]))
    assert sorted((one.work, one.place) for one in look(work[100:150])) == [(1, 100), (2, 133)]


def test_what_stands_in_many_works_is_common_and_tells_nothing(searched):
    put, look = searched
    phrase = noise(30)
    for number in range(30):
        put(f"work-{number}", np.concatenate([noise(50), phrase, noise(50)]))
    assert look(phrase, most=5) == []
    assert len(look(phrase, most=30, tried=30)) == 30


@pytest.mark.parametrize("count", [0, 1, 3, 4])
def test_a_subject_may_be_shorter_than_a_seed(searched, count):
    put, look = searched
    put("work", noise(100))
    put("empty", noise(0))
    assert look(noise(count)) == []


def test_evidence_is_what_equal_tokens_are_worth():
    store, tokens = MemoryStore(), noise(60)
    every = seeds(tokens, 4)
    kept = sampled(every, 3)
    work = Work("work", Kind.TEXT)
    store.put("all", [(work, Fingerprint(every[kept], kept, tokens))], "a test")
    search = Search(store, "all", Kind.TEXT)
    [even] = search.passages(Stream.even(tokens[10:40]))
    [light] = search.passages(Stream(tokens[10:40], np.full(30, 0.5, np.float32)))
    assert (even.evidence, light.evidence) == (30.0, 15.0)
    assert search.passages(Stream(tokens[10:40], np.full(30, 0.1, np.float32))) == []
