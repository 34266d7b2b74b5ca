"""RivaGAN, a mark made by nets: for comparison, and to read what `invisible-watermark` wrote.

Zhang et al., "Robust Invisible Video Watermarking with Attention", 2019; the nets are those of
`invisible-watermark` 0.2.0 (MIT) in ONNX. They carry 32 bits, many of which are lost: here they
spell one of 257 words that are drawn from the key, one for each payload of a byte, one for none.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from hashlib import sha256
from math import comb, sqrt
from pathlib import Path
from types import MappingProxyType

import numpy as np
from pydantic import Field

from guardrails.core.content import Image
from guardrails.core.errors import ContentError, MarkError, ModelError
from guardrails.core.mark import Decision, Detection
from guardrails.keyring import Key
from guardrails.marks.keys import Keys
from guardrails.marks.pictures.coding import payload_of
from guardrails.marks.pictures.pattern import CANONICAL
from guardrails.marks.pictures.payloads import settled, told_payload
from guardrails.models.pixels import Pixels, added, colours
from guardrails.models.session import Floats, Hardware, OnnxSession
from guardrails.settings import Settings

BITS = 32
_BYTES = 1
"""Of a payload."""
_WORDS = 257
"""No payload, and each payload of a byte."""
_MIDDLE = 0.52
"""Between a 0 and a 1 of the decoder; the package's own threshold."""
_SHA256: Mapping[str, str] = MappingProxyType(
    {
        "rivagan_encoder.onnx": "66bc7814fadac7d686105c8ab26c6cf2cc8e40deb83e67bb6ef5b9de9b8ece0d",
        "rivagan_decoder.onnx": "6b006690cf352fa50a91a0b6d6241dbcded0a9957969e2c0665cf9a7011b3880",
    }
)


class RivaGanSettings(Settings):
    """With which keys, what is written, and where the nets lie."""

    keyring: Keys = Field(None, repr=False, exclude=True)  # type: ignore[assignment]  # the policy's
    """The current key marks; every key is looked for."""
    nets: Path
    """The folder `imwatermark` out of the wheel of `invisible-watermark` 0.2.0."""
    payload: str = ""
    """One byte in hexadecimal, or nothing; or `decision` for the first two digits of its id."""
    false_positives: float = Field(default=1e-4, gt=0, lt=1)
    """The p-value below which a picture counts as marked."""
    pixels: int = Field(default=40_000_000, gt=0)
    """Of all frames, at most."""


class RivaGan:
    """Marks pictures with a net, and finds the key and the payload again with another."""

    Settings = RivaGanSettings
    inspects = Image

    def __init__(self, settings: RivaGanSettings) -> None:
        self._settings = settings
        self._encoder = _net(settings.nets / "rivagan_encoder.onnx")
        self._decoder = _net(settings.nets / "rivagan_decoder.onnx")
        self._words = {key.id: _words(key) for key in settings.keyring}
        self.key_id = settings.keyring.current.id
        self.payload = payload_of(settled(settings.payload)).hex()
        self._word = self._words[self.key_id][_number(self.payload)]

    def embed(self, subject: Image, /) -> Image:
        """Mark with the payload that is always written.

        Raises:
            MarkError: it is no picture, or too large a one.
        """
        return self.embed_for(subject, {})

    def payload_for(self, told: Mapping[str, str], /) -> str:
        """Give what is written into a picture of which this is told."""
        return payload_of(told_payload(self._settings.payload, told, _BYTES)).hex()

    def embed_for(self, subject: Image, told: Mapping[str, str], /) -> Image:
        """Mark every frame at the size that the nets know, and add the difference to the frame.

        Raises:
            MarkError: it is no picture, or too large a one.
        """
        word = self._words[self.key_id][_number(self.payload_for(told))]
        change = partial(self._residual, (word[None] > 0).astype(np.float32))
        try:
            data = added(subject.data, change, short=CANONICAL, pixels=self._settings.pixels)
        except ContentError as error:
            raise MarkError(str(error)) from None
        return replace(subject, data=data, frames=())

    def detect(self, subject: Image, /) -> Detection:
        """Look for every word of every key."""
        try:
            return self.examine(subject)[0]
        except MarkError as error:
            return Detection(Decision.UNDECIDABLE, reason=str(error))

    def examine(self, subject: Image, /) -> tuple[Detection, float]:
        """Detect, and give the share of the bits of its own word that are right.

        Raises:
            MarkError: it is no picture, or too large a one.
        """
        try:
            rgb = colours(subject.data, short=CANONICAL, pixels=self._settings.pixels)
        except ContentError as error:
            raise MarkError(str(error)) from None
        read = np.where(self.bits(rgb) > _MIDDLE, 1, -1).astype(np.float32)
        return self._told(read), float(np.mean(read == self._word))

    def _told(self, read: Floats) -> Detection:
        fits = {name: words @ read for name, words in self._words.items()}
        name = max(fits, key=lambda one: float(fits[one].max()))
        number, fit = int(fits[name].argmax()), float(fits[name].max())
        z = fit / sqrt(BITS)
        p_value = min(1.0, _chance(round(BITS + fit) // 2) * _WORDS * len(fits))
        if p_value >= self._settings.false_positives:
            return Detection(Decision.UNMARKED, p_value, z, BITS)
        payload = bytes([number - 1]).hex() if number else ""
        return Detection(Decision.MARKED, p_value, z, BITS, name, payload)

    def bits(self, rgb: Pixels) -> Floats:
        """Give what the decoder says of each bit, from 0 to 1."""
        [said] = self._decoder.run({"frame": _frame(rgb)})
        bits: Floats = said[0]
        return bits

    def _residual(self, bits: Floats, rgb: Pixels, _: Pixels) -> Floats:
        frame = _frame(rgb)
        [marked] = self._encoder.run({"frame": frame, "data": bits})
        change = (marked.clip(-1, 1) - frame)[0, :, 0] * np.float32(127.5)
        return np.ascontiguousarray(change.transpose(1, 2, 0)[:, :, ::-1])


def _frame(rgb: Pixels) -> Floats:
    """Lay a picture out as a video of one frame, blue first."""
    scaled = rgb[:, :, ::-1].astype(np.float32) / np.float32(127.5) - 1
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None, :, None])


def _words(key: Key) -> Floats:
    seed = int.from_bytes(key.derive("rivagan mark")[:16])
    chance = np.random.Generator(np.random.Philox(seed))
    return np.where(chance.random((_WORDS, BITS)) < 1 / 2, -1, 1).astype(np.float32)


def _number(payload: str) -> int:
    written = payload_of(payload)
    if len(written) > _BYTES:
        raise MarkError(f"payload: {len(written)} bytes, rivagan carries at most {_BYTES}")
    return written[0] + 1 if written else 0


def _chance(right: int) -> float:
    """Of so many bits or more to be right by chance."""
    return float(sum(comb(BITS, bits) for bits in range(right, BITS + 1)) / 2**BITS)


def _net(path: Path) -> OnnxSession:
    try:
        weights = path.read_bytes()
    except OSError:
        raise ModelError(
            f"mark 'rivagan': {path} is missing, "
            "take it from the wheel of invisible-watermark 0.2.0"
        ) from None
    if sha256(weights).hexdigest() != _SHA256[path.name]:
        raise ModelError(f"mark 'rivagan': {path} is not that of invisible-watermark 0.2.0")
    return OnnxSession(path.stem, weights, Hardware())
