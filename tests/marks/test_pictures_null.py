"""The p-value of a picture's mark means what it says: over keys, for any picture."""

import base64
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from guardrails.keyring import Key
from guardrails.marks.pictures.folding import whitened
from guardrails.marks.pictures.pattern import Pattern
from guardrails.marks.pictures.search import Search, p_value

PHOTOGRAPH = Path(__file__).parent.parent / "pictures/astronaut.jpg"


def photograph():
    return np.asarray(Pillow.open(PHOTOGRAPH).convert("L").resize((256, 256)), np.float32)


def stripes():
    """As even a pattern as the waves themselves: 32 pixels of the canonical size a period."""
    across = np.sin(np.arange(256) * 2 * np.pi / 16)
    return (128 + 60 * across[None] * across[:, None]).astype(np.float32)


def bricks():
    rows, columns = np.mgrid[:256, :256]
    mortar = (rows % 16 < 3) | ((columns + 16 * (rows // 16 % 2)) % 32 < 3)
    return np.where(mortar, 190, 90).astype(np.float32)


@pytest.mark.parametrize("picture", [photograph, stripes, bricks])
def test_a_small_p_value_is_rare_without_a_mark(picture):
    white = whitened(picture(), 2.0, 2.0)
    small = 0
    for number in range(300):
        key = Key("k", base64.b85encode(number.to_bytes(4) * 8))
        search = Search([white], [Pattern.of(key)])
        small += p_value(search.first()) < 0.01

    assert small <= 9
