"""A score of a half is where one picture in a thousand would be told of that copies nothing."""

import numpy as np
import pytest

from guardrails.works.fingerprint import Hits
from guardrails.works.pictures.features import Features
from guardrails.works.pictures.geometry import Laid, laid
from guardrails.works.pictures.poses import pack
from guardrails.works.pictures.scoring import of_bits, of_features
from guardrails.works.pictures.voting import candidates


def how(found, visible, alike):
    rows = np.arange(found)
    return Laid(np.eye(2, 3, dtype=np.float32), rows, rows, visible, alike)


def scattered(seed, count):
    """Features that stand anywhere and look like nothing else."""
    chance = np.random.default_rng(seed)
    points = chance.uniform((0, 0, 2, 0), (500, 400, 30, 360), (count, 4)).astype(np.float32)
    return Features(500, 400, points, chance.integers(0, 90, (count, 128)).astype(np.uint8))


def votes(work, features, count):
    """Hits of the first features of a picture in one work, all of which agree."""
    rows = np.arange(count, dtype=np.uint32)
    return rows, np.full(count, work, np.uint32), pack(features)[:count]


def hits(*parts):
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return Hits(*columns)


@pytest.mark.parametrize(
    ("found", "visible", "alike", "copied"),
    [
        (130, 260, 0.98, True),
        (16, 110, 0.945, True),  # a quarter of a canvas, blurred
        (14, 38, 0.967, True),  # a twentieth of a canvas
        (7, 32, 0.937, False),  # the worst of 14,400 pairs of different photographs
        (10, 489, 0.886, False),  # of very many, a few that are hardly alike
        (2, 2, 0.99, False),
    ],
)
def test_features_that_agree_are_judged(found, visible, alike, copied):
    assert (of_features(how(found, visible, alike)) > 0.5) == copied


@pytest.mark.parametrize(("bits", "copied"), [(0, True), (30, True), (48, True), (62, False)])
def test_bits_that_differ_are_judged(bits, copied):
    assert (of_bits(bits) > 0.5) == copied


def test_pictures_without_three_features_that_agree_are_not_laid():
    assert laid(scattered(1, 200), scattered(2, 200)) is None


def test_a_picture_is_laid_on_itself():
    one = scattered(1, 200)
    found = laid(one, one)
    assert found is not None
    assert len(found.work) == 200
    assert np.allclose(found.matrix, np.eye(2, 3), atol=1e-3)


def test_works_with_a_vote_or_two_are_looked_at_only_when_first():
    one = scattered(1, 60)
    seen = (one, one.mirrored())
    many = hits(*(votes(work, one, 3) for work in range(1, 9)), votes(20, one, 30))
    best = candidates(many, seen, 1, 10)
    assert best[0].work == 20
    assert len(best) == 3


def test_every_work_with_many_votes_is_looked_at():
    one = scattered(1, 60)
    found = candidates(
        hits(*(votes(n, one, 20) for n in range(1, 9))), (one, one.mirrored()), 1, 10
    )
    assert len(found) == 8
