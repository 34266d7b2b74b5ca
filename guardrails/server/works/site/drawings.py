"""Pictures for the page: the subject, small, and where in it and in the work a copy lies. Pure."""

import base64
import struct
import zlib
from dataclasses import dataclass

from guardrails.core.finding import Region
from guardrails.works.match import Match
from guardrails.works.pictures.opencv import Pixels, within

SIDE = 560
"""The longer side of the subject as it is shown, in pixels."""
_FRAME = 400
"""Units of a diagram's longer side."""
_TURNED = ("turned", "rotated")
_USUAL = 4 / 3
_WIDEST = 3.0
_NEARLY = 0.95


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture or a diagram of ``width`` x ``height``, with a box in it; ``data`` is its URI."""

    width: int
    height: int
    box: tuple[float, float, float, float] | None = None
    """From the left and from the top, width and height."""
    told: str = ""
    """The box in words."""


def uri(pixels: Pixels) -> str:
    """Write a picture of height x width x 3 bytes into the page itself, so that nobody keeps it."""
    return f"data:image/png;base64,{base64.b64encode(_png(within(pixels, SIDE))).decode()}"


def of_subject(pixels: Pixels, region: object) -> Drawing:
    """Show where in the subject the copy is."""
    height, width = within(pixels, SIDE).shape[:2]
    return _drawn(width, height, region)


def of_work(pixels: Pixels, match: Match) -> Drawing:
    """Show where in the work it is from: its shape is told by how the two lie on each other."""
    shape = _shape(pixels, match)
    width, height = (_FRAME, _FRAME / shape) if shape >= 1 else (_FRAME * shape, _FRAME)
    return _drawn(round(width), round(height), match.region)


def _drawn(width: int, height: int, region: object) -> Drawing:
    if not isinstance(region, Region):
        return Drawing(width, height)
    box = (
        round(region.left * width, 1),
        round(region.top * height, 1),
        round((region.right - region.left) * width, 1),
        round((region.bottom - region.top) * height, 1),
    )
    return Drawing(width, height, box, _told(region))


def _told(region: Region) -> str:
    if (region.right - region.left) * (region.bottom - region.top) > _NEARLY:
        return "all of it"
    across = f"{region.left:.0%} to {region.right:.0%} from the left"
    return f"{across}, {region.top:.0%} to {region.bottom:.0%} from the top"


def _shape(pixels: Pixels, match: Match) -> float:
    """Guess width over height: a picture that was not turned is as wide here as there."""
    where, region = match.where, match.region
    if (
        not isinstance(where, Region)
        or region is None
        or any(word in match.how for word in _TURNED)
    ):
        return _USUAL
    here = (
        (where.right - where.left) * pixels.shape[1],
        (where.bottom - where.top) * pixels.shape[0],
    )
    there = region.right - region.left, region.bottom - region.top
    if min(*here, *there) <= 0:
        return _USUAL
    shape = float(here[0] / there[0] / (here[1] / there[1]))
    return min(max(shape, 1 / _WIDEST), _WIDEST)


def _png(pixels: Pixels) -> bytes:
    """Write a PNG file (ISO/IEC 15948): 8-bit RGB, each row less the one above it."""
    height, width = pixels.shape[:2]
    rows = pixels.reshape(height, width * 3)
    less = rows.copy()
    less[1:] -= rows[:-1]
    packed = b"".join(b"\2" + row.tobytes() for row in less)
    head = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(packed)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
