"""Faces are found where they are, and nowhere else."""

from pathlib import Path

import pytest

from guardrails.checks.faces import Faces
from guardrails.core.content import Image
from guardrails.models.pixels import decode

HERE = Path(__file__).parents[1]
FACE = HERE / "pictures" / "astronaut.jpg"
CAT = HERE.parent / "policies" / "pictures" / "cat.jpg"


@pytest.fixture(scope="module")
def faces(models):
    return Faces(Faces.Settings.model_validate({}, context={"models": models}))


def picture(path):
    data = path.read_bytes()
    return Image(data, frames=decode(data, pixels=10_000_000, most=1).frames)


async def test_a_face_is_found_with_its_place(faces):
    [face] = await faces.inspect(picture(FACE))

    assert (face.category, face.evidence) == ("FACE", "by the model yunet")
    assert face.score > 0.9
    assert 0.3 < face.where.left < 0.4
    assert 0.45 < face.where.right < 0.6
    assert 0.05 < face.where.top < 0.2
    assert 0.25 < face.where.bottom < 0.4


async def test_a_cat_has_no_face_that_counts(faces):
    assert [one for one in await faces.inspect(picture(CAT)) if one.score >= 0.5] == []


async def test_without_frames_there_is_nothing(faces):
    assert await faces.inspect(Image(b"")) == []


def test_a_model_that_does_not_know_faces_is_refused(models):
    class Cars:
        name, labels, task = "cars", ("car",), models.open("yunet").task

    with pytest.raises(ValueError, match="model 'cars' has no label 'face', it has car"):
        Faces(Faces.Settings(model=Cars()))
