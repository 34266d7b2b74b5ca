"""Five wrong bits are put right, more are told apart from none."""

import numpy as np
import pytest

from guardrails.marks.pictures.bch import CORRECTS, LONGEST, PARITY, corrected, word_of

LENGTH = 64 + PARITY


def flipped(word, places):
    for place in places:
        word ^= 1 << place
    return word


def test_the_code_is_that_of_92_bits_in_127():
    assert (LONGEST, PARITY) == (92, 35)


def test_words_are_as_far_apart_as_five_errors_need():
    ones = [word_of(1 << place).bit_count() for place in range(LONGEST)]

    assert min(ones) >= 2 * CORRECTS + 1


@pytest.mark.parametrize("wrong", range(CORRECTS + 1))
def test_so_many_wrong_bits_are_put_right(wrong):
    chance = np.random.default_rng(wrong)
    for _ in range(30):
        word = word_of(int.from_bytes(chance.bytes(8)))
        places = map(int, chance.permutation(LENGTH)[:wrong])
        assert corrected(flipped(word, places), LENGTH) == word


def test_a_word_with_more_wrong_bits_is_none_or_another():
    chance = np.random.default_rng(7)
    words = [word_of(int.from_bytes(chance.bytes(8))) for _ in range(60)]

    read = [
        corrected(flipped(word, map(int, chance.permutation(LENGTH)[:6])), LENGTH) for word in words
    ]

    assert not any(one == word for one, word in zip(read, words, strict=True))
    assert read.count(None) > 50


def test_noise_is_rarely_near_a_word():
    chance = np.random.default_rng(8)
    noise = [int.from_bytes(chance.bytes(13)) >> (8 * 13 - LENGTH) for _ in range(2000)]
    near = sum(corrected(word, LENGTH) is not None for word in noise)

    assert near <= 12  # 4.4 are expected
