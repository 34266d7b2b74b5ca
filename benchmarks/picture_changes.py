"""What happens to pictures on their way: encoded, scaled, cropped, turned, shown, shared."""

from collections.abc import Callable, Mapping
from functools import partial
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageFilter

from guardrails.core.content import Image as Picture

Change = Callable[[Image.Image, np.random.Generator], Image.Image]


def jpeg(quality: int, picture: Image.Image, _: object = None) -> Image.Image:
    """Save and open again."""
    file = BytesIO()
    picture.save(file, "JPEG", quality=quality)
    return Image.open(file).convert("RGB")


def scaled(factor: float, picture: Image.Image, _: object = None) -> Image.Image:
    """Make larger or smaller, and leave it so."""
    size = (round(picture.width * factor), round(picture.height * factor))
    return picture.resize(size, Image.Resampling.BICUBIC)


def cropped(share: float, picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Cut so much of the width and of the height away, anywhere."""
    width, height = (round(side * (1 - share)) for side in picture.size)
    left = int(chance.integers(picture.width - width + 1))
    top = int(chance.integers(picture.height - height + 1))
    return picture.crop((left, top, left + width, top + height))


def rotated(angle: float, picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Turn either way; the corners are black, and the others cut."""
    return picture.rotate(angle * chance.choice([-1, 1]), Image.Resampling.BICUBIC)


def noisy(deviation: float, picture: Image.Image, chance: np.random.Generator) -> Image.Image:
    """Add noise to each channel."""
    numbers = np.asarray(picture, np.float32)
    numbers = numbers + chance.normal(0, deviation, numbers.shape)
    return Image.fromarray(numbers.clip(0, 255).astype(np.uint8))


def screenshot(picture: Image.Image, _: object = None) -> Image.Image:
    """Show it in a page with margins, at 0.9, and save that as JPEG."""
    page = Image.new("RGB", (round(picture.width * 1.15), round(picture.height * 1.3)), "#f4f4f4")
    page.paste(picture, (picture.width // 14, picture.height // 5))
    return jpeg(85, scaled(0.9, page))


CHANGES: Mapping[str, Change] = {
    "unchanged": lambda picture, _: picture,
    **{f"JPEG {quality}": partial(jpeg, quality) for quality in (90, 75, 50, 30)},
    **{f"resize {factor}": partial(scaled, factor) for factor in (0.5, 0.75, 1.5, 2.0)},
    **{f"crop {share:.0%}": partial(cropped, share) for share in (0.1, 0.2, 0.3, 0.5)},
    **{f"rotate {angle}": partial(rotated, angle) for angle in (2, 5, 10)},
    "rotate 0 to 10": lambda picture, chance: rotated(chance.uniform(0, 10), picture, chance),
    "blur 1": lambda picture, _: picture.filter(ImageFilter.GaussianBlur(1)),
    "noise 5": partial(noisy, 5.0),
    "noise 10": partial(noisy, 10.0),
    "brightness 1.3": lambda picture, _: ImageEnhance.Brightness(picture).enhance(1.3),
    "brightness 0.7": lambda picture, _: ImageEnhance.Brightness(picture).enhance(0.7),
    "screenshot": screenshot,
    "social media": lambda picture, _: jpeg(70, scaled(0.7, picture)),
    "mirrored": lambda picture, _: picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
}


def filed(picture: Image.Image) -> Picture:
    """Save as it is."""
    file = BytesIO()
    picture.save(file, "BMP")
    return Picture(file.getvalue())


def seen(one: Image.Image, other: Image.Image) -> dict[str, float]:
    """Give how alike two pictures are, as PSNR in decibels and as SSIM of their greys."""
    first, second = np.asarray(one, np.float64), np.asarray(other, np.float64)
    psnr = 10 * np.log10(255**2 / np.mean((first - second) ** 2))
    greys = (np.asarray(picture.convert("L"), np.float64) for picture in (one, other))
    return {"psnr": float(psnr), "ssim": similarity(*greys)}


def similarity(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Structural similarity (Wang et al., 2004), in windows of 11 pixels."""
    blur = partial(cv2.GaussianBlur, ksize=(11, 11), sigmaX=1.5)
    mean, other_mean = blur(one), blur(other)
    spread, other_spread = blur(one * one) - mean**2, blur(other * other) - other_mean**2
    both = blur(one * other) - mean * other_mean
    near, like = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    upper = (2 * mean * other_mean + near) * (2 * both + like)
    return float(
        (upper / ((mean**2 + other_mean**2 + near) * (spread + other_spread + like))).mean()
    )
