"""Pictures as callers hold them: PIL images, to files and back."""

import io
import sys
from collections.abc import Sequence
from math import isfinite
from typing import Any

from guardrails.core.errors import ContentError

_AS_THEY_ARE = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
"""The modes that a PNG file holds and that look the same to everybody."""


def is_picture(value: Any) -> bool:
    """Whether it is a PIL image."""
    pillow = _pillow()
    return pillow is not None and isinstance(value, pillow.Image)


def encode(picture: Any) -> bytes:
    """Give a PIL image as a PNG file, with all its frames, and leave it at the frame it was at.

    Modes that PNG has not are converted: where the numbers have no common scale (integers of 16
    and 32 bits, floats), the darkest becomes black and the brightest white.

    Raises:
        ContentError: it has no pixels, or Pillow cannot read or convert it.
    """
    file = io.BytesIO()
    try:
        frames = _frames(picture)
        frames[0].save(file, "PNG", compress_level=1, **_moving(frames))
    except Exception as error:  # Pillow raises whatever it stumbles over
        raise ContentError(f"the picture cannot be encoded: {type(error).__name__}") from error
    return file.getvalue()


def decode(data: bytes) -> Any:
    """Give a PNG file as a PIL image."""
    return _pillow().open(io.BytesIO(data), formats=("PNG",))


def _frames(picture: Any) -> Sequence[Any]:
    count = getattr(picture, "n_frames", 1)
    if count == 1:
        return (_plain(picture),)
    position = picture.tell()
    try:
        return [_frame(picture, number) for number in range(count)]
    finally:
        picture.seek(position)


def _frame(picture: Any, number: int) -> Any:
    picture.seek(number)
    frame = _plain(picture).convert("RGBA")  # one mode for all, since palettes may differ
    frame.info = {"duration": picture.info.get("duration", 0), "loop": picture.info.get("loop", 0)}
    return frame


def _moving(frames: Sequence[Any]) -> dict[str, Any]:
    if len(frames) == 1:
        return {}
    return {
        "save_all": True,
        "append_images": frames[1:],
        "duration": [frame.info["duration"] for frame in frames],
    }


def _plain(picture: Any) -> Any:
    if picture.mode in _AS_THEY_ARE:
        return picture
    if picture.mode == "La":
        return picture.convert("LA")
    if picture.mode[0] in "IF":
        return _stretched(picture.convert("I") if picture.mode[0] == "I" else picture)
    return picture.convert("RGBA" if picture.mode[-1] in "Aa" else "RGB")


def _stretched(picture: Any) -> Any:
    low, high = picture.getextrema()
    if not (isfinite(low) and isfinite(high)):
        raise ValueError("beyond all scales")
    scale = 255 / (high - low) if high > low else 1.0
    return picture.convert("F").point(lambda value: value * scale - low * scale).convert("L")


def _pillow() -> Any:
    """Pillow, if the caller has it loaded: whoever has a PIL image does. Never loaded here."""
    return sys.modules.get("PIL.Image")
