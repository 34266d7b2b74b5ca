"""Copies of a picture are found, whatever was done to them, and others are not."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from guardrails.core.errors import ContentError
from guardrails.core.finding import Region
from guardrails.works.pictures.finder import PictureFinder
from guardrails.works.pictures.fingerprints import fingerprint, of_pixels
from guardrails.works.stores.memory import MemoryStore
from guardrails.works.work import Kind, Work

WORKS = 6
SEEN = 3
"""The work that is copied in these tests."""


def made(seed, width=400, height=300):
    """Shapes of all sizes in all colours: a picture that nobody owns."""
    chance = np.random.default_rng(seed)
    picture = Image.new("RGB", (width, height), tuple(chance.integers(0, 256, 3).tolist()))
    brush = ImageDraw.Draw(picture)
    for size in np.geomspace(width / 2, 5, 150):
        x, y = chance.uniform(-size / 2, [width, height]).tolist()
        box = (x, y, x + float(size), y + float(size * chance.uniform(0.3, 1)))
        draw = (brush.ellipse, brush.rectangle)[chance.integers(2)]
        draw(box, fill=tuple(chance.integers(0, 256, 3).tolist()))
    return picture


def jpeg(picture, quality):
    file = BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def pasted(share):
    canvas = made(100, 640, 480)
    side = share**0.5
    canvas.paste(made(SEEN).resize((round(640 * side), round(480 * side))), (90, 60))
    return jpeg(canvas, 85)


def collage():
    canvas = Image.new("RGB", (800, 600))
    for place, seed in ((0, 0), 101), ((400, 0), SEEN), ((0, 300), 102), ((400, 300), 103):
        canvas.paste(made(seed), place)
    return canvas


def with_text():
    picture = made(SEEN)
    ImageDraw.Draw(picture).text((20, 100), "BREAKING NEWS", fill="white", font_size=48)
    return picture


@pytest.fixture(scope="module")
def store():
    kept = MemoryStore()
    works = [(Work(str(n), Kind.IMAGE), of_pixels(np.asarray(made(n)))) for n in range(WORKS)]
    kept.put("gallery", works, "test")
    return kept


@pytest.fixture(scope="module")
def finder(store):
    return PictureFinder(store, "gallery")


@pytest.mark.parametrize(
    ("edited", "how"),
    [
        (lambda: made(SEEN), "the same picture"),
        (lambda: jpeg(made(SEEN), 20), "the same picture"),
        (lambda: made(SEEN).resize((200, 150)), "the same picture"),
        (lambda: made(SEEN).convert("L").convert("RGB"), "the same picture"),
        (lambda: ImageOps.mirror(made(SEEN)), "mirrored"),
        (lambda: made(SEEN).transpose(Image.Transpose.ROTATE_90), "rotated by 90 degrees"),
        (lambda: made(SEEN).rotate(10, expand=True), "rotated by 10 degrees"),
        (lambda: made(SEEN).rotate(35, expand=True), "rotated by 35 degrees"),
        (lambda: made(SEEN).crop((40, 30, 320, 240)), "a part of it"),
        (lambda: made(SEEN).crop((180, 120, 380, 270)), "a part of it"),
        (lambda: ImageOps.expand(made(SEEN), 60, "navy"), "the same picture"),
        (with_text, "the same picture"),
        (collage, "the same picture"),
        (lambda: pasted(0.5), "the same picture"),
        (lambda: pasted(0.25), "the same picture"),
        (lambda: pasted(0.1), "the same picture"),
    ],
)
def test_a_copy_is_found_and_told_how(finder, edited, how):
    best, *others = finder.find(np.asarray(edited()))
    assert best.work.id == str(SEEN)
    assert best.score > 0.8
    assert how in best.how
    assert all(other.score < 0.2 for other in others)


@pytest.mark.parametrize("seed", [50, 51, 52, 53])
def test_another_picture_is_no_copy(finder, seed):
    assert all(match.score < 0.5 for match in finder.find(np.asarray(made(seed))))


def test_the_place_of_a_pasted_copy_is_told(finder):
    best = finder.find(np.asarray(pasted(0.25)))[0]
    assert near(best.where, Region(90 / 640, 60 / 480, 410 / 640, 300 / 480))
    assert near(best.region, Region(0, 0, 1, 1))
    assert best.share == pytest.approx(0.25, abs=0.03)


def test_the_place_of_a_part_is_told_in_the_work(finder):
    best = finder.find(np.asarray(made(SEEN).crop((200, 75, 400, 300))))[0]
    assert near(best.region, Region(0.5, 0.25, 1, 1))
    assert near(best.where, Region(0, 0, 1, 1))


def test_the_place_of_a_mirrored_copy_is_told_as_it_is_seen(finder):
    canvas = made(104, 640, 480)
    canvas.paste(ImageOps.mirror(made(SEEN)).resize((320, 240)), (300, 200))
    best = finder.find(np.asarray(canvas))[0]
    assert best.how == "the same picture, mirrored"
    assert near(best.where, Region(300 / 640, 200 / 480, 620 / 640, 440 / 480))


def test_two_copies_in_one_picture_are_both_told(finder):
    canvas = Image.new("RGB", (800, 300))
    canvas.paste(made(1), (0, 0))
    canvas.paste(made(2), (400, 0))
    found = finder.find(np.asarray(canvas))
    assert {match.work.id for match in found if match.score > 0.8} == {"1", "2"}


def test_the_same_picture_gets_the_same_answer(finder):
    subject = np.asarray(pasted(0.25))
    assert finder.find(subject) == finder.find(subject)


def test_a_removed_work_is_not_found():
    kept = MemoryStore()
    kept.put("gallery", [(Work("gone", Kind.IMAGE), of_pixels(np.asarray(made(SEEN))))], "test")
    kept.remove("gallery", ["gone"], "its owner asks")
    assert not PictureFinder(kept, "gallery").find(np.asarray(made(SEEN)))


def test_other_collections_are_not_looked_at(store):
    assert not PictureFinder(store, "empty").find(np.asarray(made(SEEN)))


@pytest.mark.parametrize(
    "subject",
    [
        np.zeros((1, 1, 3), np.uint8),
        np.zeros((3, 900, 3), np.uint8),
        np.full((300, 300, 3), 255, np.uint8),
        np.random.default_rng(1).integers(0, 256, (600, 800, 3)).astype(np.uint8),
        np.tile(np.asarray(made(60, 40, 40)), (12, 16, 1)),
        np.kron(np.indices((20, 20)).sum(axis=0) % 2 * 255, np.ones((20, 20)))[..., None]
        .repeat(3, axis=2)
        .astype(np.uint8),
    ],
    ids=["a dot", "a line", "white", "noise", "tiles", "a chess board"],
)
def test_odd_pictures_copy_nothing(finder, subject):
    assert all(match.score < 0.5 for match in finder.find(subject))


def test_odd_works_are_kept_and_found_nowhere():
    kept = MemoryStore()
    flat = np.full((64, 64, 3), 200, np.uint8)
    kept.put("gallery", [(Work("flat", Kind.IMAGE), of_pixels(flat))], "test")
    assert all(
        match.score < 0.5
        for subject in (flat, np.asarray(made(1)))
        for match in PictureFinder(kept, "gallery").find(subject)
    )


class Means:
    """An embedder that sees colours alone."""

    def embed(self, rgb, /):
        mean = rgb.reshape(-1, 3).mean(axis=0).astype(np.float32)
        return mean / np.linalg.norm(mean)


def test_an_embedder_finds_what_has_no_features():
    red, blue = (np.full((64, 64, 3), colour, np.uint8) for colour in ((250, 9, 9), (9, 9, 250)))
    kept = MemoryStore()
    works = [
        (Work(name, Kind.IMAGE), of_pixels(one, Means()))
        for name, one in (("red", red), ("blue", blue))
    ]
    kept.put("colours", works, "test")
    best = PictureFinder(kept, "colours", embedder=Means()).find(red)[0]
    assert (best.work.id, best.how) == ("red", "much like it")
    assert best.score > 0.9


def test_what_is_no_picture_is_said():
    with pytest.raises(ContentError, match="not a PNG, JPEG, WebP, GIF, BMP or TIFF file"):
        fingerprint(b"plain text")


def near(one, other):
    pairs = zip(
        (one.left, one.top, one.right, one.bottom),
        (other.left, other.top, other.right, other.bottom),
        strict=True,
    )
    return all(abs(a - b) < 0.05 for a, b in pairs)
