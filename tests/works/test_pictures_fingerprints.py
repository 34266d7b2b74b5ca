"""What is kept of a picture: the published hash, features that can be read again, words."""

from importlib.resources import files
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from guardrails.core.errors import ContentError
from guardrails.works.pictures import poses
from guardrails.works.pictures.features import features, pack, unpack
from guardrails.works.pictures.fingerprints import KEPT, fingerprint, of_pixels
from guardrails.works.pictures.perceptual import TURNS, perceptual
from guardrails.works.pictures.words import probes, words

PDQ = (
    "0ac32224375d1b1a033511bf7dc36af5f8e167be0ebc2996f2e25c90d161f1f0",
    "088bf83063ddc9709bf4dd9bf96881ac87fd5c744debc28a3460928f965a407d",
    "5b96898e6208b1b1d660fb152896c05fadb4c5145ae9837ca7b7f73a84365b5a",
    "5dde529a368c63dac6a1f731ac3d2b22d2a8f6ce18be682061353825c30fead7",
    "0ec3dcdb375de4e48335ae407dc3950af8e190410fbcd629f2e2a26fd1630e0f",
    "5f96767162084e4ede6004ea28963fa0adb43aeb5be97cc3a7b729c58436a4a5",
    "008b03cf63d9368f93b42264f9683e5387fda38b4deb3d7534606d709658af82",
    "5ddead65368c9c25c6a108ceac3dd4ddd2a8093118be97df6135c7dac30f1528",
)
"""What the authors' implementation gives for ``patches()``, in its eight orientations."""


def patches():
    small = np.random.default_rng(7).integers(0, 256, (37, 41, 3)).astype(np.uint8)
    tall = small[np.arange(256) * 37 // 256]
    return np.ascontiguousarray(tall[:, np.arange(320) * 41 // 320])


def differ(one, other):
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def test_the_hash_is_that_of_the_published_algorithm():
    hashed = perceptual(patches())
    assert hashed.quality == 100
    assert all(
        differ(mine, bytes.fromhex(known)) <= 2
        for mine, known in zip(hashed.turns, PDQ, strict=True)
    )


@pytest.mark.parametrize(
    ("turned", "number"),
    [
        (lambda rgb: np.rot90(rgb, 2), 2),
        (lambda rgb: rgb[::-1], 4),
        (lambda rgb: rgb[:, ::-1], 5),
        (lambda rgb: rgb.transpose(1, 0, 2), 6),
    ],
)
def test_a_turned_picture_has_the_hash_that_was_foretold(turned, number):
    rgb = patches()
    foretold = perceptual(rgb).turns[number]
    assert differ(perceptual(np.ascontiguousarray(turned(rgb))).turns[0], foretold) < 40
    assert "mirrored" in TURNS[number] or number < 4


@pytest.mark.parametrize("shape", [(1, 1, 3), (4, 100, 3), (100, 4, 3)])
def test_what_is_too_small_has_no_hash(shape):
    assert perceptual(np.zeros(shape, np.uint8)).turns == ()


def test_a_flat_picture_has_no_hash_and_no_features():
    kept = of_pixels(np.full((100, 100, 3), 77, np.uint8))
    assert (kept.hash, len(kept.seeds), len(kept.places)) == (b"", 0, 0)
    assert len(unpack(kept.detail)) == 0


def test_features_are_read_as_they_were_written():
    found = features(patches(), KEPT)
    again = unpack(pack(found))
    assert (again.width, again.height) == (320, 256)
    assert np.array_equal(again.descriptors, found.descriptors)
    assert np.allclose(again.points, found.points, atol=1 / 32)


def test_a_work_that_is_gone_has_no_features():
    assert len(unpack(np.zeros(0, np.uint16))) == 0


def test_features_come_from_all_parts_of_a_picture():
    busy_left = patches()
    busy_left[:, 160:] = busy_left[:, 160:] // 8 + 100  # the right half is faint
    found = features(busy_left, 200)
    assert 60 <= (found.points[:, 0] > 160).sum() <= 140


def test_there_are_never_more_features_than_asked_for():
    noise = np.random.default_rng(1).integers(0, 256, (700, 900, 3)).astype(np.uint8)
    assert len(features(noise, 300)) == 300


def test_the_mirror_is_known_without_looking_again():
    rgb = patches()
    foretold, seen = (
        features(rgb, 300).mirrored(),
        features(np.ascontiguousarray(rgb[:, ::-1]), 3000),
    )
    alike = foretold.descriptors.astype(float) @ seen.descriptors.T.astype(float) / 512**2
    nearest = alike.argmax(axis=1)
    close = np.abs(foretold.points[:, :2] - seen.points[nearest, :2]).max(axis=1) < 2
    assert close.mean() > 0.8


def test_poses_are_kept_to_within_half_a_step():
    found = features(patches(), 200)
    kept = poses.unpack(poses.pack(found))
    exact = poses.exact(found)
    assert np.abs(kept.x - exact.x).max() < 30
    assert np.abs(kept.size - exact.size).max() < 0.26
    assert np.abs((kept.angle - exact.angle + 180) % 360 - 180).max() < 6


def test_a_subject_asks_for_its_own_words_first():
    descriptors = features(patches(), 100).descriptors
    asked = probes(descriptors, 8)
    assert np.array_equal(asked[:, 0], words(descriptors))
    assert all(len(set(row)) == 8 for row in asked.tolist())
    assert len(set(words(descriptors).tolist())) > 90


def test_the_table_of_words_is_small_and_plain():
    table = np.load(
        BytesIO(files("guardrails.works.pictures").joinpath("words.npy").read_bytes()),
        allow_pickle=False,
    )
    assert table.shape == (24, 129)


def test_a_file_gives_what_its_pixels_give():
    file = BytesIO()
    Image.fromarray(patches()).save(file, "PNG")
    one, other = fingerprint(file.getvalue()), of_pixels(patches())
    assert one.hash == other.hash
    assert np.array_equal(one.seeds, other.seeds)
    assert np.array_equal(one.detail, other.detail)


def test_a_damaged_file_is_said():
    with pytest.raises(ContentError, match="a PNG file that is damaged or cut short"):
        fingerprint(b"\x89PNG\r\n\x1a\n")
