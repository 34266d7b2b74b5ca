"""Tells texts that a machine has written: by statistics, and for certain where one is marked."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, PlainValidator, ValidationError, ValidationInfo

from guardrails.checks.ai_text.classifier import SMOLLM2, Classifier, must_fit, read
from guardrails.checks.ai_text.features import burstiness, perplexity
from guardrails.checks.settings import LanguageModelAt
from guardrails.core.check import Cost, Unjudged
from guardrails.core.content import Text
from guardrails.core.errors import ModelError
from guardrails.core.finding import Finding
from guardrails.core.mark import Decision, Mark
from guardrails.core.view import Span
from guardrails.marks.catalog import BUILTIN, load
from guardrails.models.model import Surprise
from guardrails.settings import Settings

MACHINE_WRITTEN = "MACHINE_WRITTEN"
MARKED_TEXT = "MARKED_TEXT"

_PASSAGE = 300
"""Tokens of one passage: more than was measured, so that its halves are still judged well."""


class ShortText(StrEnum):
    """What becomes of a text that is too short to tell."""

    CLEAR = "clear"
    """Nothing is found."""
    UNJUDGED = "unjudged"
    """It is said that nothing was judged, and the rule's `on_unjudged` decides."""


def _beside_policy(file: Path | None, info: ValidationInfo) -> Path | None:
    return None if file is None else (info.context or {}).get("directory", Path()) / file


def _built(written: Any, info: ValidationInfo) -> Mapping[str, Mark[Text]]:
    """Build marks as a policy's own list does: each with its own settings."""
    if not isinstance(written, Mapping):
        raise ValueError("give marks by name, each with its settings: {kgw: {tokenizer: ...}}")  # noqa: TRY004  # for pydantic
    return {str(name): _mark(str(name), given, info) for name, given in written.items()}


def _mark(name: str, given: Any, info: ValidationInfo) -> Mark[Text]:
    if name not in BUILTIN:
        raise ValueError(f"unknown mark '{name}', there are {', '.join(BUILTIN)}")
    kind = load(BUILTIN[name])
    try:
        mark = kind(kind.Settings.model_validate(given or {}, context=info.context))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, (name, *first["loc"])))
        raise ValueError(f"{place}: {first['msg'].removeprefix('Value error, ')}") from None
    if mark.inspects is not Text:
        raise ValueError(f"mark '{name}' is none for texts")
    return mark


class AiTextSettings(Settings):
    """Which language model reads, and from which length on an opinion is given."""

    model: LanguageModelAt
    """A language model, compiled by `guardrails models compile`; none ships."""
    classifier: Annotated[Path | None, AfterValidator(_beside_policy)] = None
    """A file that training/ai_text made with another language model than SmolLM2-135M-Instruct."""
    minimum_tokens: int = Field(default=100, ge=50)
    """Nothing is said of the style of shorter texts."""
    short_text: ShortText = ShortText.CLEAR
    """What becomes of them: `clear`, or `unjudged`."""
    maximum_characters: int = Field(default=40_000, ge=1)
    """Longer texts are unjudged: a language model reads a few hundred words a second."""
    marks: Annotated[
        Mapping[str, Mark[Text]],
        PlainValidator(_built, json_schema_input_type=dict[str, dict[str, Any]]),
    ] = Field({}, repr=False)
    """Marks that are looked for too, by name, each with its settings: what is found is proof."""


class AiText:
    """Reports passages in the manner of a language model, and marks of those that sign."""

    Settings = AiTextSettings
    inspects = Text
    cost = Cost.MODEL

    def __init__(self, settings: AiTextSettings) -> None:
        try:
            self._classifier: Classifier = read(settings.classifier or SMOLLM2)
        except ModelError as error:
            raise ValueError(str(error)) from None
        must_fit(self._classifier, settings.model)
        self._settings = settings
        self.categories = (MACHINE_WRITTEN, *([MARKED_TEXT] if settings.marks else []))

    async def inspect(self, subject: Text, /) -> Sequence[Finding]:
        """Look for marks first, off the event loop; what is marked needs no opinion.

        Raises:
            Unjudged: the text is too long, or too short and that is to be told.
        """
        if proof := await asyncio.to_thread(lambda: tuple(self._marked(subject))):
            return proof
        if len(subject.text) > self._settings.maximum_characters:
            raise Unjudged(f"longer than {self._settings.maximum_characters:,} characters")
        read = await self._settings.model.surprise(subject.text)
        if len(read) >= self._settings.minimum_tokens:
            return tuple(map(self._opinion, _passages(read)))
        if self._settings.short_text is ShortText.UNJUDGED and subject.text.strip():
            raise Unjudged(f"shorter than {self._settings.minimum_tokens} tokens")
        return ()

    def threshold_for(self, category: str, fpr: float) -> float:
        """Give the score that at most this share of people's passages reaches.

        Raises:
            ModelError: it is not known for so small a share.
        """
        if category == MARKED_TEXT:
            return 1 - fpr
        return self._classifier.threshold_for(fpr, self._settings.minimum_tokens)

    def _marked(self, subject: Text) -> Iterator[Finding]:
        for name, mark in self._settings.marks.items():
            found = mark.detect(subject)
            if found.decision is Decision.MARKED:
                where = found.where if isinstance(found.where, Span) else None
                chance = found.p_value or 0.0
                told = f"carries the mark {name} of key {found.key_id}, p {chance:.1g}"
                yield Finding(MARKED_TEXT, 1 - chance, where, told)

    def _opinion(self, read: Surprise) -> Finding:
        score = self._classifier.score(read)
        where = Span(int(read.starts[0]), int(read.ends[-1]))
        return Finding(MACHINE_WRITTEN, score, where, self._told(read, score))

    def _told(self, read: Surprise, score: float) -> str:
        low, high = self._classifier.usual
        rate = self._classifier.rate(score, len(read))
        return (
            f"perplexity {perplexity(read):.0f} (people's texts: {low:.0f} to {high:.0f}), "
            f"burstiness {burstiness(read):.1f}, over {len(read)} tokens; "
            f"about {rate:.1%} of people's texts of this length score as high"
        )


def _passages(read: Surprise) -> Iterator[Surprise]:
    """Cut a text into passages of like length, none longer than is known."""
    count = -(-len(read) // _PASSAGE)
    for number in range(count):
        yield read.within(number * len(read) // count, (number + 1) * len(read) // count)
