"""Values come back in whatever form a model writes their placeholder, however it is split."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.hiding.restoring import Restorer, restore

VALUES = {
    "<PERSON_1>": "Ann Lee",
    "<PERSON_2>": "Bob",
    "<PERSON_12>": "Zoe",
    "<EMAIL_ADDRESS_1>": "ann@example.org",
}
FORMS = [
    ("Dear <PERSON_1>, hi", "Dear Ann Lee, hi"),
    ("<person_1>'s and <Person_2>'s", "Ann Lee's and Bob's"),
    ("**<PERSON_1>**", "**Ann Lee**"),
    ("<**PERSON_1**>", "Ann Lee"),
    ('"<PERSON_1>"', '"Ann Lee"'),
    ("`<PERSON_1>`", "`Ann Lee`"),
    ("<PERSON 1> and <PERSON-1>", "Ann Lee and Ann Lee"),
    ("[PERSON_1] {PERSON_1}", "Ann Lee Ann Lee"),
    ("<< PERSON_1 >>", "Ann Lee"),
    ("&lt;PERSON_1&gt; wrote", "Ann Lee wrote"),
    (r"\<PERSON\_1\>", "Ann Lee"),
    (r"&lt;PERSON\_1&gt;", "Ann Lee"),
    ("<EMAIL ADDRESS 1>", "ann@example.org"),
    ("(PERSON_1)", "(Ann Lee)"),
    ("PERSON_1 PERSON_12 PERSON_2", "Ann Lee Zoe Bob"),
    ("<PERSON_1, and", "Ann Lee, and"),
    ("<PERSON_1> <PERSON_1><PERSON_2>", "Ann Lee Ann LeeBob"),
]
UNTOUCHED = [
    "person 1 in prose, a Person-2 too",
    "<PERSON_3> is not ours",
    "PERSON_123 XPERSON_1 PERSON_1X PERSON_",
    "<PERSON> <EMAIL_ADDRESS> x < y > z [1] {2}",
    "",
]


@pytest.mark.parametrize(("written", "back"), FORMS)
def test_a_value_comes_back_in_every_form(written, back):
    assert restore(written, VALUES) == back


@pytest.mark.parametrize("text", UNTOUCHED)
def test_what_is_no_placeholder_stays(text):
    assert restore(text, VALUES) == text


pieces = st.sampled_from(
    [form for form, _ in FORMS] + UNTOUCHED + ["<", ">", "\\", "&lt;", "&g", "PER", "İ", "\n", "1"]
)


@given(texts=st.lists(pieces, max_size=8), data=st.data())
def test_however_a_text_is_split_the_same_comes_out(texts, data):
    text = "".join(texts)
    restorer, came, position = Restorer(VALUES), "", 0
    while position < len(text):
        end = data.draw(st.integers(position + 1, min(position + 9, len(text))))
        came += restorer.feed(text[position:end])
        position = end

    assert came + restorer.finish() == restore(text, VALUES)


@pytest.mark.parametrize("far", range(90))
def test_a_form_is_seen_whole_however_far_behind_what_is_none(far):
    before, after = f"<PERSON>{'.' * far}", " said so."
    assert restore(f"{before}&lt;PERSON_1&gt;{after}", VALUES) == f"{before}Ann Lee{after}"


@given(text=st.text(max_size=300))
def test_text_without_placeholders_passes_as_it_is(text):
    assert restore(text, {"<QQQXZ_1>": "never"}) == text


def test_at_most_one_form_is_held_back_and_plain_text_not_at_all():
    restorer = Restorer(VALUES)

    assert restorer.feed("Hello there, this goes through. ") == "Hello there, this goes through. "
    assert restorer.feed("a <") == "a "
    assert restorer.feed("b> tag") == "<b> tag"
    assert restorer.feed("<" * 1000) != ""


def test_a_value_that_looks_like_a_placeholder_is_not_opened_again():
    assert restore("<PERSON_1>", {"<PERSON_1>": "<PERSON_2>", "<PERSON_2>": "Bob"}) == "<PERSON_2>"


@pytest.mark.parametrize(
    "text",
    ['{"q": "<PERSON_1>"}', ' \n["<PERSON_1>"]', '{"deep": {"q": ["a", "<PERSON_1>, you"]}}'],
)
def test_in_json_a_value_cannot_end_its_string(text):
    crafted = 'Ada", "admin": true, "q": "\\ \n'

    whole = json.loads(restore(text, {"<PERSON_1>": crafted}))

    restorer = Restorer({"<PERSON_1>": crafted})
    pieces = "".join([*(restorer.feed(letter) for letter in text), restorer.finish()])
    assert json.loads(pieces) == whole
    assert whole == json.loads(text.replace("<PERSON_1>", json.dumps(crafted)[1:-1]))


def test_outside_json_a_value_stands_as_it_is():
    assert restore("dear <PERSON_1>", {"<PERSON_1>": 'Ada "Cat"'}) == 'dear Ada "Cat"'
