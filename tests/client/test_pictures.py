"""Pictures that guarded functions return: all of them is judged, and they come back."""

import io
import threading

import pytest
from PIL import Image as Pillow
from PIL import ImageSequence

from guardrails.client import Blocked
from guardrails.client.pictures import decode, encode
from guardrails.core.errors import ContentError

COLOURS = ["white", "red", "blue"]


def moving(kind, mode="RGB"):
    shots = [Pillow.new("RGB", (16, 16), colour).convert(mode) for colour in COLOURS]
    file = io.BytesIO()
    shots[0].save(file, kind, save_all=True, append_images=shots[1:], duration=[10, 20, 30])
    return Pillow.open(file)


def colours(picture):
    shots = ImageSequence.Iterator(picture)
    return [shot.convert("RGB").getpixel((8, 8)) for shot in shots]


async def test_a_picture_passes_as_the_very_object(guarded):
    picture = Pillow.new("RGB", (16, 16), "white")

    assert await guarded(lambda _: picture)("paint it white") is picture


async def test_a_redacted_picture_is_a_picture_again(guarded):
    picture = Pillow.new("RGB", (70, 8), "white")
    covered = await guarded(lambda _: picture, policy="covers")("paint it white")

    assert covered.size == (70, 8)
    assert covered.convert("RGB").getpixel((3, 3)) != (255, 255, 255)


async def test_in_place_of_a_picture_the_reply_stands_as_text(guarded):
    picture = Pillow.new("RGB", (8, 8))
    answer = await guarded(lambda _: picture, on_block="reply")("forbidden")

    assert answer == "I can't help with that."


async def test_a_moving_picture_of_too_many_frames_is_not_passed_on(guarded):
    told = []
    paint = guarded(lambda _: moving("GIF"), policy="sees", on_verdict=told.append)
    with pytest.raises(Blocked, match=r"output: unsafe_image unjudged \(3 frames, 2 were judged"):
        await paint("x")

    assert "3 frames, 2 were judged" in [report.reason for report in told[-1].unjudged]


async def test_a_moving_picture_is_covered_in_every_frame(guarded):
    covered = await guarded(lambda _: moving("GIF"), policy="covers")("x")

    assert not set(colours(covered)) & set(colours(moving("GIF")))


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("GIF", "P"), ("PNG", "RGBA"), ("WEBP", "RGB"), ("TIFF", "CMYK"), ("TIFF", "P")],
)
def test_all_frames_of_a_moving_picture_are_encoded(kind, mode):
    picture = moving(kind, mode)
    picture.seek(1)
    encoded = decode(encode(picture))

    assert picture.tell() == 1
    assert encoded.n_frames == 3
    expected = [Pillow.new("RGB", (1, 1), one).convert(mode).convert("RGB") for one in COLOURS]
    near = zip(colours(encoded), [one.getpixel((0, 0)) for one in expected], strict=True)
    assert all(abs(a - b) < 9 for ours, theirs in near for a, b in zip(ours, theirs, strict=True))


def test_frames_keep_their_time():
    durations = [
        shot.info["duration"] for shot in ImageSequence.Iterator(decode(encode(moving("GIF"))))
    ]

    assert durations == [10, 20, 30]


@pytest.mark.parametrize("mode", sorted(set(Pillow.MODES) - {"La"}))
def test_a_picture_of_any_mode_looks_the_same_when_encoded(mode):
    source = Pillow.linear_gradient("L").resize((16, 16))
    via = {"LA": "RGBA", "PA": "RGBA", "RGBa": "RGBA", "LAB": "RGB", "HSV": "RGB"}.get(mode, "L")
    picture = _of_mode(source.convert(via), mode)
    seen = decode(encode(picture)).convert("L")

    dark, bright = seen.getpixel((8, 1)), seen.getpixel((8, 14))
    assert (dark < 64, bright > 190) == (True, True)


def _of_mode(picture, mode):
    if mode == "LAB":
        return Pillow.merge(
            "LAB", [picture.getchannel(0), *[Pillow.new("L", picture.size, 128)] * 2]
        )
    if mode == "PA":
        return picture.convert("LA").convert("PA")
    if mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value * 256).convert(mode)
    return picture.convert(mode)


async def test_a_picture_is_encoded_once_and_off_the_event_loop(guarded, kind):
    threads = []

    class Watched(Pillow.Image):
        def save(self, *args, **kwargs):
            threads.append(threading.current_thread())
            super().save(*args, **kwargs)

    picture = Watched()
    picture._im, picture._mode, picture._size = Pillow.core.fill("RGB", (8, 8), 0), "RGB", (8, 8)

    assert await guarded(lambda _: picture)("x") is picture
    assert [one is threading.main_thread() for one in threads] == [kind == "sync"]


@pytest.mark.parametrize(
    "picture", [Pillow.new("RGB", (0, 0)), Pillow.new("F", (8, 8), float("nan"))]
)
async def test_a_picture_that_shows_nothing_is_refused(guarded, picture):
    with pytest.raises(ContentError, match=r"^the picture cannot be encoded: ValueError$"):
        await guarded(lambda _: picture)("x")


def test_a_picture_of_one_shade_is_encoded_whatever_its_mode():
    assert decode(encode(Pillow.new("F", (8, 8), 7.5))).size == (8, 8)
