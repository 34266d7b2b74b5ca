"""What counts as the same word, and where it stands."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.works.text.rarity import weights
from guardrails.works.text.words import CHUNK, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Sea-Dog", "the SEA dog"),  # case and punctuation
        ("don't, won’t", "DONT wont"),  # apostrophes, straight and curly
        ("the cap-\n   tain’s papers", "the captain's papers"),  # hyphen at a line end
        ("the cap-\r\ntains", "the captains"),
        ("cap\u00adtain", "captain"),  # soft hyphen
        ("café naïve", "cafe\u0301 nai\u0308ve"),  # composed and decomposed
        ("Café", "cafe"),  # accents
        ("ﬁnd the ﬂag", "find the flag"),  # ligatures
        ("ＣＡＰＴＡＩＮ", "captain"),  # full width
        ("Straße", "STRASSE"),
        ("İstanbul", "istanbul"),
        ("in 1750 -- or 1751!", "in 1750 or 1751"),
        ("宝島は、", "宝 島 は"),  # each letter of a script without spaces is a word
        ("a\u200bb", "ab"),  # what cannot be seen
    ],
)
def test_words_are_the_same_however_they_are_written(one, other):
    assert words(one).hashes.tolist() == words(other).hashes.tolist()
    assert len(words(one))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("captain", "captains"),
        ("stop", "pots"),
        ("one-\ntwo -\nthree", "onetwothree"),  # a dash is no hyphen
        ("a b", "ab"),
        ("宝島", "島宝"),
    ],
)
def test_words_differ(one, other):
    assert words(one).hashes.tolist() != words(other).hashes.tolist()


@pytest.mark.parametrize("text", ["", " ", "... -- !?", "\ud800", "\u0301", "-\n", "🙂"])
def test_there_may_be_no_words(text):
    assert len(words(text)) == 0


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("Ahoy, there!", ["Ahoy", "there"]),
        ("🙂 it’s «fine»", ["it’s", "fine"]),  # in code points
        ("cap-\n tain Smollett", ["cap-\n tain", "Smollett"]),
        ("ﬁne Straße ½", ["ﬁne", "Straße", "½"]),  # one character that stands for several
        ("宝島", ["宝", "島"]),
    ],
)
def test_words_tell_where_they_stand(text, where):
    read = words(text)
    spans = zip(read.starts.tolist(), read.ends.tolist(), strict=True)
    assert [text[start:end] for start, end in spans] == where


@given(st.text(max_size=200))
def test_words_are_in_order_and_inside_the_text(text):
    read = words(text)
    places = [*zip(read.starts.tolist(), read.ends.tolist(), strict=True)]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert all(end <= start for (_, end), (start, _) in pairwise(places))


@given(st.text(max_size=100))
def test_composition_changes_nothing(text):
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert words(composed).hashes.tolist() == words(decomposed).hashes.tolist()


def test_a_long_text_is_read_in_chunks_and_no_word_is_cut_in_two():
    text = "captain hyphen-\n ated " * (CHUNK // 5)
    read = words(text)
    assert len(read) == 2 * (CHUNK // 5)
    assert len(set(read.hashes.tolist())) == 2
    assert text[read.starts[-1] : read.ends[-1]] == "hyphen-\n ated"


def test_words_of_a_text_are_worth_one_on_the_average_and_rare_ones_more():
    text = (
        "It was about this time there occurred the first of the mysterious events that rid us at "
        "last of the captain, though not, as you will see, of his affairs."
    )
    worth = weights(words(text).hashes)
    assert 0.85 < worth.mean() < 1.15
    the, mysterious = weights(words("the mysterious").hashes)
    assert the < 0.5
    assert mysterious > 1.3
