"""Slots are words that may be exchanged, and nothing that is protected is among them."""

from time import process_time

import pytest

from guardrails.marks.words.lexicon import english, parse
from guardrails.marks.words.protecting import protected
from guardrails.marks.words.slots import read

LEXICON = parse(
    "big\tlarge\t0.5\tsame\tword\n"
    "often\tfrequently\t0.5\tother\tnot-after=very\n"
    "buy\tpurchase\t0.5\tsame\tverb\n"
    "due to\tbecause of\t0.5\tsame\t\n"
    "it is\tit's\t0.5\tsame\t\n"
    "is not\tisn't\t0.5\tsame\t\n"
    "intelligent\tclever\t0.5\tother\t\n"
    "may\tmight\t0.5\tsame\tlower\n"
)


def slots(text):
    return [text[slot.start : slot.end] for slot in read(text, LEXICON).slots]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("A big dog often may purchase it.", ["big", "often", "may", "purchase"]),
        ("That was due to rain.", ["due to"]),
        ("That was due  to rain.", []),  # two spaces are not one form
        ("It is late, and it's dark.", ["It is", "it's"]),
        ("It is not late.", ["is not"]),  # as in "it isn't"
        ("It isn\u2019t late.", ["isn\u2019t"]),
        ("Often it rains.", ["Often"]),  # where a sentence begins a capital is no name
        ("We met Big Jim.", []),
        ("Big Jim came.", []),
        ("May is warm.", []),
        ("they buy it; the buy was good", ["buy"]),  # a verb by the word before it
        ("it is big.", ["it is"]),  # an adjective before a noun alone
        ("very often", []),
        ("an intelligent boy, the intelligent boy", ["intelligent"]),  # "an" would turn wrong
        ("OFTEN, oFten", []),
        ("big-hearted, often_used, /often/x, often.py, often's, often()", []),
        ("as often.", ["often"]),
        ("", []),
        ("\U0001f600 often \u05e9\u05dc\u05d5\u05dd", ["often"]),
    ],
)
def test_what_is_a_slot(text, found):
    assert slots(text) == found


PROTECTED = [
    "`often`",
    "``often ` often``",
    "```py\noften\n```",
    "~~~\noften\n~~~",
    "```\nnever closed, often",
    "    often = 1",
    "\toften",
    "> often",
    "| often | often |",
    "$often$",
    "$$often\noften$$",
    r"\(often\)",
    "[often](https://x.org/often)",
    "![often](x.png)",
    "[often][1]",
    "[1]: https://often.org often",
    "<often>",
    "<PERSON_1>",
    "[often]",
    "{often: often}",
    "https://often.org/often-often",
    "often@example.org",
    "www.often.org/often",
    '"as often"',
    "\u201cas often\u201d",
    "\u00abas often\u00bb",
    "\u201eas often\u201c",
    "'don't often'",
    "\u2018as often, don\u2019t\u2019",
]


@pytest.mark.parametrize("stretch", PROTECTED)
def test_what_is_protected_has_no_slots(stretch):
    text = f"We often say:\n{stretch}\nand often more."

    assert slots(text) == ["often", "often"] if "never closed" not in stretch else ["often"]
    spans = [text[one.start : one.end] for one in protected(text)]
    assert any("often" in one or "PERSON" in one for one in spans)


@pytest.mark.parametrize(
    "text", ["don't often do what isn't often done", "5' often 6'", 'a" often']
)
def test_an_apostrophe_is_no_quotation(text):
    assert "often" in slots(text)


def test_neighbours_are_the_same_whichever_form_stands_there():
    one = read("it is often due to big dogs", LEXICON).slots
    two = read("it's frequently because of large dogs", LEXICON).slots

    assert [(slot.previous, slot.following) for slot in one] == [
        (slot.previous, slot.following) for slot in two
    ]
    assert [slot.previous for slot in one] == ["^", "it is", "often", "due to"]


def test_a_sentence_has_the_same_slots_alone():
    text = "We often go. Dogs may bark, often at night! And so\nit is."
    sentences = ["We often go. ", "Dogs may bark, often at night! ", "And so\n", "it is."]
    alone = [slot for one in sentences for slot in read(one, LEXICON).slots]

    assert [(one.pair, one.at, one.previous, one.following) for one in alone] == [
        (one.pair, one.at, one.previous, one.following) for one in read(text, LEXICON).slots
    ]


def test_words_are_counted_whether_protected_or_not():
    assert read("one `two` 3 four's five-six", LEXICON).words == 5


def test_the_table_that_ships_is_sound():
    pairs = list(english())
    forms = [form for pair in pairs for form in pair.forms]

    assert len(forms) == len(set(forms)) > 600
    assert all(0.15 <= pair.share <= 0.85 for pair in pairs)
    assert all(form == form.lower() and form.isascii() for form in forms)


@pytest.mark.parametrize(
    "part",
    ["`", "'", '"', "[a", "<", "$a ", "a@", "a", "{", "``` ", "```\n", "\\(", "'a", "a-", "$$ "],
)
def test_no_text_takes_long(part):
    started = process_time()
    protected(part * 20_000)

    assert process_time() - started < 2.0
