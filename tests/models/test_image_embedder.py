"""A real net, opened as one that embeds: its two probabilities serve as a vector."""

import re
import shutil

import numpy as np
import pytest

from guardrails.core.errors import ModelError
from guardrails.models.model import Task
from guardrails.models.store import SHIPPED, ModelStore

RANDOM = np.random.default_rng(4)


@pytest.fixture
def opened(tmp_path):
    """Opens the net under the manifest of an embedder, with changes."""

    def build(**changes):
        folder = tmp_path / "whole"
        shutil.copytree(SHIPPED / "opennsfw", folder)
        path = folder / "manifest.toml"
        written = path.read_text().replace('name = "opennsfw"', 'name = "whole"')
        written = written.replace('"image-classification"', '"image-embedding"')
        for key, value in changes.items():
            written = re.sub(r"\[image\]\n", f"[image]\n{key} = {value}\n", written)
        path.write_text(written)
        return ModelStore([tmp_path]).open("whole")

    return build


def picture(width, height):
    return RANDOM.integers(0, 256, (height, width, 3), np.uint8)


@pytest.mark.parametrize("size", [(1, 1), (40, 30), (300, 500)])
def test_a_picture_of_any_size_becomes_a_vector_of_unit_length(opened, size):
    model = opened()
    vector = model.embed(picture(*size))
    assert model.task is Task.IMAGE_EMBEDDING
    assert (vector.shape, vector.dtype) == ((2,), np.float32)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)


def test_the_same_picture_has_the_same_vector_and_another_another(opened):
    model = opened()
    one, other = picture(64, 64), np.zeros((64, 64, 3), np.uint8)
    assert (model.embed(one) == model.embed(one)).all()
    assert not (model.embed(one) == model.embed(other)).all()


@pytest.mark.parametrize("change", [{"layout": '"nchw"'}, {"integers": "true"}])
def test_a_manifest_that_does_not_fit_the_net_fails_when_it_is_opened(opened, change):
    with pytest.raises(ModelError, match="model 'whole': it will not run"):
        opened(**change)
