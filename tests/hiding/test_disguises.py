"""Pseudonyms, placeholders and surrogates: what is the same, and what must never be."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.hiding.placeholders import Placeholders
from guardrails.hiding.pseudonyms import Pseudonyms
from guardrails.hiding.surrogates import Surrogates, warm
from guardrails.hiding.values import same
from guardrails.keyring import Keyring

warm()
RING = "k1:" + "QUFB" * 11


def test_a_person_has_one_pseudonym_within_a_scope_and_another_outside(keyring):
    here, there = Pseudonyms(keyring, "policy chat"), Pseudonyms(keyring, "policy mail")

    assert here.token("PERSON", "Ada  LOVELACE") == here.token("PERSON", "ada lovelace")
    assert here.token("PERSON", "Ada") != there.token("PERSON", "Ada")
    assert here.token("PERSON", "Ada") != here.token("LOCATION", "Ada")
    assert here.token("PHONE_NUMBER", "+44 20 7946-0018") == here.token(
        "PHONE_NUMBER", "+442079460018"
    )


def test_a_pseudonym_is_the_same_in_another_process():
    script = (
        "from guardrails.keyring import Keyring\n"
        "from guardrails.hiding.pseudonyms import Pseudonyms\n"
        f"print(Pseudonyms(Keyring.parse('{RING}'), 's').token('PERSON', 'Ada'))"
    )

    told = subprocess.run(  # noqa: S603  # our own interpreter
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert told.stdout.strip() == Pseudonyms(Keyring.parse(RING), "s").token("PERSON", "Ada")


def test_after_rotation_old_pseudonyms_are_still_known(keyring, rotated):
    old = Pseudonyms(keyring, "s").token("PERSON", "Ada")

    assert old.startswith("<PERSON_k1_")
    assert Pseudonyms(rotated, "s").token("PERSON", "Ada").startswith("<PERSON_k2_")
    assert Pseudonyms(rotated, "s").matches(old, "PERSON", "ADA")
    assert not Pseudonyms(rotated, "s").matches(old, "PERSON", "Bea")


def test_a_value_has_one_placeholder_and_numbers_in_the_text_are_left_alone():
    placeholders = Placeholders("I typed <PERSON_1> and person 3 myself")

    assert placeholders.placeholder("PERSON", "Ada") == "<PERSON_2>"
    assert placeholders.placeholder("PERSON", "ADA ") == "<PERSON_2>"
    assert placeholders.placeholder("PERSON", "Bea") == "<PERSON_4>"
    assert placeholders.placeholder("EMAIL_ADDRESS", "a@b.c") == "<EMAIL_ADDRESS_1>"
    assert placeholders.mapping["<PERSON_2>"] == "Ada"


CATEGORIES = ["PERSON", "ORGANIZATION", "EMAIL_ADDRESS", "PHONE_NUMBER", "DATE_TIME", "AGE", "X"]


@given(
    values=st.lists(
        st.tuples(st.sampled_from(CATEGORIES), st.text("abcXYZ019 .@-", min_size=6, max_size=16)),
        max_size=12,
    )
)
def test_no_two_values_share_a_surrogate_and_none_is_its_own(values):
    surrogates = Surrogates(b"seed")

    given_out = {value: surrogates.surrogate(*value) for value in values}

    for (category, value), surrogate in given_out.items():
        assert same(category, surrogate) != same(category, value)
        assert surrogates.surrogate(category, value) == surrogate
    distinct = {(category, same(category, value)) for category, value in given_out}
    labels = sum(surrogate.startswith("<") for surrogate in set(given_out.values()))
    assert len(set(given_out.values())) >= len(distinct) - labels


@pytest.mark.parametrize(
    ("category", "value", "shape"),
    [
        ("CREDIT_CARD", "4111 1111 1111 1111", r"4\d{3} \d{4} \d{4} \d{4}"),
        ("PHONE_NUMBER", "+49 30 901820", r"\+49 \d\d \d{6}"),
        ("US_SSN", "078-05-1120", r"\d{3}-\d\d-\d{4}"),
        ("IBAN_CODE", "DE89 3704 0044 0532 0130 00", r"DE\d\d( \d{4}){4} \d\d"),
        ("EMAIL_ADDRESS", "ada@web.de", r"[a-z]{3}@example\.com"),
        ("DATE_TIME", "1985-03-02", r"19\d\d-\d\d-\d\d"),
        ("IP_ADDRESS", "10.1.2.3", r"(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+"),
        ("AGE", "43 years old", r"\d\d years old"),
        ("PERSON", "ada lovelace", r"[a-z. '-]+"),
        ("PERSON", "ADA", r"[A-Z.']+"),
        ("US_PASSPORT", "X1234567", r"[A-Z]\d{7}"),
    ],
)
def test_a_surrogate_keeps_the_shape_of_its_value(category, value, shape):
    surrogate = Surrogates(b"seed").surrogate(category, value)

    assert re.fullmatch(shape, surrogate), surrogate
    assert surrogate != value


def test_surrogates_of_cards_and_accounts_pass_the_checks_that_others_make():
    surrogates = Surrogates(b"seed")
    card = surrogates.surrogate("CREDIT_CARD", "5500-0000-0000-0004").replace("-", "")
    iban = surrogates.surrogate("IBAN_CODE", "GB82WEST12345698765432")

    digits = [int(digit) for digit in card][::-1]
    assert sum(d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)) % 10 == 0
    assert int("".join(str(int(letter, 36)) for letter in iban[4:] + iban[:4])) % 97 == 1


@pytest.mark.parametrize("text", ["x" * 3_000_000, "x_" * 1_000_000, "_" * 3_000_000])
def test_numbers_that_are_taken_are_found_in_linear_time(text):
    assert Placeholders(text).placeholder("PERSON", "Ada") == "<PERSON_1>"
