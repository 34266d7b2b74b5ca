"""What becomes of the stretches that a net names."""

from itertools import pairwise
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.checks.pii.entities import ENTITIES, NAMES, told_as
from guardrails.checks.pii.naming import named
from guardrails.core.view import Span
from guardrails.models.model import Tagged

ASKED = ("PERSON", "ORGANIZATION", "GPE", "STREET_ADDRESS", "ZIP_CODE", "PHONE_NUMBER", "AGE")


def tag(text, *stretches):
    """Tag each stretch, written `LABEL=words`, where it first stands behind the one before."""
    place = 0
    for label, words in (stretch.split("=", 1) for stretch in stretches):
        start = text.index(words, place)
        place = start + len(words)
        yield Tagged(label, 0.9, Span(start, place))


@pytest.mark.parametrize(
    ("text", "stretches", "expected"),
    [
        ("Jane Doe", ["GIVEN_NAME=Jane", "SURNAME=Doe"], ["PERSON=Jane Doe"]),
        ("(Jane Doe)", ["PERSON=(Jane Doe)"], ["PERSON=Jane Doe"]),
        ("Anna\nBob", ["PERSON=Anna\nBob"], ["PERSON=Anna", "PERSON=Bob"]),
        ("Otieno Ruiz, Jr. came", ["PERSON=Otieno Ruiz"], ["PERSON=Otieno Ruiz, Jr."]),
        (
            "Bengtsson Singh AB grew",
            ["PERSON=Bengtsson Singh"],
            ["ORGANIZATION=Bengtsson Singh AB"],
        ),
        # handles are no names, unless they look like one
        ("RT @jane42: hi", ["PERSON=@jane42"], []),
        ("RT @jane42: hi", ["PERSON=jane42"], []),
        ("@jane42 Mandy is", ["PERSON=@jane42 Mandy"], ["PERSON=Mandy"]),
        ("ping @Puccio now", ["PERSON=Puccio"], ["PERSON=Puccio"]),
        ("@ jdoe4 @ ann_b hi", ["PERSON=@ jdoe4 @ ann_b"], ["PERSON=jdoe4", "PERSON=ann_b"]),
        # code is none either
        ("print(x, file=sys.stderr)", ["PERSON=stderr"], []),
        ("print(sys.stderr)", ["PERSON=sys.stderr"], []),
        ("buf.count(flag)", ["ORGANIZATION=buf"], []),
        ("a | b", ["PERSON=|"], []),
        # addresses
        (
            "12 Main St, Springfield, 62704",
            ["BUILDING_NUMBER=12", "STREET_NAME=Main St", "CITY=Springfield", "ZIP_CODE=62704"],
            ["STREET_ADDRESS=12 Main St, Springfield, 62704"],
        ),
        (
            "Musterweg 3; 10115 Berlin",
            ["STREET_ADDRESS=Musterweg 3", "ZIP_CODE=10115", "GPE=Berlin"],
            ["STREET_ADDRESS=Musterweg 3; 10115 Berlin"],
        ),
        (
            "12 Main St, Ely 62704, Lima",
            ["STREET_ADDRESS=12 Main St, Ely 62704", "GPE=Lima"],
            ["STREET_ADDRESS=12 Main St, Ely 62704", "GPE=Lima"],
        ),
        ("42 is it", ["BUILDING_NUMBER=42"], []),
        ("Paris, Rome", ["GPE=Paris", "GPE=Rome"], ["GPE=Paris", "GPE=Rome"]),
        # forms
        ("[5, 8, 12, 17, 28]", ["PHONE_NUMBER=5, 8, 12, 17, 28"], []),
        ("id 1234567890", ["PHONE_NUMBER=1234567890"], []),
        ("text me 5551234567", ["PHONE_NUMBER=5551234567"], ["PHONE_NUMBER=5551234567"]),
        ("11111111", ["PHONE_NUMBER=11111111"], []),
        ("555 0123 99 x7", ["PHONE_NUMBER=555 0123 99 x7"], ["PHONE_NUMBER=555 0123 99 x7"]),
        ("34 years old", ["AGE=34 years old"], ["AGE=34"]),
        ("port 8001 in", ["ZIP_CODE=8001 in"], []),
    ],
)
def test_stretches_become_candidates(text, stretches, expected):
    found = named(text, tag(text, *stretches), ASKED)
    assert [f"{one.entity}={text[one.span.start : one.span.end]}" for one in found] == expected


def test_a_card_that_only_the_net_sees_is_none():
    text = "4111 1111 1111 1112"
    assert not list(named(text, [Tagged("CREDIT_CARD", 1.0, Span(0, len(text)))], ["CREDIT_CARD"]))


@given(
    text=st.text("aB@ .,\n1(_-'", max_size=30),
    cuts=st.lists(st.integers(0, 30), max_size=6),
    label=st.sampled_from(sorted({*NAMES, *ENTITIES})),
)
def test_candidates_lie_within_the_text_and_are_not_empty(text, cuts, label):
    places = sorted({min(cut, len(text)) for cut in cuts})
    stretches = [Tagged(label, 0.9, Span(one, other)) for one, other in pairwise(places)]
    for candidate in named(text, stretches, ENTITIES):
        assert 0 <= candidate.span.start < candidate.span.end <= len(text)


def test_many_names_cost_time_in_proportion():
    def timed(count):
        text = "Jane Doe and " * count
        stretches = [Tagged("PERSON", 0.9, Span(13 * at, 13 * at + 8)) for at in range(count)]
        started = perf_counter()
        assert len(list(named(text, stretches, ASKED))) == count
        return perf_counter() - started

    timed(100)
    assert timed(20_000) < 40 * timed(1_000) + 0.2


@pytest.mark.parametrize(
    ("entity", "asked", "told"),
    [
        ("GPE", ["LOCATION"], "LOCATION"),
        ("GPE", ["LOCATION", "GPE"], "GPE"),
        ("UK_POSTCODE", ["LOCATION"], "LOCATION"),
        ("DATE_OF_BIRTH", ["DATE_TIME"], "DATE_TIME"),
        ("DRIVER_LICENSE", ["US_DRIVER_LICENSE"], "US_DRIVER_LICENSE"),
        ("PERSON", ["LOCATION"], "PERSON"),
    ],
)
def test_what_is_not_asked_for_is_told_under_the_wider_name(entity, asked, told):
    assert told_as(entity, asked) == told
