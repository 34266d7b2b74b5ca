"""TrustMark, a mark made by nets that the operator supplies: to compare, and to work with others.

Bui, Agarwal and Collomosse, "TrustMark: Universal Watermarking for Arbitrary Resolution Images",
2023. The nets are Adobe's encoder and decoder in ONNX (MIT), and serve as its Rust library does.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from guardrails.core.content import Image
from guardrails.core.errors import ContentError, MarkError, ModelError
from guardrails.core.mark import Decision, Detection
from guardrails.marks.keys import Keys
from guardrails.marks.pictures.coding import Bits
from guardrails.marks.pictures.payloads import settled, told_payload
from guardrails.marks.pictures.squares import feathered, middle, resized, squared
from guardrails.marks.pictures.trustmark_words import (
    BITS,
    KEYED,
    OPEN,
    Found,
    keyed_found,
    keyed_word,
    mask_of,
    open_found,
    open_word,
)
from guardrails.models.pixels import Pixels, added, colours
from guardrails.models.session import Floats, Hardware, OnnxSession
from guardrails.settings import Settings

SIDE = 256
"""Of the square that the encoder knows, in pixels."""
_PERCEPTUAL = "P"
_PERCEPTUAL_SIDE, _PERCEPTUAL_GAIN = 224, 1.25
"""What its decoder looks at, and how much more is added."""


class TrustMarkSettings(Settings):
    """With which keys, what is written, and where the nets lie."""

    keyring: Keys = Field(None, repr=False, exclude=True)  # type: ignore[assignment]  # the policy's
    """The current key marks; every key is looked for."""
    nets: Path
    """The folder with `encoder_Q.onnx` and `decoder_Q.onnx`, or those of another variant."""
    variant: Literal["B", "C", "P", "Q"] = "Q"
    """Which nets."""
    keyed: bool = True
    """Under the key; otherwise anybody can read and write the payload, TrustMark's tools too."""
    payload: str = ""
    """Up to six bytes in hexadecimal, seven if not keyed; or `decision` for as much of its id."""
    strength: float = Field(default=1.0, gt=0, le=2)
    """Of what is added."""
    false_positives: float = Field(default=1e-4, gt=0, lt=1)
    """The p-value below which a picture counts as marked."""
    pixels: int = Field(default=40_000_000, gt=0)
    """Of all frames, at most."""


class TrustMark:
    """Marks pictures with a net, and finds the key and the payload again with another."""

    Settings = TrustMarkSettings
    inspects = Image

    def __init__(self, settings: TrustMarkSettings) -> None:
        self._settings = settings
        self._bytes = KEYED if settings.keyed else OPEN
        self._square = settings.variant == _PERCEPTUAL
        self._encoder = _net(settings, "encoder", inputs=2, output="image")
        self._decoder = _net(settings, "decoder", inputs=1, output="output")
        self._masks = {key.id: mask_of(key) for key in settings.keyring} if settings.keyed else {}
        self.key_id = settings.keyring.current.id if settings.keyed else ""
        self.payload = self._filled(settled(settings.payload))

    def embed(self, subject: Image, /) -> Image:
        """Mark with the payload that is always written.

        Raises:
            MarkError: it is no picture, or too large a one.
        """
        return self.embed_for(subject, {})

    def payload_for(self, told: Mapping[str, str], /) -> str:
        """Give what is written into a picture of which this is told."""
        return self._filled(told_payload(self._settings.payload, told, self._bytes))

    def embed_for(self, subject: Image, told: Mapping[str, str], /) -> Image:
        """Mark every frame at the size that the nets know, and add the difference to the frame.

        Raises:
            MarkError: it is no picture, or too large a one.
        """
        payload = bytes.fromhex(self.payload_for(told))
        mask = self._masks.get(self.key_id)
        word = open_word(payload) if mask is None else keyed_word(payload, mask)
        change = partial(self._residual, word[None].astype(np.float32))
        try:
            data = added(subject.data, change, short=SIDE, pixels=self._settings.pixels)
        except ContentError as error:
            raise MarkError(str(error)) from None
        return replace(subject, data=data, frames=())

    def detect(self, subject: Image, /) -> Detection:
        """Read the word of the first frame, with every key."""
        side = _PERCEPTUAL_SIDE if self._square else SIDE
        try:
            rgb = colours(subject.data, short=side, pixels=self._settings.pixels)
        except ContentError as error:
            return Detection(Decision.UNDECIDABLE, reason=str(error))
        read = {name: found for name, found in self._read(self._bits(rgb, side)) if found}
        if not read:
            return Detection(Decision.UNMARKED, 1.0, tokens=BITS)
        name, found = min(read.items(), key=lambda one: one[1].chance)
        p_value = min(1.0, found.chance * max(1, len(self._masks)))
        if p_value >= self._settings.false_positives:
            return Detection(Decision.UNMARKED, p_value, tokens=BITS)
        return Detection(Decision.MARKED, p_value, tokens=BITS, key_id=name, payload=found.payload)

    def _read(self, bits: Bits) -> list[tuple[str, Found | None]]:
        if not self._settings.keyed:
            return [("", open_found(bits))]
        return [(name, keyed_found(bits, mask)) for name, mask in self._masks.items()]

    def _bits(self, rgb: Pixels, side: int) -> Bits:
        part = middle(rgb.shape, square=self._square)
        feed = {self._decoder.inputs[0]: _fed(squared(rgb[part], side))}
        said = dict(zip(self._decoder.outputs, self._decoder.run(feed), strict=True))
        return np.asarray(said["output"].ravel() > 0, np.uint8)

    def _residual(self, word: Floats, rgb: Pixels, _: Pixels) -> Floats:
        part = middle(rgb.shape, square=self._square)
        cover = _fed(squared(rgb[part], SIDE))
        feed = dict(zip(self._encoder.inputs, (cover, word), strict=True))
        said = dict(zip(self._encoder.outputs, self._encoder.run(feed), strict=True))
        change = said["image"].clip(-1, 1) - cover
        change -= change.mean(axis=(2, 3), keepdims=True)  # no colour shifts
        gain = self._settings.strength * (_PERCEPTUAL_GAIN if self._square else 1.0)
        whole = np.zeros(rgb.shape, np.float32)
        marked = resized(change[0].transpose(1, 2, 0), whole[part].shape)
        whole[part] = feathered(marked, only=whole[part].shape != whole.shape)
        return whole * np.float32(127.5 * gain)

    def _filled(self, payload: str) -> str:
        """Give a payload as it is read again: without a key its length is not written."""
        try:
            written = bytes.fromhex(payload)
        except ValueError:
            raise MarkError("payload: write it in hexadecimal, two digits a byte") from None
        if len(written) > self._bytes:
            raise MarkError(
                f"payload: {len(written)} bytes, trustmark carries at most {self._bytes}"
            )
        return (written if self._settings.keyed else written.ljust(OPEN, b"\0")).hex()


def _fed(square: Floats) -> Floats:
    """Lay a square of grey levels out as the nets see it, from -1 to 1."""
    return np.ascontiguousarray(square.transpose(2, 0, 1)[None] / np.float32(127.5) - 1)


def _net(settings: TrustMarkSettings, part: str, *, inputs: int, output: str) -> OnnxSession:
    path = settings.nets / f"{part}_{settings.variant}.onnx"
    try:
        weights = path.read_bytes()
    except OSError:
        raise ModelError(
            f"mark 'trustmark': {path} is missing, it is published with github.com/adobe/trustmark"
        ) from None
    net = OnnxSession(path.stem, weights, Hardware())
    if len(net.inputs) != inputs or output not in net.outputs:
        raise ModelError(f"mark 'trustmark': {path} is not TrustMark's {part}")
    return net
