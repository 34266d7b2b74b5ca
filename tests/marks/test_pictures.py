"""Marks in pictures: what is put in is found again after what happens to pictures."""

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow
from PIL import ImageEnhance
from PIL.PngImagePlugin import PngInfo

from guardrails.core.content import Image
from guardrails.core.errors import MarkError
from guardrails.core.mark import Decision
from guardrails.keyring import Keyring
from guardrails.marks.pictures.spread_spectrum import SpreadSpectrum, SpreadSpectrumSettings

PHOTOGRAPH = Path(__file__).parent.parent / "pictures/astronaut.jpg"
PAYLOAD = "c0ffee42"


def keys(*names):
    secrets = {name: base64.b64encode(name.encode() * 20).decode() for name in names}
    return Keyring.parse(",".join(f"{name}:{secret}" for name, secret in secrets.items()))


def marks(*names, **settings):
    return SpreadSpectrum(SpreadSpectrumSettings(keyring=keys(*names), **settings))


def saved(picture, kind="PNG", **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return Image(file.getvalue())


def opened(image):
    return Pillow.open(io.BytesIO(image.data))


def jpeg(picture, quality):
    return opened(saved(picture, "JPEG", quality=quality))


def scaled(picture, factor):
    return picture.resize((round(picture.width * factor), round(picture.height * factor)))


@pytest.fixture(scope="module")
def photograph():
    picture = Pillow.open(PHOTOGRAPH).convert("RGB")
    factor = 512 / min(picture.size)
    return picture.resize(
        (round(picture.width * factor), round(picture.height * factor)), Pillow.Resampling.LANCZOS
    )


@pytest.fixture(scope="module")
def mark():
    return marks("k1", payload=PAYLOAD)


@pytest.fixture(scope="module")
def marked(mark, photograph):
    return opened(mark.embed(saved(photograph)))


@pytest.mark.parametrize(
    ("happens", "change"),
    [
        ("nothing", lambda picture: picture),
        ("JPEG at a poor quality", lambda picture: jpeg(picture, 40)),
        ("half the size", lambda picture: scaled(picture, 0.5)),
        ("half as large again", lambda picture: scaled(picture, 1.5)),
        ("what social media do", lambda picture: jpeg(scaled(picture, 0.7), 70)),
        ("a brighter picture", lambda picture: ImageEnhance.Brightness(picture).enhance(1.2)),
        ("mirrored", lambda picture: picture.transpose(Pillow.Transpose.FLIP_LEFT_RIGHT)),
        ("a quarter turn", lambda picture: picture.transpose(Pillow.Transpose.ROTATE_90)),
        ("grey", lambda picture: picture.convert("L")),
        ("cut on all sides", lambda picture: picture.crop((70, 60, 420, 440))),
        ("turned by seven degrees", lambda picture: picture.rotate(7, Pillow.Resampling.BICUBIC)),
    ],
)
def test_a_mark_outlives_what_happens_to_pictures(mark, marked, happens, change):
    found = mark.detect(saved(change(marked)))

    assert found.decision is Decision.MARKED, happens
    assert found.p_value < 1e-4
    assert (found.key_id, found.payload) == ("k1", PAYLOAD)


def test_nothing_is_found_where_nothing_was_put(mark, photograph):
    found = mark.detect(saved(photograph))

    assert found.decision is Decision.UNMARKED
    assert found.p_value > 1e-3
    assert (found.key_id, found.payload) == ("", "")


def test_another_key_finds_nothing(marked):
    assert marks("other", search=False).detect(saved(marked)).decision is Decision.UNMARKED


def test_every_key_is_looked_for(marked):
    found = marks("k3", "k2", "k1").detect(saved(marked))

    assert found.key_id == "k1"


def test_a_payload_may_be_another_for_each_picture(mark, photograph):
    found = mark.detect(mark.embed(saved(photograph), "0102030405ff"))

    assert found.payload == "0102030405ff"


def test_without_search_a_part_tells_nothing(marked):
    part = saved(marked.crop((70, 60, 420, 440)))

    assert marks("k1", search=False).detect(part).decision is Decision.UNMARKED


def test_nobody_sees_it(photograph, marked):
    before, after = (np.asarray(one.convert("RGB"), float) for one in (photograph, marked))
    psnr = 10 * np.log10(255**2 / np.mean((before - after) ** 2))

    assert psnr >= 40


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"])
def test_every_format_carries_it_and_stays_what_it_is(mark, photograph, kind):
    embedded = mark.embed(saved(photograph, kind))

    assert opened(embedded).format == kind
    assert opened(embedded).size == photograph.size
    assert mark.detect(embedded).payload == PAYLOAD


def test_a_large_picture_keeps_its_detail(mark, photograph):
    large = scaled(photograph, 3)
    chance = np.random.default_rng(1)
    fine = np.asarray(large, np.int16) + chance.choice([-9, 9], (large.height, large.width, 1))
    large = Pillow.fromarray(fine.clip(0, 255).astype(np.uint8))

    embedded = mark.embed(saved(large))

    change = np.abs(np.asarray(opened(embedded), float) - np.asarray(large, float))
    assert change.max() < 32
    assert change.mean() < 3
    assert mark.detect(embedded).payload == PAYLOAD


def test_transparency_stays(mark, photograph):
    seen_through = photograph.convert("RGBA")
    seen_through.putalpha(Pillow.linear_gradient("L").resize(photograph.size))

    embedded = opened(mark.embed(saved(seen_through)))

    assert embedded.mode == "RGBA"
    assert embedded.getchannel("A").tobytes() == seen_through.getchannel("A").tobytes()


def test_every_frame_is_marked_and_timing_stays(mark, photograph):
    moved = photograph.transpose(Pillow.Transpose.FLIP_TOP_BOTTOM)
    moving = saved(
        photograph, "WEBP", save_all=True, append_images=[moved], duration=[100, 300], loop=3
    )

    embedded = opened(mark.embed(moving))

    assert (embedded.n_frames, embedded.info["loop"]) == (2, 3)
    for number, lasts in enumerate((100, 300)):
        embedded.seek(number)
        embedded.load()
        assert embedded.info["duration"] == lasts
        assert mark.detect(saved(embedded.convert("RGB"))).payload == PAYLOAD


def test_what_a_png_says_of_itself_stays(mark, photograph):
    said = PngInfo()
    said.add_text("Title", "an astronaut")

    embedded = opened(mark.embed(saved(photograph, pnginfo=said, dpi=(300, 300))))

    assert embedded.text["Title"] == "an astronaut"
    assert round(embedded.info["dpi"][0]) == 300


def test_what_a_jpeg_says_of_itself_and_its_quality_stay(mark, photograph):
    exif = Pillow.Exif()
    exif[0x010E] = "an astronaut"
    before = saved(photograph, "JPEG", quality=72, exif=exif, icc_profile=b"profile")

    after = mark.embed(before)

    assert opened(after).getexif()[0x010E] == "an astronaut"
    assert opened(after).info["icc_profile"] == b"profile"
    assert opened(after).quantization == opened(before).quantization


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (Image(b"no picture"), "picture: not a PNG, JPEG, WebP, GIF, BMP or TIFF file"),
        (
            saved(Pillow.new("RGB", (300, 100))),
            "picture: 300 x 100 pixels, a mark needs 128 each way",
        ),
    ],
)
def test_what_carries_no_mark_is_told_and_cannot_be_decided(mark, image, message):
    with pytest.raises(MarkError) as told:
        mark.embed(image)

    assert str(told.value) == message
    found = mark.detect(image)
    assert (found.decision, found.reason) == (Decision.UNDECIDABLE, message)


def test_one_colour_cannot_be_decided(mark):
    found = mark.detect(saved(Pillow.new("RGB", (300, 300), "teal")))

    assert found.decision is Decision.UNDECIDABLE
    assert found.reason == "picture: nothing but one colour"


def test_a_picture_of_too_many_pixels_is_refused(photograph):
    with pytest.raises(MarkError, match="the limit is 1,000 in all"):
        marks("k1", pixels=1000).embed(saved(photograph))


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ("xyz", "payload: write it in hexadecimal, two digits a byte"),
        ("00112233445566", "payload: 7 bytes, a picture carries at most 6"),
    ],
)
def test_a_payload_that_cannot_be_written_is_refused(payload, message):
    with pytest.raises(MarkError) as told:
        marks("k1", payload=payload)

    assert str(told.value) == message
