"""A text that is followed while it is written: copies are told early, once, and none is missed."""

import time
from itertools import pairwise
from pydoc_data.topics import topics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.works.stores.memory import MemoryStore
from guardrails.works.text.finder import TextFinder
from guardrails.works.text.fingerprints import fingerprint
from guardrails.works.text.follower import STEP, Follower
from guardrails.works.work import Kind, Work

WORDS = topics["import"].split()
OTHER = "The garden is all weeds but my sister mended the fence and painted every door green. " * 6
TEXT = OTHER + " ".join(WORDS[400:460]) + " " + OTHER * 3 + " ".join(WORDS[900:980]) + " " + OTHER


@pytest.fixture(scope="module")
def finder():
    store = MemoryStore()
    work = (Work("import", Kind.TEXT, "import"), fingerprint(topics["import"]))
    store.put("manual", [work], "a test")
    return TextFinder(store, "manual")


def fed(finder, chunks):
    follower = Follower(finder)
    told = [match for chunk in chunks for match in follower.feed(chunk)]
    return told, follower.end()


def pieces(text, size):
    return [text[at : at + size] for at in range(0, len(text), size)]


@given(st.lists(st.integers(1, len(TEXT) - 1), max_size=40, unique=True))
@settings(max_examples=40, deadline=None)
def test_however_a_text_is_cut_the_end_is_what_find_gives(finder, cuts):
    edges = [0, *sorted(cuts), len(TEXT)]
    chunks = [TEXT[one:other] for one, other in pairwise(edges)]
    told, end = fed(finder, chunks)
    assert end == finder.find(TEXT)
    copies = [match for match in end if match.score >= 0.5]
    assert len(copies) == 2
    assert all(any(one.where.overlaps(copy.where) for copy in copies) for one in told)


@pytest.mark.parametrize("size", [1, 7, 50, 400])
def test_a_copy_is_told_once_and_soon(finder, size):
    follower, fed_, told = Follower(finder), 0, []
    for chunk in pieces(TEXT, size):
        fed_ += len(chunk)
        told += [(fed_, match) for match in follower.feed(chunk)]
    assert len(told) == 2
    for at, match in told:
        assert TEXT[match.where.start :].startswith(("with", *WORDS[398:403], *WORDS[898:903]))
        assert match.where.end <= at
        assert at - match.where.start < 300 + STEP + size


def test_a_short_text_is_looked_at_when_it_ends(finder):
    short = " ".join(WORDS[400:424])
    told, end = fed(finder, [short[:40], short[40:80], short[80:]])
    assert len(told) <= 1
    assert end == finder.find(short)


def test_nothing_may_be_fed(finder):
    assert fed(finder, []) == ([], ())
    assert fed(finder, ["", ""]) == ([], ())


def test_a_long_text_in_small_chunks_takes_time_in_proportion(finder):
    taken = []
    for length in (20_000, 80_000):
        text = (OTHER * 200)[:length]
        started = time.process_time()
        fed(finder, pieces(text, 20))
        taken.append(time.process_time() - started)
    assert taken[1] < 10 * taken[0]
