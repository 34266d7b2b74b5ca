import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from guardrails.core.content import Frame
from guardrails.core.errors import ContentError
from guardrails.core.finding import Region
from guardrails.models.manifest import PictureInput
from guardrails.models.pixels import cover, decode, prepare

FORMATS = ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"]
MOVING = ["PNG", "WEBP", "GIF", "TIFF"]
RED, GREEN, WHITE, GREY = (255, 0, 0), (0, 128, 0), (255, 255, 255), (128, 128, 128)
LIMIT = 1_000_000


def saved(picture, kind, **options):
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def plain(colour, size=(40, 30), mode="RGB"):
    return Image.new(mode, size, colour)


def moving(kind, *colours, **options):
    first, *rest = (plain(colour) for colour in colours)
    return saved(first, kind, save_all=True, append_images=rest, **options)


def pixel(frame, x, y):
    return tuple(frame.rgb[3 * (y * frame.width + x) :][:3])


def near(colour, other, by=8):
    return all(abs(one - two) <= by for one, two in zip(colour, other, strict=True))


def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, *extra):
    """A PNG whose header says anything, with next to no pixels."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(bytes(1000)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + pixels + chunk(b"IEND", b"")


def gif_that_grows(width, height):
    """A GIF of 8 x 8 whose only frame is larger than it."""
    data = bytearray(saved(plain(0, (8, 8), "P"), "GIF"))
    place = data.index(b"\x2c") + 5
    data[place : place + 4] = struct.pack("<HH", width, height)
    return bytes(data)


def webp_of(width, height):
    """A WebP whose header says anything, with next to no pixels."""
    data = bytearray(saved(plain(RED, (8, 8)), "WEBP", lossless=True))
    place = data.index(b"VP8L") + 9
    data[place : place + 4] = struct.pack("<I", width - 1 | (height - 1) << 14)
    return bytes(data)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_becomes_frames(kind):
    decoded = decode(saved(plain(RED), kind), pixels=LIMIT, most=4)
    assert decoded.total == 1
    [frame] = decoded.frames
    assert (frame.width, frame.height, len(frame.rgb)) == (40, 30, 3600)
    assert near(pixel(frame, 20, 15), RED)


@pytest.mark.parametrize("kind", MOVING)
def test_a_moving_picture_becomes_as_many_frames_as_asked_and_says_how_many_it_has(kind):
    decoded = decode(moving(kind, RED, GREEN, WHITE), pixels=LIMIT, most=2)
    assert decoded.total == 3
    assert near(pixel(decoded.frames[0], 5, 5), RED)
    assert near(pixel(decoded.frames[1], 5, 5), GREEN)


def test_a_gif_of_a_thousand_frames_is_counted_and_not_decoded():
    colours = [(number % 256, number // 256, 0) for number in range(1000)]
    decoded = decode(moving("GIF", *colours), pixels=LIMIT, most=3)
    assert (decoded.total, len(decoded.frames)) == (1000, 3)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_large_picture_is_scaled_down_to_a_megapixel(kind):
    [frame] = decode(saved(plain(RED, (3000, 1000)), kind), pixels=4_000_000, most=1).frames
    assert 900_000 <= frame.width * frame.height <= 1_000_000
    assert frame.width / frame.height == pytest.approx(3, rel=0.01)


@pytest.mark.parametrize(
    ("mode", "colour", "seen"),
    [
        ("1", 1, WHITE),
        ("L", 128, (128, 128, 128)),
        ("LA", (0, 0), WHITE),
        ("RGBA", (255, 0, 0, 0), WHITE),
        ("RGBA", (255, 0, 0, 255), RED),
        ("RGBA", (0, 0, 0, 128), (127, 127, 127)),
        ("I;16", 0x8000, (128, 128, 128)),
    ],
)
def test_pixels_of_any_kind_become_rgb_on_white(mode, colour, seen):
    [frame] = decode(saved(plain(colour, mode=mode), "PNG"), pixels=LIMIT, most=1).frames
    assert near(pixel(frame, 3, 3), seen, by=1)


def test_cmyk_becomes_rgb():
    [frame] = decode(
        saved(plain((0, 255, 255, 0), mode="CMYK"), "JPEG"), pixels=LIMIT, most=1
    ).frames
    assert near(pixel(frame, 3, 3), RED)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_a_picture_is_turned_the_way_its_exif_says(kind):
    picture = plain(RED)
    picture.paste(GREEN, (0, 0, 40, 15))  # the upper half
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    [frame] = decode(saved(picture, kind, exif=exif), pixels=LIMIT, most=1).frames
    assert (frame.width, frame.height) == (30, 40)
    assert near(pixel(frame, 25, 20), GREEN, by=20)
    assert near(pixel(frame, 5, 20), RED, by=20)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "picture: not a PNG, JPEG, WebP, GIF, BMP or TIFF file"),
        (b"%PDF-1.7", "picture: not a PNG, JPEG, WebP, GIF, BMP or TIFF file"),
        (b"<svg/>", "picture: not a PNG, JPEG, WebP, GIF, BMP or TIFF file"),
        (b"\x89PNG\r\n\x1a\n", "picture: a PNG file that is damaged or cut short"),
        (b"\xff\xd8\xff", "picture: a JPEG file that is damaged or cut short"),
        (b"BM" + bytes(60), "picture: a BMP file that is damaged or cut short"),
        (png(0, 5), "picture: a PNG file that is damaged or cut short"),
        (
            png(50_000, 50_000),
            "picture: a PNG file of 50000 x 50000 pixels, the limit is 1,000,000 in all",
        ),
        (gif_that_grows(2000, 2000), "picture: a GIF file of 2000 x 2000 pixels, the limit is"),
        (gif_that_grows(65535, 65535), "picture: a GIF file of far too many pixels"),
        (webp_of(9_000, 9_000), "picture: a WEBP file of 9000 x 9000 pixels, the limit is"),
        (webp_of(16_383, 16_383), "picture: a WEBP file of far too many pixels"),
        (
            png(8, 8, chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(50_000_000)))),
            "picture: a PNG file that is damaged or cut short",
        ),
        (
            png(8, 8, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(50_000_000)))),
            "picture: a PNG file that is damaged or cut short",
        ),
    ],
    ids=range(14),
)
@pytest.mark.parametrize(
    "look",
    [
        lambda data: decode(data, pixels=LIMIT, most=16),
        lambda data: cover(data, None, pixels=LIMIT),
    ],
    ids=["decode", "cover"],
)
def test_what_cannot_be_judged_is_refused_with_what_it_is_and_the_limit(look, data, message):
    with pytest.raises(ContentError) as caught:
        look(data)
    assert str(caught.value).startswith(message)


def test_the_limit_is_on_all_judged_frames_together():
    data = moving("GIF", RED, GREEN, WHITE)
    assert len(decode(data, pixels=2 * 40 * 30, most=2).frames) == 2
    with pytest.raises(ContentError) as caught:
        decode(data, pixels=2 * 40 * 30, most=3)
    assert str(caught.value) == (
        "picture: a GIF file of 3 frames of 40 x 30 pixels, the limit is 2,400 in all"
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_a_file_that_is_cut_short_is_refused(kind):
    data = saved(Image.effect_noise((64, 64), 90).convert("RGB"), kind)
    with pytest.raises(ContentError, match="damaged or cut short"):
        decode(data[: len(data) // 2], pixels=LIMIT, most=1)


@settings(max_examples=150, deadline=None)
@given(
    kind=st.sampled_from(FORMATS),
    places=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=8),
)
def test_a_damaged_file_is_frames_or_a_content_error(kind, places):
    data = bytearray(saved(Image.linear_gradient("L").resize((32, 32)).convert("RGB"), kind))
    for place, value in places:
        data[int(place * (len(data) - 1))] = value
    try:
        frames = decode(bytes(data), pixels=LIMIT, most=2).frames
    except ContentError:
        return
    assert all(len(frame.rgb) == 3 * frame.width * frame.height for frame in frames)


def reopened(data):
    with Image.open(io.BytesIO(data)) as picture:
        shots = []
        for number in range(getattr(picture, "n_frames", 1)):
            picture.seek(number)
            shots.append(picture.convert("RGB"))
        return picture.format, shots


@pytest.mark.parametrize("kind", FORMATS)
def test_covering_all_leaves_a_grey_picture_of_the_same_kind_and_size(kind):
    found, [shot] = reopened(cover(saved(plain(RED), kind), None, pixels=LIMIT))
    assert found == kind
    assert shot.size == (40, 30)
    assert all(near(colour, GREY, by=2) for _, colour in shot.getcolors())


@pytest.mark.parametrize("kind", FORMATS)
def test_covering_a_region_leaves_the_rest(kind):
    region = Region(0.5, 0.0, 1.0, 1.0)
    _, [shot] = reopened(cover(saved(plain(RED), kind), {region: False}, pixels=LIMIT))
    assert near(shot.getpixel((5, 15)), RED)
    assert near(shot.getpixel((35, 15)), GREY)
    assert near(shot.getpixel((39, 29)), GREY)


@pytest.mark.parametrize("kind", MOVING)
def test_a_region_is_covered_in_every_frame(kind):
    data = moving(kind, RED, GREEN, WHITE, duration=70)
    _, shots = reopened(cover(data, {Region(0.0, 0.0, 0.5, 0.5): False}, pixels=LIMIT))
    assert [near(shot.getpixel((5, 5)), GREY) for shot in shots] == [True] * 3
    assert near(shots[1].getpixel((35, 25)), GREEN)


def test_a_moving_picture_too_long_to_cover_frame_by_frame_is_covered_whole():
    data = moving("GIF", RED, GREEN, WHITE)
    _, shots = reopened(cover(data, {Region(0.0, 0.0, 0.1, 0.1): False}, pixels=2 * 40 * 30))
    assert len(shots) == 1
    assert near(shots[0].getpixel((35, 25)), GREY)


def test_a_sliver_of_a_region_covers_the_pixels_that_it_touches():
    _, [shot] = reopened(
        cover(saved(plain(RED), "PNG"), {Region(0.51, 0.51, 0.51, 0.51): False}, pixels=LIMIT)
    )
    assert shot.getpixel((20, 15)) == GREY
    assert shot.getpixel((19, 15)) == RED


def test_covering_drops_metadata_and_keeps_what_can_be_seen_through():
    exif = Image.Exif()
    exif[0x010F] = "a camera with a name"
    picture = plain((255, 0, 0, 0), mode="RGBA")
    data = cover(saved(picture, "PNG", exif=exif), {Region(0, 0, 0.2, 0.2): False}, pixels=LIMIT)
    assert b"camera" not in data
    with Image.open(io.BytesIO(data)) as covered:
        assert covered.getpixel((30, 20))[3] == 0
        assert covered.getpixel((2, 2)) == (*GREY, 255)


def test_a_covered_picture_is_upright_without_exif():
    exif = Image.Exif()
    exif[0x0112] = 6
    _, [shot] = reopened(cover(saved(plain(RED), "JPEG", exif=exif), None, pixels=LIMIT))
    assert shot.size == (30, 40)


def test_prepare_crops_the_middle_turns_colours_round_and_takes_the_mean_away():
    shape = PictureInput(resize=8, crop=4, channels="bgr", mean=(1, 2, 3))
    numbers = prepare(Frame(2, 2, bytes([10, 20, 30] * 4)), shape)
    assert numbers.shape == (4, 4, 3)
    assert numbers.dtype == np.float32
    assert numbers[0, 0].tolist() == [29, 18, 7]
