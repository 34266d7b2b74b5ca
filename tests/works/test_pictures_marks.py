"""Logos of a registry are found in pictures, whole, faint and small, and only those."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw

from guardrails.core.errors import ContentError
from guardrails.works.pictures.marks import Mark, MarkFinder, mark
from guardrails.works.pictures.scoring import of_edges

INK = (20, 60, 140)


def logo(kind, colour=INK, size=(300, 120)):
    """A drawing that can be seen through around it."""
    picture = Image.new("RGBA", size, (255, 255, 255, 0))
    brush = ImageDraw.Draw(picture)
    if kind == "ring":
        brush.ellipse((10, 10, 110, 110), outline=colour, width=18)
        brush.text((125, 30), "Akvo", fill=colour, font_size=60)
    else:
        brush.polygon([(150, 5), (290, 112), (10, 112)], fill=colour)
        brush.ellipse((125, 50, 175, 100), fill=(255, 255, 255, 255))
    return picture


def on_white(picture):
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture)
    return np.asarray(ground.convert("RGB"))


def photograph():
    return Image.open("tests/pictures/astronaut.jpg").convert("RGB").resize((512, 512))


def stamped(kind, width, strength=1.0, colour=INK, turn=0, at=(60, 300)):
    picture, drawn = photograph().convert("RGBA"), logo(kind, colour)
    drawn = drawn.resize((width, width * 120 // 300)).rotate(turn, expand=True)
    drawn.putalpha(drawn.getchannel("A").point(lambda alpha: int(alpha * strength)))
    picture.alpha_composite(drawn, at)
    return np.asarray(picture.convert("RGB"))


@pytest.fixture(scope="module")
def finder():
    return MarkFinder(
        [Mark(kind, f"owner of {kind}", on_white(logo(kind))) for kind in ("ring", "peak")]
    )


@pytest.mark.parametrize(
    "picture",
    [
        lambda: stamped("ring", 240),
        lambda: stamped("ring", 150),
        lambda: stamped("ring", 90),
        lambda: stamped("ring", 240, strength=0.6, colour="white"),
        lambda: stamped("ring", 240, turn=20, at=(60, 200)),
    ],
    ids=["large", "middling", "small", "faint and white", "turned"],
)
def test_a_mark_is_found(finder, picture):
    best, other = finder.find(picture())
    assert (best.mark, best.owner) == ("ring", "owner of ring")
    assert best.score > 0.5 > other.score


def test_a_plain_shape_needs_a_better_fit_than_an_intricate_one():
    assert of_edges(0.65, usual=0.05) > 0.9
    assert of_edges(0.65, usual=0.15) < 0.1


def test_its_place_is_told(finder):
    where = finder.find(stamped("ring", 150))[0].where
    assert abs(where.left - 60 / 512) < 0.03
    assert abs(where.top - 300 / 512) < 0.03
    assert abs(where.right - 210 / 512) < 0.03
    assert abs(where.bottom - 360 / 512) < 0.03


@pytest.mark.parametrize(
    "picture",
    [
        lambda: np.asarray(photograph()),
        lambda: np.full((400, 400, 3), 128, np.uint8),
        lambda: np.random.default_rng(2).integers(0, 256, (400, 500, 3)).astype(np.uint8),
        lambda: np.zeros((4, 4, 3), np.uint8),
        lambda: np.zeros((20, 900, 3), np.uint8),
    ],
    ids=["a photograph", "grey", "noise", "a dot", "a line"],
)
def test_where_there_is_no_mark_none_is_found(finder, picture):
    assert all(seen.score < 0.3 for seen in finder.find(picture()))


def test_a_mark_is_read_from_a_file():
    file = BytesIO()
    logo("ring").save(file, "PNG")
    assert np.array_equal(mark("ring", "somebody", file.getvalue()).picture, on_white(logo("ring")))


def test_a_mark_that_is_no_picture_is_said():
    with pytest.raises(ContentError, match="not a PNG"):
        mark("ring", "somebody", b"GIF")
