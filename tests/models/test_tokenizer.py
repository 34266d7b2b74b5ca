import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from guardrails.core.errors import ModelError
from guardrails.models.store import SHIPPED
from guardrails.models.tokenizer import FileTokenizer

FILE = (SHIPPED / "rampart" / "tokenizer.json").read_bytes()
CLS, SEP = 2, 3


@pytest.fixture(scope="module")
def tokenizer():
    return FileTokenizer("rampart", FILE)


def pieces(tokenizer, text):
    tokens = tokenizer.read(text)
    return [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("   ", []),
        ("Jane lives here", ["Jane", "lives", "here"]),
        ("a\u0301 b", ["a", "b"]),  # the accent is dropped, and belongs to no token
        ("😀 Jane", ["😀", "Jane"]),
        ("שלום Jane", None),
        ("\u200b\u200fJane", ["Jane"]),
    ],
)
def test_tokens_point_at_their_characters(tokenizer, text, expected):
    found = pieces(tokenizer, text)
    if expected is None:
        assert "".join(found) == "".join(text.split())
    else:
        assert found == expected


def test_words_are_counted_in_order(tokenizer):
    tokens = tokenizer.read("Schwarzenegger met O'Brien")
    assert len(tokens) > 5
    assert sorted(set(tokens.words.tolist())) == list(range(5))
    assert (np.diff(tokens.words) >= 0).all()


def test_the_markers_are_those_of_the_file(tokenizer):
    assert (tokenizer.before, tokenizer.after) == ((CLS,), (SEP,))


def test_a_long_text_has_the_tokens_that_it_has_in_one_piece(tokenizer):
    text = " ".join(
        ["Jane", "Müller-Lüdenscheidt", "12", "naïve", "中文", "😀 a.b@c.de\n\n"] * 9_000
    )
    tokens = tokenizer.read(text)
    whole = Tokenizer.from_buffer(FILE)
    whole.no_truncation()
    encoding = whole.encode(text, add_special_tokens=False)
    assert tokens.ids.tolist() == encoding.ids
    assert [*zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True)] == encoding.offsets
    assert tokens.words.tolist() == encoding.word_ids


def test_a_long_text_without_a_space_is_read_to_its_end(tokenizer):
    tokens = tokenizer.read("ab-" * 100_000)
    assert tokens.ends[-1] == 300_000
    assert (np.diff(tokens.words) >= 0).all()


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_can_be_read(tokenizer, text):
    tokens = tokenizer.read(text)
    assert all(
        0 <= start < end <= len(text)
        for start, end in zip(tokens.starts.tolist(), tokens.ends.tolist(), strict=True)
    )
    assert (np.diff(tokens.starts) >= 0).all()


def test_what_is_no_tokenizer_does_not_load():
    with pytest.raises(ModelError, match=r"model 'odd': tokenizer\.json: "):
        FileTokenizer("odd", b"{}")
