"""The door to Pillow: picture files become frames, frames become numbers, files get covered."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from math import ceil, floor, sqrt
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw, JpegImagePlugin
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile, PngInfo
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from guardrails.core.content import Frame
from guardrails.core.errors import ContentError
from guardrails.core.finding import Region
from guardrails.models.manifest import Channels, PictureInput
from guardrails.models.session import Floats

Pixels: TypeAlias = NDArray[np.uint8]
Residual: TypeAlias = Callable[[Pixels, Pixels], Floats]

_MEGAPIXEL = 1_000_000
_GREY = (128, 128, 128)
_ORIENTATION = 0x0112
_PATCHES = 4  # along the longer side of a blurred region

# opened by class, not by `Image.open`, which refuses at a limit of its own and tells no size
_READERS: Sequence[tuple[re.Pattern[bytes], type[ImageFile]]] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), PngImageFile),
    (re.compile(rb"\xff\xd8\xff"), JpegImageFile),
    (re.compile(rb"RIFF.{4}WEBP", re.DOTALL), WebPImageFile),
    (re.compile(rb"GIF8[79]a"), GifImageFile),
    (re.compile(rb"BM"), BmpImageFile),
    (re.compile(rb"II[*+]\0|MM\0[*+]"), TiffImageFile),
)

_TURNS: Mapping[int, Image.Transpose] = MappingProxyType(
    {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }
)

_OPTIONS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"JPEG": {"quality": 90}, "WEBP": {"quality": 90}}
)

_KEPT = ("icc_profile", "exif", "xmp", "dpi", "comment")
_TIFF_LOSSLESS = ("tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits")
_MIDDLE = 128


@dataclass(frozen=True, slots=True)
class Decoded:
    """The frames of a picture that will be judged, and how many the file has."""

    frames: tuple[Frame, ...]
    total: int


def decode(data: bytes, *, pixels: int, most: int) -> Decoded:
    """Decode up to ``most`` frames of a PNG, JPEG, WebP, GIF, BMP or TIFF file.

    The header is read first, and nothing is decoded that would be more than ``pixels`` pixels, all
    judged frames together. Frames are upright, on white, and scaled down to a megapixel at most.

    Raises:
        ContentError: of another type, damaged, or too large.
    """
    with _opened(data) as file:
        total = getattr(file, "n_frames", 1)
        judged = min(total, most)
        _must_fit(file, judged, pixels)
        return Decoded(
            tuple(_frame(file, number, judged, pixels) for number in range(judged)), total
        )


def cover(data: bytes, regions: Mapping[Region, bool] | None, *, pixels: int) -> bytes:
    """Redact a picture: cover the regions in every frame, or with None all of it.

    A region that maps to True is blurred past recognition, others become grey.

    Format and size stay as they are, metadata goes. A moving picture of more than ``pixels``
    pixels in all is covered as a whole, in a single frame.

    Raises:
        ContentError: of another type, damaged, or too large.
    """
    with _opened(data) as file:
        total = getattr(file, "n_frames", 1)
        if regions is None or total * file.width * file.height > pixels:
            return _saved(file, [_blank(file, pixels)])
        shots = [_covered(file, number, regions, pixels) for number in range(total)]
        return _saved(file, shots)


@dataclass(frozen=True, slots=True)
class Greys:
    """The grey of frames, scaled; ``width`` and ``height`` are those of the file, in pixels."""

    frames: tuple[Floats, ...]
    width: int
    height: int


def greys(data: bytes, *, short: int, most: int, pixels: int) -> Greys:
    """Decode the luma of up to ``most`` frames, scaled until the short side is ``short``.

    Raises:
        ContentError: of another type, damaged, or too large.
    """
    with _opened(data) as file:
        width, height = file.size
        judged = min(getattr(file, "n_frames", 1), most)
        _must_fit(file, judged, pixels)
        frames = tuple(_grey(file, number, judged, pixels, short) for number in range(judged))
        return Greys(frames, width, height)


def colours(data: bytes, *, short: int, pixels: int) -> Pixels:
    """Decode the first frame, on white, scaled until the short side is ``short``.

    Raises:
        ContentError: of another type, damaged, or too large.
    """
    with _opened(data) as file:
        _turn_to(file, 0, 1, pixels)
        size = _shortened(file.size, short)
        file.draft("RGB", size)
        file.load()
        small = _on_white(file).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
        return np.asarray(small)


def added_to(rgb: Pixels, residual: Residual, *, short: int) -> Pixels:
    """Add something to a frame of height x width x 3, as `added` does to a file's."""
    return np.asarray(_changed(Image.fromarray(rgb), residual, short))


def grey_of(rgb: Pixels, *, short: int) -> Floats:
    """Give the luma of a frame, scaled until the short side is ``short``."""
    picture = Image.fromarray(rgb).convert("L")
    size = _shortened(picture.size, short)
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0), np.float32)


def size_of(data: bytes) -> tuple[int, int]:
    """Read width and height from the header.

    Raises:
        ContentError: of another type, or damaged.
    """
    with _opened(data) as file:
        return file.size


def added(data: bytes, residual: Residual, *, short: int, pixels: int) -> bytes:
    """Add something to the pixels of every frame, and leave the file as it is in all else.

    ``residual`` is given a frame, height x width x 3, and its luma, both scaled until the short
    side is ``short``, and gives what to add: height x width for all channels, or x 3. That is
    scaled to the frame, which so keeps its detail. Format, size, transparency, colour profile and
    metadata stay, and a JPEG keeps its quality; a palette becomes true colour.

    Raises:
        ContentError: of another type, damaged, or too large.
    """
    with _opened(data) as file:
        total = getattr(file, "n_frames", 1)
        _must_fit(file, total, pixels)
        options = _as_it_was(file, data)
        shots = []
        for number in range(total):
            _turn_to(file, number, total, pixels)
            shots.append(_sum(file, residual, short))
        return _saved(file, shots, options)


def prepare(frame: Frame, shape: PictureInput) -> Floats:
    """Turn a frame into what a net wants: height x width x 3 floats."""
    picture = Image.frombytes("RGB", (frame.width, frame.height), frame.rgb)
    picture = picture.resize((shape.resize, shape.resize), Image.Resampling.BILINEAR)
    margin = (shape.resize - shape.crop) // 2
    picture = picture.crop((margin, margin, margin + shape.crop, margin + shape.crop))
    numbers = np.asarray(_through_jpeg(picture) if shape.jpeg else picture, np.float32)
    if shape.channels is Channels.BGR:
        numbers = numbers[:, :, ::-1]
    centred = numbers - np.array(shape.mean, np.float32)
    return np.ascontiguousarray(centred / np.array(shape.deviation, np.float32))


def letterboxed(frame: Frame, shape: PictureInput) -> tuple[Floats, tuple[float, float]]:
    """Put a whole frame into the upper left of a square, its proportions kept.

    Gives the square (edge x edge x 3 floats), and the width and height that the frame has in it.
    """
    picture = Image.frombytes("RGB", (frame.width, frame.height), frame.rgb)
    scale = shape.resize / max(picture.size)
    size = (max(1, round(frame.width * scale)), max(1, round(frame.height * scale)))
    square = Image.new("RGB", (shape.resize, shape.resize), _GREY)
    square.paste(picture.resize(size, Image.Resampling.BILINEAR), (0, 0))
    numbers = np.asarray(square, np.float32)
    if shape.channels is Channels.BGR:
        numbers = numbers[:, :, ::-1]
    return np.ascontiguousarray(numbers - np.array(shape.mean, np.float32)), size


@contextmanager
def _opened(data: bytes) -> Iterator[ImageFile]:
    """Read the header; whatever goes wrong from there on is the file's fault."""
    reader = next((reader for magic, reader in _READERS if magic.match(data)), None)
    if reader is None:
        raise ContentError("picture: not a PNG, JPEG, WebP, GIF, BMP or TIFF file")
    try:
        with reader(BytesIO(data)) as file:
            yield file
    except ContentError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ContentError(f"picture: a {reader.format} file of far too many pixels") from None
    except Exception as error:  # Pillow's parsers raise whatever they stumble over
        raise ContentError(
            f"picture: a {reader.format} file that is damaged or cut short"
        ) from error


def _must_fit(file: ImageFile, frames: int, pixels: int) -> None:
    if frames * file.width * file.height > pixels:
        many = f"{frames} frames of " if frames > 1 else ""
        raise ContentError(
            f"picture: a {file.format} file of {many}{file.width} x {file.height} pixels, "
            f"the limit is {pixels:,} in all"
        )


def _frame(file: ImageFile, number: int, judged: int, pixels: int) -> Frame:
    _turn_to(file, number, judged, pixels)
    if number == 0:
        file.draft("RGB", _scaled(file.size))  # a JPEG decodes at a fraction of its size
    file.load()
    small = _upright(_small(_on_white(file)), file)
    return Frame(small.width, small.height, small.tobytes())


def _turn_to(file: ImageFile, number: int, judged: int, pixels: int) -> None:
    file.seek(number)
    _must_fit(file, judged, pixels)  # the canvas of a GIF may grow on the way


def _grey(file: ImageFile, number: int, judged: int, pixels: int, short: int) -> Floats:
    _turn_to(file, number, judged, pixels)
    size = _shortened(file.size, short)
    if number == 0:
        file.draft("L", size)
    file.load()
    grey = file if file.mode == "L" else _on_white(file).convert("L")
    small = grey.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    return np.asarray(small, np.float32)


def _shortened(size: tuple[int, int], short: int) -> tuple[int, int]:
    scale = short / min(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _sum(file: ImageFile, residual: Residual, short: int) -> Image.Image:
    file.load()
    plain = _plain(file)
    opaque = plain if plain.mode == "RGB" else plain.convert("RGB")
    shot = _changed(opaque, residual, short)
    if file.mode in {"L", "LA"}:
        shot = shot.convert("L")
    if plain.mode == "RGBA":
        shot.putalpha(plain.getchannel("A"))
    shot.info = {"duration": file.info.get("duration", 0)}
    return shot


def _changed(opaque: Image.Image, residual: Residual, short: int) -> Image.Image:
    size = _shortened(opaque.size, short)
    small = opaque
    if size != opaque.size:
        small = opaque.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    change = residual(np.asarray(small), np.asarray(small.convert("L")))
    planes = [change] if change.ndim == 2 else [change[:, :, at] for at in range(3)]  # noqa: PLR2004  # axes
    levels = [_levels(plane, opaque.size) for plane in planes]
    return ImageChops.add(opaque, Image.merge("RGB", (levels * 3)[:3]), 1.0, -_MIDDLE)


def _levels(change: Floats, size: tuple[int, int]) -> Image.Image:
    """Give a change of grey levels as a plane of bytes around the middle."""
    plane = Image.fromarray(change)
    if plane.size != size:
        plane = plane.resize(size, Image.Resampling.BICUBIC)
    shifted = np.rint(np.asarray(plane) + _MIDDLE).clip(0, 255)
    return Image.fromarray(shifted.astype(np.uint8))


def _as_it_was(file: ImageFile, data: bytes) -> Mapping[str, Any]:
    """The options that save a file as it was saved."""
    options = {key: file.info[key] for key in _KEPT if file.info.get(key)}
    if file.mode == "CMYK":  # it becomes RGB, which its profile does not describe
        options.pop("icc_profile", None)
    if isinstance(file, JpegImageFile):
        sampling = JpegImagePlugin.get_sampling(file)
        options |= {"qtables": file.quantization, "subsampling": max(sampling, 0)}
        options["progressive"] = bool(file.info.get("progressive"))
    elif isinstance(file, PngImageFile):
        options["pnginfo"] = _texts(file)
    elif isinstance(file, WebPImageFile):
        options["lossless"] = b"VP8L" in data[:64]
    elif isinstance(file, TiffImageFile) and file.info.get("compression") in _TIFF_LOSSLESS:
        options["compression"] = file.info["compression"]
    return options


def _texts(file: PngImageFile) -> PngInfo:
    texts = PngInfo()
    for name, text in file.text.items():
        texts.add_itxt(name, text)
    return texts


def _scaled(size: tuple[int, int]) -> tuple[int, int]:
    width, height = size
    scale = sqrt(min(1.0, _MEGAPIXEL / (width * height)))
    return max(1, int(width * scale)), max(1, int(height * scale))


def _small(picture: Image.Image) -> Image.Image:
    size = _scaled(picture.size)
    if size == picture.size:
        return picture
    return picture.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)


def _plain(picture: Image.Image) -> Image.Image:
    """Pixels of any kind as RGB, or as RGBA where some can be seen through."""
    if picture.mode.startswith("I"):  # 16 bits a pixel, of which 8 are plenty
        picture = picture.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    return picture.convert("RGBA" if picture.has_transparency_data else "RGB")


def _on_white(picture: Image.Image) -> Image.Image:
    plain = _plain(picture)
    if plain.mode == "RGB":
        return plain
    white = Image.new("RGBA", plain.size, "white")
    return Image.alpha_composite(white, plain).convert("RGB")


def _upright(picture: Image.Image, file: ImageFile) -> Image.Image:
    try:
        turn = _TURNS.get(file.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001  # a broken EXIF block hides no pixels, so they are judged
        turn = None
    return picture if turn is None else picture.transpose(turn)


def _blank(file: ImageFile, pixels: int) -> Image.Image:
    _must_fit(file, 1, pixels)
    file.load()  # some formats tell which way is up only then
    return _upright(Image.new("RGB", file.size, _GREY), file)


def _covered(
    file: ImageFile, number: int, regions: Mapping[Region, bool], pixels: int
) -> Image.Image:
    _turn_to(file, number, 1, pixels)
    file.load()
    picture = _upright(_plain(file), file)
    picture.info = {"duration": file.info.get("duration", 0)}
    brush = ImageDraw.Draw(picture)
    for region, blurred in regions.items():
        box = _box(region, picture.size)
        if blurred:
            _blur(picture, box)
        else:
            brush.rectangle(box, fill=_GREY)
    return picture


def _blur(picture: Image.Image, box: tuple[int, int, int, int]) -> None:
    """Leave a few smooth patches of colour: what is averaged away cannot be sharpened again."""
    left, top, right, bottom = box
    part = picture.crop((left, top, right + 1, bottom + 1))
    longest = max(part.size)
    few = tuple(max(1, _PATCHES * side // longest) for side in part.size)
    patches = part.resize((few[0], few[1]), Image.Resampling.BOX)
    picture.paste(patches.resize(part.size, Image.Resampling.BICUBIC), (left, top))


def _box(region: Region, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Whole pixels: whatever the region touches is inside."""
    width, height = size
    left, top = floor(region.left * width), floor(region.top * height)
    right, bottom = ceil(region.right * width), ceil(region.bottom * height)
    return left, top, max(left, right - 1), max(top, bottom - 1)


def _saved(
    file: ImageFile, shots: Sequence[Image.Image], more: Mapping[str, Any] = MappingProxyType({})
) -> bytes:
    options: dict[str, Any] = {**_OPTIONS.get(str(file.format), {}), **more}
    if "qtables" in options:
        del options["quality"]
    if len(shots) > 1:
        options |= {
            "save_all": True,
            "append_images": shots[1:],
            "duration": [shot.info["duration"] for shot in shots],
            "loop": file.info.get("loop", 0),
        }
    output = BytesIO()
    shots[0].save(output, format=file.format, **options)
    return output.getvalue()


def _through_jpeg(picture: Image.Image) -> Image.Image:
    file = BytesIO()
    picture.save(file, format="JPEG")
    return Image.open(file, formats=("JPEG",))
