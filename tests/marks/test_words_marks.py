"""Marks in the choice of words are found again by their keys, and spare what is protected."""

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.core.content import Text
from guardrails.core.mark import Decision
from guardrails.keyring import Keyring
from guardrails.marks.words.cater import Cater
from guardrails.marks.words.lexical import Lexical
from guardrails.marks.words.lexicon import english
from guardrails.marks.words.protecting import protected
from guardrails.marks.words.slots import read
from guardrails.marks.words.substituting import BEGINNING, CHANGED

MARKS = (Lexical, Cater)
BLOCKS = (
    "You are often able to choose a plan, and you may need to use it quickly.",
    "It is important that they do not buy a big house due to a mistake in the area.",
    "Someone who wants to purchase films, such as comedies, does not focus on the main point.",
    "However, many people usually think about the result, rather than the method.",
    "We are mostly certain; there is a lot of work, and it cannot happen immediately.",
    "Because of the rain, they will not gather near the lake, although it is beautiful.",
    "That leads to errors, in order to avoid which one has to modify the entire file.",
    "For example, teachers help with it, and doctors respond to each other perhaps.",
)
PLAIN = ("Zebras sleep.", "No!", "See <PERSON_1>.", "`x = often`", '"It is often big"', "3.14 kg")


def ring(*names):
    keys = (f"{name}:{base64.b64encode(name.encode() * 16).decode()}" for name in names)
    return Keyring.parse(",".join(keys))


def mark(kind, *names, **options):
    return kind(kind.Settings(keyring=ring(*names), **{"encoder": None} | options))


ROOM = "Zebras sleep in the sun. " * 300
"""Words before a text, so that all of it may be changed."""


def long(times=6):
    """A text in which most pairs stand beside several words, so that contexts differ."""
    animals = ("dog", "cat", "owl", "fox", "elk", "bee")
    return ROOM + "\n\n".join(
        block.replace(" and ", f" and, said the {animal}, ")
        for animal in animals[:times]
        for block in BLOCKS
    )


@pytest.mark.parametrize("kind", MARKS)
def test_the_key_is_found_and_another_is_not(kind):
    marked = mark(kind, "k2").embed(Text(long()))

    found = mark(kind, "k3", "k2", "k1").detect(marked)
    assert (found.decision, found.key_id) == (Decision.MARKED, "k2")
    assert found.p_value < 1e-3
    assert mark(kind, "k4").detect(marked).decision is Decision.UNMARKED
    assert mark(kind, "k2").detect(Text(long())).decision is Decision.UNMARKED


@pytest.mark.parametrize("kind", MARKS)
def test_every_key_that_is_tried_counts(kind):
    marked = mark(kind, "k1").embed(Text(long()))

    alone, among = (mark(kind, *names).detect(marked) for names in (("k1",), ("k1", "k2", "k3")))
    assert among.p_value == pytest.approx(3 * alone.p_value)


@pytest.mark.parametrize("kind", MARKS)
def test_short_texts_are_undecidable(kind):
    found = mark(kind, "k1").detect(Text("It is often so."))

    assert (found.decision, found.tokens) == (Decision.UNDECIDABLE, 2)
    assert found.reason == "2 words tell, too few for a false-positive rate of 0.01"


@pytest.mark.parametrize("kind", MARKS)
def test_a_repeated_passage_tells_no_more_than_once(kind):
    text = " ".join(BLOCKS)

    once, often = (mark(kind, "k1").detect(Text(one)) for one in (text, f"{text} " * 9))
    assert (once.tokens, once.p_value) == (often.tokens, often.p_value)


texts = st.lists(st.sampled_from((*BLOCKS, *PLAIN)) | st.text(max_size=30), max_size=30).map(
    " ".join
)


@pytest.mark.parametrize("kind", MARKS)
@given(text=texts)
@settings(max_examples=60, deadline=None)
def test_only_slots_change_and_at_most_five_in_a_hundred_words_or_three(kind, text):
    done = mark(kind, "k1").substituted(text)

    before, after = read(text, english()), read(done.text, english())
    assert done.changed <= CHANGED * max(before.words, BEGINNING)
    assert done.words <= before.words
    assert outside(text, before) == outside(done.text, after)
    assert sum(
        one.at != other.at for one, other in zip(before.slots, after.slots, strict=True)
    ) == len(done.changes)
    assert [text[one.start : one.end] for one in protected(text)] == [
        done.text[one.start : one.end] for one in protected(done.text)
    ]
    assert [(one.pair, one.previous, one.following) for one in before.slots] == [
        (one.pair, one.previous, one.following) for one in after.slots
    ]


def outside(text, reading):
    pieces, at = [], 0
    for slot in reading.slots:
        pieces.append(text[at : slot.start])
        at = slot.end
    return [*pieces, text[at:]]


@pytest.mark.parametrize("kind", MARKS)
@given(text=texts)
@settings(max_examples=40, deadline=None)
def test_marking_again_changes_nothing_where_the_budget_was_enough(kind, text):
    padded = ROOM + "\n" + text
    once = mark(kind, "k1").embed(Text(padded))

    assert mark(kind, "k1").embed(once) == once


@pytest.mark.parametrize("kind", MARKS)
@pytest.mark.parametrize("text", ["", "Zebras sleep.", "<PERSON_1> `often`", "\U0001f600 \u05e9"])
def test_a_text_without_slots_is_as_it_was(kind, text):
    assert mark(kind, "k1").embed(Text(text)).text == text


@pytest.mark.parametrize("kind", MARKS)
def test_case_and_apostrophes_are_kept(kind):
    text = "Zebras sleep. " * 40 + "It is\u2014they don\u2019t say\u2014big. "
    seen = set()
    for name in (f"k{number}" for number in range(10, 22)):
        seen.add(mark(kind, name).embed(Text(text)).text.split("sleep. ")[-1].split("big")[0])
    assert seen <= {
        "It is\u2014they don\u2019t say\u2014",
        "It\u2019s\u2014they don\u2019t say\u2014",
        "It is\u2014they do not say\u2014",
        "It\u2019s\u2014they do not say\u2014",
    }


def test_frequencies_stay_under_cater_and_do_not_under_lexical():
    before, behind = (
        ("it", "he", "she", "we", "you"),
        ("is", "was", "has", "had", "may", "can", "did"),
    )
    text = "".join(f"{one} often {other} so. " for one in before for other in behind)

    def rare(kind, name, contexts):
        done = mark(kind, name).embed(Text(ROOM * 8 + text)).text
        return done.count("frequently") / contexts

    names = [f"k{number}" for number in range(20)]
    cater = sum(rare(Cater, name, len(before) * len(behind)) for name in names) / len(names)
    lexical = sum(rare(Lexical, name, len(before)) for name in names) / len(names)
    assert abs(lexical - 0.5) < 0.15  # of 100 draws
    assert abs(cater - 0.15) < 0.05


def test_a_word_that_would_say_nothing_new_is_left_alone():
    text = ROOM + "It is often so. " * 40
    changed = {mark(Lexical, f"k{number}").substituted(text).changed for number in range(6)}

    assert max(changed) <= 3


def test_keys_come_from_the_policy_or_are_given():
    context = {"keyring": ring("k7")}
    assert Lexical(Lexical.Settings.model_validate({}, context=context)).key_id == "k7"
    written = f"k8:{base64.b64encode(b'x' * 32).decode()}"
    assert Lexical(Lexical.Settings(keyring=written)).key_id == "k8"
    with pytest.raises(ValueError, match=r"no keys, give 'hiding: \{keys: \.\.\.\}'"):
        Lexical.Settings()
    with pytest.raises(ValueError, match="the secret is not Base64"):
        Lexical.Settings(keyring="k1:?")
