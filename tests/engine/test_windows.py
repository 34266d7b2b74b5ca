"""Where windows of a streamed text lie, and that nothing falls between two of them."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from guardrails.engine.windows import LONGEST_WORD, Windows
from guardrails.policy.plan import SLACK

TEXTS = st.text(st.sampled_from("ab c. \n!é\u4e2d"), max_size=600)
CUTS = st.lists(st.integers(0, 600), max_size=40)


def pieces(text, cuts):
    edges = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(edges)]


def windows(parts, size=40, overlap=20):
    made = Windows(size, overlap + SLACK)
    found = [window for part in parts for window in made.feed(part)]
    last = made.rest()
    return found + ([last] if last else [])


@given(TEXTS, CUTS)
def test_they_depend_on_the_text_and_not_on_its_pieces(text, cuts):
    assert windows(pieces(text, cuts)) == windows([text])


@given(TEXTS)
def test_every_stretch_as_long_as_the_overlap_is_whole_in_one(text):
    found = windows([text])

    for start in range(len(text)):
        end = min(start + 20, len(text))
        assert any(one.start <= start and end <= one.end for one in found)


@given(TEXTS)
def test_they_show_the_text_itself_and_go_on_where_they_say(text):
    found = windows([text])

    for one, following in itertools.pairwise(found):
        assert text[one.start : one.end] == one.text
        assert one.done == following.start
    assert found[-1].end == len(text)


def test_one_ends_with_the_sentence_that_goes_beyond_its_size():
    text = "word " * 9 + "end. Next sentence that goes on and on and on, for a long while yet."

    assert windows([text])[0].text == "word " * 9 + "end. "


def test_a_word_is_not_cut_however_long_it_is():
    key = "k" * (LONGEST_WORD - 100)

    assert windows([f"The key is {key} and more words"])[0].text == f"The key is {key} "


def test_a_text_without_any_place_to_cut_at_is_cut_all_the_same():
    found = windows(["x" * 20_000])

    assert max(len(one.text) for one in found) < LONGEST_WORD + 200
    assert found[-1].end == 20_000


def test_each_character_is_judged_once_and_the_overlap_again():
    text = "Some words of a long answer, which goes on. " * 400

    judged = sum(len(one.text) for one in windows([text], 240, 160))

    assert judged <= len(text) * (1 + (160 + SLACK) / 240) + 240


def test_an_empty_text_is_looked_at_once():
    assert [one.text for one in windows([""])] == [""]


@given(pieces=st.lists(st.text("ab. \n", min_size=1, max_size=30), max_size=20))
def test_what_there_is_room_for_fills_no_window(pieces):
    windows = Windows(20, 8)
    for piece in pieces:
        had_room = windows.room >= len(piece)
        filled = list(windows.feed(piece))
        assert not (had_room and filled)
