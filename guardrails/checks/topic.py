"""A topic of the policy's own, named by examples."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from guardrails.checks.heads import ScorerCheck
from guardrails.checks.listed import ListFile, lines
from guardrails.checks.settings import TextModel
from guardrails.settings import Settings

LEAST, MOST = 5, 50

Sentences = Annotated[
    tuple[Annotated[str, Field(pattern=r"\S")], ...], Field(description="sentences")
]


class TopicSettings(Settings):
    """What the topic is called, sentences that are on it, and sentences that only look like it.

    A file holds one sentence a line; blank lines and lines that begin with ``#`` do not count.
    Its path starts at the policy's folder.
    """

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)
    """The category of its findings."""
    examples: Sentences = ()
    examples_file: ListFile | None = None
    counter_examples: Sentences = ()
    counter_examples_file: ListFile | None = None
    model: TextModel = Field(
        "text_guard",  # type: ignore[assignment]  # opened by name
        description="a text classifier that gives embeddings",
    )

    @model_validator(mode="after")
    def _are_enough(self) -> Self:
        for key, sentences in (("examples", self.on_topic), ("counter_examples", self.off_topic)):
            if not LEAST <= len(sentences) <= MOST:
                raise ValueError(
                    f"topic '{self.name}' has {len(sentences)} different '{key}', "
                    f"give {LEAST} to {MOST}"
                )
        return self

    @property
    def on_topic(self) -> tuple[str, ...]:
        """All examples."""
        return _distinct(self.examples, self.examples_file)

    @property
    def off_topic(self) -> tuple[str, ...]:
        """All counter-examples."""
        return _distinct(self.counter_examples, self.counter_examples_file)


class Topic(ScorerCheck):
    """Finds a topic: a label that the model learns from the examples when the policy is loaded.

    Raises:
        ValueError: the model does not tell examples from counter-examples well enough.
        ModelError: the model cannot learn.
    """

    Settings = TopicSettings

    def __init__(self, settings: TopicSettings) -> None:
        name = settings.name
        taught = settings.model.teach(name, settings.on_topic, settings.off_topic)
        super().__init__(taught, [name], [name], marked=False)


def _distinct(written: Sequence[str], file: Path | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(str.strip, (*written, *(lines(file) if file else ())))))
