"""Payloads outlive noise, and noise is no payload."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails.marks.pictures.coding import CODE, LONGEST, decode, encode


def sent(payload):
    return 2 * encode(payload).astype(np.float32) - 1


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=LONGEST))
def test_what_is_encoded_is_decoded(payload):
    assert decode(sent(payload)) == payload


@pytest.mark.parametrize("payload", [b"", b"\0", b"\0\0\0\0\0\0", b"\xff" * 6])
def test_length_is_part_of_a_payload(payload):
    assert decode(sent(payload)) == payload


def test_every_tenth_bit_may_be_wrong():
    chance = np.random.default_rng(1)
    for _ in range(20):
        payload = chance.bytes(6)
        flipped = np.where(chance.random(CODE) < 1 / 10, -1, 1)
        assert decode((sent(payload) * flipped).astype(np.float32)) == payload


def test_soft_bits_are_worth_more_than_hard_ones():
    chance = np.random.default_rng(2)
    soft = hard = 0
    for _ in range(60):
        payload = chance.bytes(6)
        noisy = (sent(payload) + chance.normal(0, 1.1, CODE)).astype(np.float32)
        soft += decode(noisy) == payload
        hard += decode(np.sign(noisy)) == payload

    assert soft >= 55
    assert hard < soft - 15


def test_noise_is_no_payload():
    chance = np.random.default_rng(3)

    assert all(decode(chance.normal(size=CODE).astype(np.float32)) is None for _ in range(200))
