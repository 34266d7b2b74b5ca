"""The weak mark: invisible, found while nobody has touched the text, gone after that."""

import base64
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.core.content import Text
from guardrails.core.mark import Decision
from guardrails.keyring import Keyring
from guardrails.marks.provenance.detached import normalised
from guardrails.marks.words.zero_width import ZeroWidth

TEXT = "Hello there.\n\nA second line, with `code`.\n    code here\n<PERSON_1> goes on."


def mark(*names, payload=""):
    keys = (f"{name}:{base64.b64encode(name.encode() * 16).decode()}" for name in names)
    return ZeroWidth(ZeroWidth.Settings(keyring=Keyring.parse(",".join(keys)), payload=payload))


@pytest.mark.parametrize("payload", ["", "00", "a1b2c3", "ff" * 16])
def test_key_and_payload_are_found(payload):
    found = mark("k1", "k2").detect(mark("k2", payload=payload).embed(Text(TEXT)))

    assert (found.decision, found.key_id, found.payload) == (Decision.MARKED, "k2", payload)
    assert found.p_value == 2 * 2 * 2.0**-64  # two lines carry it, two keys were tried


def test_another_key_finds_nothing():
    assert mark("k1").detect(mark("k2").embed(Text(TEXT))).decision is Decision.UNMARKED
    assert mark("k1").detect(Text(TEXT)).decision is Decision.UNMARKED


def test_each_paragraph_carries_it_and_code_does_not():
    marked = mark("k1").embed(Text(TEXT)).text

    assert marked.count("\u2060") == 2 * 2
    assert "    code here\n<PERSON_1> goes on." in marked


def test_one_line_of_it_is_enough_and_is_told_where():
    marked = mark("k1").embed(Text(TEXT)).text
    line = "before " + marked.split("\n")[2]

    found = mark("k1").detect(Text(line))
    assert found.decision is Decision.MARKED
    assert line[found.where.start] == line[found.where.end - 1] == "\u2060"


def test_normalising_strips_it():
    marked = mark("k1").embed(Text(TEXT)).text

    assert mark("k1").detect(Text(normalised(marked))).decision is Decision.UNMARKED
    assert normalised(marked) == normalised(TEXT)


@given(st.text())
def test_nothing_that_can_be_seen_changes_and_once_is_enough(text):
    marked = mark("k1").embed(Text(text))

    assert visible(marked.text) == visible(text)
    assert mark("k1").embed(marked) == marked


def visible(text):
    return [one for one in text if unicodedata.category(one) != "Cf"]


@pytest.mark.parametrize("payload", ["a", "A1", "xx", "00" * 17])
def test_a_payload_is_hexadecimal_and_short(payload):
    with pytest.raises(ValueError, match="should match pattern"):
        mark("k1", payload=payload)
