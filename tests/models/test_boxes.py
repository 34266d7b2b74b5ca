"""Boxes of a detector: each thing once, and inside the picture."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from guardrails.models.boxes import LEAST, SAME, STRIDES, boxes, distinct, located

numbers = st.floats(0, 64, width=32)
drawn = st.lists(
    st.tuples(numbers, numbers, numbers, numbers, st.floats(0, 1, width=32)), max_size=12
)


def laid_out(rows):
    corners = np.array([[x, y, x + w + 1, y + h + 1] for x, y, w, h, _ in rows], np.float32)
    return corners.reshape(-1, 4), np.array([row[4] for row in rows], np.float32)


def shared(one, other):
    low, high = np.maximum(one[:2], other[:2]), np.minimum(one[2:], other[2:])
    both = (high - low).clip(0).prod()
    return both / ((one[2:] - one[:2]).prod() + (other[2:] - other[:2]).prod() - both)


@given(rows=drawn)
def test_of_boxes_that_overlap_the_surest_is_kept(rows):
    corners, scores = laid_out(rows)
    kept = distinct(corners, scores)

    for place in range(len(rows)):
        rivals = [one for one in kept if shared(corners[one], corners[place]) >= SAME - 1e-4]
        assert (
            (place in kept)
            or scores[place] < LEAST
            or any(scores[one] >= scores[place] for one in rivals)
        )
    assert all(
        shared(corners[one], corners[other]) < SAME + 1e-4
        for number, one in enumerate(kept)
        for other in kept[:number]
    )


@given(rows=drawn)
def test_regions_are_inside_the_picture(rows):
    for one in located(*laid_out(rows), (50.0, 40.0), "face"):
        assert 0 <= one.region.left < one.region.right <= 1
        assert 0 <= one.region.top < one.region.bottom <= 1


def test_a_cell_says_where_its_thing_is():
    edge = 32
    outputs = {}
    for stride in STRIDES:
        cells = (edge // stride) ** 2
        outputs |= {f"bbox_{stride}": np.zeros((1, cells, 4), np.float32)}
        outputs |= {
            f"{name}_{stride}": np.zeros((1, cells, 1), np.float32) for name in ("cls", "obj")
        }
    outputs["cls_8"][0, 6] = outputs["obj_8"][0, 6] = 0.81  # second row, third column
    outputs["bbox_8"][0, 6] = [0.5, 0.5, 0.0, np.log(2)]

    corners, scores = boxes(outputs, edge)

    place = int(scores.argmax())
    assert scores[place] == np.float32(0.81)
    assert corners[place].tolist() == [16.0, 4.0, 24.0, 20.0]
