"""Marks looked for in pictures that have none: with the whole search, and a key for each."""

import base64
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import numpy as np
from PIL import Image

from benchmarks.measure import Row
from benchmarks.picture_changes import cropped, filed, jpeg
from guardrails.core.content import Image as Picture
from guardrails.keyring import Keyring
from guardrails.marks.pictures.spread_spectrum import SpreadSpectrum, SpreadSpectrumSettings

COUNT = 1_500
"""Pictures and parts of pictures."""
FOUND = 1e-4
"""The p-value below which a picture counts as marked."""
SMALL = 0.01
"""A p-value that one in a hundred unmarked pictures may have."""


def rows(photographs: Sequence[Image.Image], count: int) -> Iterator[Row]:
    """Look for a mark where there is none, with the whole search and a key for each picture."""
    chance = np.random.default_rng(7)
    with ProcessPoolExecutor() as pool:
        p_values = list(pool.map(_looked, _unmarked(photographs, count, chance), range(count)))
    row = partial(Row, "marks_pictures")
    yield row(f"found in {count} unmarked ones", sum(p < FOUND for p in p_values), "", 0)
    small = float(np.mean(np.array(p_values) < SMALL))
    yield row(f"of them, with p < {SMALL}", small, "", SMALL)
    yield row("smallest p-value", min(p_values), "")


def _unmarked(
    photographs: Sequence[Image.Image], count: int, chance: np.random.Generator
) -> Iterator[Picture]:
    """Every photograph whole, then parts of them."""
    for number in range(count):
        picture = photographs[number % len(photographs)]
        if number >= len(photographs):
            picture = cropped(chance.uniform(0.05, 0.5), picture, chance)
        yield filed(jpeg(80, picture))


def _looked(picture: Picture, number: int) -> float:
    ring = Keyring.parse("n:" + base64.b64encode(b"key %028d" % number).decode())
    mark = SpreadSpectrum(SpreadSpectrumSettings(keyring=ring, false_positives=FOUND))
    if number % 100 == 0:
        print(f"unmarked picture {number}", file=sys.stderr, flush=True)
    return mark.detect(picture).p_value or 0.0
