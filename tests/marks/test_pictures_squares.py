"""A net of squares sees all of a picture, or its middle, and what it adds fits there."""

import numpy as np
import pytest
from PIL import Image as Pillow

from guardrails.marks.pictures.squares import feathered, middle, resized


@pytest.mark.parametrize(
    ("shape", "square", "part"),
    [
        ((300, 400, 3), False, (0, 300, 0, 400)),
        ((300, 600, 3), False, (0, 300, 0, 600)),
        ((300, 602, 3), False, (0, 300, 151, 451)),  # a long one: only the middle
        ((602, 300, 3), False, (151, 451, 0, 300)),
        ((300, 400, 3), True, (0, 300, 50, 350)),
    ],
)
def test_of_a_long_picture_the_middle_is_seen(shape, square, part):
    rows, columns = middle(shape, square=square)

    assert (rows.start, rows.stop, columns.start, columns.stop) == part


@pytest.mark.parametrize("size", [(64, 64), (30, 50), (150, 90)])
def test_scaling_is_that_of_pillow(size):
    pixels = np.random.default_rng(1).random((90, 120, 3)).astype(np.float32)

    ours = resized(pixels, size)

    for channel in range(3):
        plane = Pillow.fromarray(pixels[:, :, channel])
        theirs = plane.resize(size[::-1], Pillow.Resampling.BILINEAR)
        assert np.allclose(ours[:, :, channel], np.asarray(theirs), atol=1e-4)


def test_only_what_has_something_beside_it_fades_out():
    part = np.ones((200, 300, 3), np.float32)

    faded = feathered(part, only=True)

    assert np.array_equal(feathered(part, only=False), part)
    assert faded[100, 150, 0] == 1
    assert faded[0, 150, 0] == faded[100, 0, 0] == pytest.approx(1 / 2)
