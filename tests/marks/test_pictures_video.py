"""Films are marked frame by frame, and read from many frames together."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from guardrails.core.mark import Decision
from guardrails.keyring import Keyring
from guardrails.marks.pictures.spread_spectrum import SpreadSpectrum, SpreadSpectrumSettings
from guardrails.marks.pictures.video import detect, marked

PHOTOGRAPH = Path(__file__).parent.parent / "pictures/astronaut.jpg"
RING = Keyring.parse("k1:" + base64.b64encode(b"films" * 8).decode())
PAYLOAD = "0badcafe"


@pytest.fixture(scope="module")
def mark():
    return SpreadSpectrum(SpreadSpectrumSettings(keyring=RING, payload=PAYLOAD, search=False))


@pytest.fixture(scope="module")
def film():
    """Eight frames of a camera that moves over a photograph."""
    large = Pillow.open(PHOTOGRAPH).convert("RGB").resize((640, 640))
    views = [large.crop((at, at, at + 480, at + 360)) for at in range(0, 80, 10)]
    return [np.asarray(view) for view in views]


def jpeg(frame, quality):
    file = io.BytesIO()
    Pillow.fromarray(frame).save(file, "JPEG", quality=quality)
    return np.asarray(Pillow.open(file).convert("RGB"))


def test_many_poor_frames_say_together_what_none_says_alone(mark, film):
    poor = [jpeg(frame, 8) for frame in marked(film, mark)]

    alone = [detect([frame], mark) for frame in poor]
    together = detect(poor, mark)

    assert (together.decision, together.payload) == (Decision.MARKED, PAYLOAD)
    assert together.z > max(found.z for found in alone)
    assert not any(found.payload for found in alone)


def test_the_mark_stands_still(mark, film):
    still = [film[0], film[0]]

    first, second = marked(still, mark)

    assert np.array_equal(first, second)


def test_frames_are_marked_when_they_are_asked_for(mark, film):
    def endless():
        while True:
            yield film[0]

    frames = marked(endless(), mark)

    assert next(frames).shape == film[0].shape


def test_a_film_without_a_mark(mark, film):
    assert detect(film, mark).decision is Decision.UNMARKED


def test_a_film_without_frames_cannot_be_decided(mark):
    assert detect([], mark).reason == "film: no frames"
