"""The marks `kgw`, `gumbel` and `synthid`, for the catalog: found here, put in by samplers."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo

from guardrails.core.content import Text
from guardrails.core.errors import MarkError
from guardrails.core.mark import Detection
from guardrails.marks.keys import Keys
from guardrails.marks.sampling.detecting import Detector
from guardrails.marks.sampling.gumbel import Gumbel
from guardrails.marks.sampling.kgw import Hashing, Kgw
from guardrails.marks.sampling.prf import secret
from guardrails.marks.sampling.reading import Reader, tokenizer_in
from guardrails.marks.sampling.sampler import Sampler
from guardrails.marks.sampling.scheme import Scheme
from guardrails.marks.sampling.synthid import MOST_LAYERS, SynthId
from guardrails.settings import Settings


def _placed(written: Path, info: ValidationInfo) -> Path:
    folder: Path = (info.context or {}).get("directory", Path())
    return folder / written


class SamplingSettings(Settings):
    """With which keys and tokenizer, and how sure detection must be."""

    keyring: Keys = Field(None, repr=False, exclude=True)  # type: ignore[assignment]  # the policy's
    tokenizer: Annotated[Path, AfterValidator(_placed)]
    """The generator's tokenizer.json, or a folder that holds it."""
    false_positive_rate: float = Field(0.001, gt=0, lt=1)
    """The share of unmarked texts that may be called marked."""
    certain: float = Field(1.0, gt=0, le=1)
    """Leave tokens alone that the generator is surer of than this."""


class KgwSettings(SamplingSettings):
    """Also how much of the vocabulary is preferred, and by how much."""

    gamma: float = Field(0.25, gt=0, lt=1)
    """The share of the vocabulary that is preferred."""
    delta: float = Field(2.0, gt=0, le=20)
    """What is added to its logits."""
    hashing: Hashing = Hashing.LEFT
    """What decides: the tokens before, or also the token itself."""
    width: int = Field(2, ge=1, le=16)
    """How many tokens before."""


class GumbelSettings(SamplingSettings):
    """Also how much of the text before decides."""

    width: int = Field(4, ge=1, le=16)
    """How many tokens before."""


class SynthIdSettings(SamplingSettings):
    """Also how many rounds are played."""

    layers: int = Field(30, ge=1, le=MOST_LAYERS)
    """Rounds of the tournament."""
    width: int = Field(4, ge=1, le=16)
    """How many tokens before decide."""


class SamplingMark:
    """What the three share: any text can be looked at, but only a generator can put it in."""

    inspects = Text

    def __init__(self, settings: SamplingSettings, scheme: Scheme) -> None:
        key = settings.keyring.current
        self.key_id = key.id
        self._name = scheme.name
        self.sampler = Sampler(scheme, secret(key, scheme.name), settings.certain)
        rate = settings.false_positive_rate
        detector = Detector(scheme, settings.keyring, false_positive_rate=rate)
        self._reader = Reader(tokenizer_in(settings.tokenizer), detector)

    def embed(self, subject: Text, /) -> Text:  # noqa: ARG002  # the seam
        """Refuse: the text is there already.

        Raises:
            MarkError: always; the generator must put this mark in.
        """
        raise MarkError(
            f"mark '{self._name}' is put in while text is generated, "
            "give the generator a processor of guardrails.marks.sampling"
        )

    def detect(self, subject: Text, /) -> Detection:
        """Look at the tokens."""
        return self._reader.detect(subject.text)


class KgwMark(SamplingMark):
    """Green tokens (Kirchenbauer et al., 2023)."""

    Settings = KgwSettings

    def __init__(self, settings: KgwSettings) -> None:
        scheme = Kgw(settings.gamma, settings.delta, settings.width, settings.hashing)
        super().__init__(settings, scheme)


class GumbelMark(SamplingMark):
    """Sampling by an exponential race (Aaronson, 2022)."""

    Settings = GumbelSettings

    def __init__(self, settings: GumbelSettings) -> None:
        super().__init__(settings, Gumbel(settings.width))


class SynthIdMark(SamplingMark):
    """Tournament sampling (Dathathri et al., 2024)."""

    Settings = SynthIdSettings

    def __init__(self, settings: SynthIdSettings) -> None:
        super().__init__(settings, SynthId(settings.layers, settings.width))
