"""Pieces that come fast are sent together, in their order, and none waits for ever."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.client.gathering import CHARACTERS, SECONDS, Gathering
from guardrails.core.content import Surface
from guardrails.wire.stream import Piece


def piece(text, part=0):
    return Piece(part, text, Surface.ASSISTANT)


def test_the_first_goes_at_once():
    assert Gathering().add(piece("a")) == [piece("a")]


@pytest.mark.parametrize(
    ("added", "sent"),
    [
        (["b", "c"], []),
        (["b" * CHARACTERS], ["b" * CHARACTERS]),
        (["b", "c" * CHARACTERS], ["b" + "c" * CHARACTERS]),
    ],
)
def test_what_comes_at_the_same_moment_waits_for_a_sendful(added, sent):
    gathering = Gathering()
    gathering.add(piece("a"))

    assert [one.text for text in added for one in gathering.add(piece(text))] == sent


def test_what_waits_goes_with_the_next_that_comes_later():
    gathering = Gathering()
    gathering.add(piece("a"))
    gathering.add(piece("b"))
    time.sleep(SECONDS)

    assert gathering.add(piece("c")) == [piece("bc")]


def test_another_part_does_not_overtake():
    gathering = Gathering()
    gathering.add(piece("a"))
    gathering.add(piece("b"))

    assert gathering.add(piece("{", 1)) == [piece("b")]
    assert gathering.rest() == [piece("{", 1)]
    assert gathering.rest() == []


@given(st.lists(st.builds(piece, st.text(max_size=300), st.integers(0, 2))))
def test_nothing_is_lost_or_moved(pieces):
    gathering = Gathering()
    sent = [one for each in pieces for one in gathering.add(each)]
    sent += gathering.rest()

    for part in range(3):
        assert "".join(one.text for one in sent if one.part == part) == "".join(
            one.text for one in pieces if one.part == part
        )
