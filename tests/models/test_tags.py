import numpy as np
import pytest

from guardrails.models.tags import Scheme, join
from guardrails.models.tokenizer import Tokens

LABELS = ("O", "B-NAME", "I-NAME", "B-CITY", "I-CITY")
SURE = 0.9


@pytest.fixture
def scheme():
    return Scheme(LABELS)


def tokens_of(pieces):
    """Tokens from words cut by "|": "Schwarz|en is here" has two tokens in its first word."""
    starts, ends, words, at = [], [], [], 0
    for number, word in enumerate(pieces.split(" ")):
        for piece in word.split("|"):
            starts.append(at)
            at += len(piece)
            ends.append(at)
            words.append(number)
        at += 1
    columns = (np.array(column, np.int32) for column in (words, starts, ends, words))
    return Tokens(*columns)


def chances_of(labels):
    """Probabilities from labels, each with its own chance behind a colon or 0.9."""
    rows = np.zeros((len(labels), len(LABELS)), np.float32)
    for row, label in zip(rows, labels, strict=True):
        name, _, chance = label.partition(":")
        row[:] = (1 - float(chance or SURE)) / (len(LABELS) - 1)
        row[LABELS.index(name)] = float(chance or SURE)
    return rows


def stretches(scheme, pieces, labels):
    text = pieces.replace("|", "")
    found = scheme.stretches(tokens_of(pieces), scheme.tags(chances_of(labels.split())))
    return [(each.label, text[each.span.start : each.span.end]) for each in found]


@pytest.mark.parametrize(
    ("pieces", "labels", "expected"),
    [
        ("it is here", "O O O", []),
        ("Jane is here", "B-NAME O O", [("NAME", "Jane")]),
        ("Jane Doe here", "B-NAME I-NAME O", [("NAME", "Jane Doe")]),
        ("Jane Doe here", "I-NAME I-NAME O", [("NAME", "Jane Doe")]),  # begun without a B
        ("Jane Bob here", "B-NAME B-NAME O", [("NAME", "Jane"), ("NAME", "Bob")]),
        ("Jane Rome here", "B-NAME I-CITY O", [("NAME", "Jane"), ("CITY", "Rome")]),
        ("Schwarz|en|egger here", "B-NAME I-NAME I-NAME O", [("NAME", "Schwarzenegger")]),
        ("Schwarz|en|egger here", "B-NAME O:0.5 I-NAME O", [("NAME", "Schwarzenegger")]),
        ("Schwarz|en|egger here", "B-NAME B-CITY:0.5 I-NAME O", [("NAME", "Schwarzenegger")]),
        ("Schwarz|en|egger here", "O I-NAME:0.5 O O", []),  # the surest token has the word
        ("Jane is Doe", "B-NAME O I-NAME", [("NAME", "Jane"), ("NAME", "Doe")]),
    ],
)
def test_labels_become_stretches_of_whole_words(scheme, pieces, labels, expected):
    assert stretches(scheme, pieces, labels) == expected


def test_words_that_touch_are_one_stretch_whatever_begins(scheme):
    columns = (np.array(each, np.int32) for each in ([1, 2, 3], [0, 1, 2], [1, 2, 7], [0, 1, 2]))
    tokens = Tokens(*columns)  # O'Brien
    tags = scheme.tags(chances_of(["B-NAME", "B-NAME", "B-NAME"]))
    [found] = scheme.stretches(tokens, tags)
    assert (found.span.start, found.span.end) == (0, 7)


def test_the_chances_of_begin_and_inside_count_together(scheme):
    tags = scheme.tags(np.array([[0.4, 0.3, 0.3, 0, 0]], np.float32))
    assert tags.kinds.tolist() == [1]
    assert tags.scores.tolist() == [pytest.approx(0.6)]


def test_a_score_is_the_mean_over_the_words(scheme):
    tags = scheme.tags(chances_of(["B-NAME:0.9", "I-NAME:0.7"]))
    [found] = scheme.stretches(tokens_of("Jane Doe"), tags)
    assert found.score == pytest.approx((0.925 + 0.775) / 2)  # each with a share of B or I


def test_joined_tags_are_as_if_they_had_never_been_cut(scheme):
    whole = scheme.tags(chances_of(["B-NAME", "I-NAME", "O", "B-CITY"]))
    halves = [scheme.tags(chances_of(part)) for part in (["B-NAME", "I-NAME"], ["O", "B-CITY"])]
    joined = join(halves)
    assert joined.kinds.tolist() == whole.kinds.tolist()
    assert joined.begins.tolist() == whole.begins.tolist()


def test_the_kinds_are_the_labels_without_their_prefix(scheme):
    assert scheme.kinds == ("NAME", "CITY")
