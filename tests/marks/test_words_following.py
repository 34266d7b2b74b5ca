"""A text that comes in pieces is marked as the whole is, and nothing protected is cut through."""

import base64
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.core.content import Text
from guardrails.core.mark import Follower, Following
from guardrails.keyring import Keyring
from guardrails.marks.words.cater import Cater
from guardrails.marks.words.lexical import Lexical
from guardrails.marks.words.passages import LONGEST, Cutter
from guardrails.marks.words.protecting import protected
from guardrails.marks.words.zero_width import ZeroWidth

KEYS = Keyring.parse(f"k1:{base64.b64encode(b'k' * 32).decode()}")
MARKS = [
    Lexical(Lexical.Settings(keyring=KEYS, encoder=None)),
    Cater(Cater.Settings(keyring=KEYS, encoder=None)),
    ZeroWidth(ZeroWidth.Settings(keyring=KEYS)),
]
every_mark = pytest.mark.parametrize("mark", MARKS, ids=lambda mark: type(mark).__name__)
ROOM = "Zebras sleep in the sun. " * 60
FRAGMENTS = (
    "It is often big. ",
    "You may choose a plan, and they do not buy it! ",
    "Many people usually think so.\n",
    "\n",
    "```\n",
    "~~~ python\n",
    "`it is often` ",
    "` ",
    '"',
    "'It is often. It may be.' ",
    "the dogs' tails. ",
    "\u201cIt is",
    "\u201d ",
    "$$ ",
    "$x$ ",
    "\\[ ",
    "\\] ",
    "[it is often. It may](http://a.b/often) ",
    "[it is often. ](it may. ",
    "[a]: it is often. It may be big.\n",
    "<b ",
    "> ",
    "{it is. ",
    "} ",
    "    it is often. It may be.\n",
    "| it is often. |\n",
    "> It is often. You may choose.\n",
    "- 1. It is often so: it is.\n",
    "see a@b.com or www.often.com. ",
    " ",
    "\r\n",
    "\u3042\u3044. ",
)
texts = st.lists(st.sampled_from(FRAGMENTS) | st.text(max_size=8), max_size=30).map("".join)
cuts = st.lists(st.integers(0, 2000), max_size=12)


def pieces(text, cuts):
    edges = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[start:end] for start, end in pairwise(edges)]


def followed(mark, parts):
    follower = mark.follow()
    return "".join([*map(follower.push, parts), follower.finish()])


@every_mark
@given(text=texts, cuts=cuts)
@settings(max_examples=40, deadline=None)
def test_however_it_is_cut_the_same_comes_out(mark, text, cuts):
    whole = mark.embed(Text(ROOM + text)).text

    assert followed(mark, [ROOM, *pieces(text, cuts)]) == whole
    assert followed(mark, [ROOM, *text]) == whole


@given(text=texts)
@settings(max_examples=100, deadline=None)
def test_nothing_protected_is_cut_through(text):
    cutter, at = Cutter(), 0
    inside = {place for span in protected(text) for place in range(span.start + 1, span.end)}
    for passage in [*cutter.push(text), *cutter.finish()]:
        if passage.open and at:
            assert at not in inside
        at += len(passage.text)
    assert at == len(text)


@given(text=texts)
@settings(max_examples=100, deadline=None)
def test_what_is_protected_in_the_whole_is_protected_in_its_passage(text):
    cutter, at, closed = Cutter(), 0, set()
    for passage in [*cutter.push(text), *cutter.finish()]:
        start = at - len(passage.before)
        spans = protected(passage.before + passage.text) if passage.open else ()
        closed |= {start + place for span in spans for place in range(span.start, span.end)}
        if not passage.open:
            closed |= set(range(at, at + len(passage.text)))
        at += len(passage.text)
    assert {place for span in protected(text) for place in range(span.start, span.end)} <= closed


@every_mark
def test_it_is_something_that_can_be_followed(mark):
    assert isinstance(mark, Following)
    follower: Follower = mark.follow()
    assert follower.push("") == follower.finish() == ""


def test_a_sentence_goes_out_when_it_ends():
    follower = MARKS[0].follow()

    assert follower.push("Zebras sleep. Owls") == "Zebras sleep. "
    assert follower.push(' said "Hoo. And') == ""
    assert follower.push(' hoo." Bees') == 'Owls said "Hoo. And hoo." '
    assert follower.push(" do not") == ""
    assert follower.finish() == "Bees do not"


@every_mark
@pytest.mark.parametrize(
    "text",
    ["x" * 50_000, '"' + "often. " * 9000, "\\[ " + "often.\n" * 9000, "```\n" + "often.\n" * 9000],
    ids=["no end", "no quotation mark", "no bracket", "a long fence"],
)
def test_little_is_held_back_whatever_comes(mark, text):
    follower, given = mark.follow(), 0
    for start in range(0, len(text), 100):
        given += len(follower.push(text[start : start + 100]))
        assert start - given <= LONGEST


def test_a_text_that_could_not_be_cut_is_marked_again_later():
    long = '"' + "x" * 9000 + "\nZebras\n" + "y" * 100 + "\n"
    mark = MARKS[2]

    assert (
        mark.embed(Text(long + "Hello there.")).text == long + mark.embed(Text("Hello there.")).text
    )
