import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.models.sentences import sentences
from guardrails.models.tokenizer import Tokens


def tokens_of(text):
    """Words and signs are tokens."""
    starts = [at for at, sign in enumerate(text) if not sign.isspace() and _begins(text, at)]
    ends = [_end(text, start) for start in starts]
    first, last = np.array(starts, np.int32), np.array(ends, np.int32)
    return Tokens(first, first, last, np.arange(len(starts), dtype=np.int32))


def _begins(text, at):
    return not (at and text[at].isalnum() and text[at - 1].isalnum())


def _end(text, start):
    end = start + 1
    while text[start].isalnum() and end < len(text) and text[end].isalnum():
        end += 1
    return end


def pieces(text):
    tokens = tokens_of(text)
    return [
        text[tokens.starts[at.start] : tokens.ends[at.end - 1]] for at in sentences(text, tokens)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("one sentence alone", ["one sentence alone"]),
        ("It rained all day. Nobody went out!", ["It rained all day.", "Nobody went out!"]),
        ("a heading of a page\nand its first line", ["a heading of a page", "and its first line"]),
        ("Yes. It rained all day.", ["Yes. It rained all day."]),  # too short to stand alone
        ("version 3.11.4 of the thing", ["version 3.11.4 of the thing"]),
    ],
)
def test_a_text_in_sentences(text, expected):
    assert pieces(text) == expected


@given(st.text(st.sampled_from("ab .!\n"), max_size=80))
def test_the_pieces_are_all_of_the_tokens_in_order(text):
    tokens = tokens_of(text)
    found = sentences(text, tokens)
    assert [place for at in found for place in range(at.start, at.end)] == list(range(len(tokens)))
