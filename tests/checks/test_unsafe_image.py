from pathlib import Path

import pytest

from guardrails.checks.unsafe_image import UnsafeImage
from guardrails.core.content import Frame, Image
from guardrails.models.pixels import decode
from guardrails.testing.fakes import FakeImageClassifier

PICTURES = Path(__file__).parents[2] / "policies" / "pictures"
DARK, LIGHT, LIGHTER = Frame(1, 1, b"\0\0\0"), Frame(1, 1, b"\x10\0\0"), Frame(1, 1, b"\x20\0\0")


class ByRed(FakeImageClassifier):
    """The redder, the worse."""

    async def classify(self, frame, /):
        return {"nsfw": frame.rgb[0] / 255}


@pytest.fixture
def check():
    model = ByRed("red", {"nsfw": 0.0})
    return UnsafeImage(UnsafeImage.Settings(model=model))


async def test_the_worst_frame_speaks_for_the_picture(check):
    [finding] = await check.inspect(Image(b"", frames=(DARK, LIGHTER, LIGHT)))
    assert finding.category == "NSFW"
    assert finding.score == pytest.approx(0x20 / 255)
    assert finding.where is None
    assert finding.evidence == "frame 2 of 3 by the model red"


async def test_a_picture_without_frames_has_no_score(check):
    assert await check.inspect(Image(b"")) == []


def test_a_model_that_does_not_know_the_label_is_refused():
    settings = UnsafeImage.Settings(model=FakeImageClassifier("pets", {"cat": 0, "dog": 0}))
    with pytest.raises(ValueError, match="model 'pets' has no label 'nsfw', it has cat, dog"):
        UnsafeImage(settings)


@pytest.mark.parametrize(("file", "unsafe"), [("cat.jpg", False), ("doubtful.png", True)])
async def test_real_pictures_with_the_real_model(models, file, unsafe):
    check = UnsafeImage(UnsafeImage.Settings.model_validate({}, context={"models": models}))
    data = (PICTURES / file).read_bytes()
    frames = decode(data, pixels=10_000_000, most=4).frames
    [finding] = await check.inspect(Image(data, frames=frames))
    assert (finding.score > 0.5) is unsafe
