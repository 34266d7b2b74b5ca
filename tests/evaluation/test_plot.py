"""The picture of the curves."""

from xml.etree import ElementTree as ET

import numpy as np
import pytest

from guardrails.evaluation import plot
from guardrails.evaluation.naming import Naming
from guardrails.evaluation.report import evaluate
from guardrails.evaluation.tally import Column, Tally

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def picture():
    def draw(*columns, title="p, input, data.jsonl"):
        naming = Naming(("A", "B"))
        tally = Tally(naming)
        for label, slice_, rows in columns:
            tally.columns[label, slice_] = column = Column()
            for score, holds in rows:
                column.add(score, holds=holds, fired=score > 0.5)
        return ET.fromstring(plot.render(evaluate(tally, naming), title))  # noqa: S314  # our own

    return draw


def spread_out(rows=300):
    random = np.random.default_rng(5)
    truth = random.random(rows) < 0.4
    scores = np.clip(random.normal(0.4 + truth * 0.3, 0.2), 0, 1)
    return list(zip(scores.tolist(), truth.tolist(), strict=True))


def test_a_label_has_three_panels_and_slices_have_none(picture):
    drawn = picture(("a", None, spread_out()), ("a", "x", spread_out()), ("b", None, spread_out()))

    assert len(drawn.findall(f"{SVG}rect[@class='frame']")) == 6
    assert len(drawn.findall(f"{SVG}polyline")) == 6
    titles = [text.text for text in drawn.findall(f"{SVG}text[@class='title']")]
    assert titles == ["p, input, data.jsonl", "a", "b"]


def test_everything_lies_inside_the_picture(picture):
    drawn = picture(("a", None, spread_out()))
    width, height = float(drawn.get("width")), float(drawn.get("height"))

    for line in drawn.findall(f"{SVG}polyline"):
        for point in line.get("points").split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= width
            assert 0 <= y <= height


@pytest.mark.parametrize("rows", [[(0.4, True)], [(0.4, False)]])
def test_a_curve_that_there_is_not_is_left_out(rows, picture):
    drawn = picture(("a", None, rows))

    assert len(drawn.findall(f"{SVG}rect[@class='frame']")) == 3
    assert len(drawn.findall(f"{SVG}polyline")) < 3


def test_names_may_hold_any_character(picture):
    drawn = picture(title="<a> & b")

    assert drawn.find(f"{SVG}text[@class='title']").text == "<a> & b"
