"""A net that scores texts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from guardrails.core.errors import ModelError
from guardrails.core.view import Span
from guardrails.models.batcher import Batcher
from guardrails.models.manifest import Activation, Manifest, TextInput
from guardrails.models.model import Scored, Scorer, Sentence, Tagged, Vector
from guardrails.models.net import OpenModel, first, limits, probabilities, run_rows, score
from guardrails.models.reader import Reader
from guardrails.models.sentences import sentences
from guardrails.models.session import Floats, Session
from guardrails.models.sharing import once
from guardrails.models.tags import Scheme
from guardrails.models.taught import ordinary, teach
from guardrails.models.tokenizer import Ints, Tokenizer, Tokens

MARKS = "token_logits"
"""The output with a logit for each token, where the manifest has [tokens]."""
EMBEDDINGS = "token_embeddings"
"""The output with a vector for each token, where the net has one."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a net says of one window: P(label), and a logit and a vector for each token."""

    scores: Floats
    marks: Floats | None = None
    embeddings: Floats | None = None


class OnnxTextClassifier(OpenModel[Ints, Judged]):
    """Scores texts of any length, window by window.

    Raises:
        ModelError: the manifest says that tokens are marked, and the net has no such output.
    """

    def __init__(
        self,
        manifest: Manifest,
        shape: TextInput,
        session: Session,
        tokenizer: Tokenizer,
        *,
        workers: int = 1,
    ) -> None:
        if manifest.tokens and MARKS not in session.outputs:
            raise ModelError(f"model '{manifest.name}': [tokens], but no output '{MARKS}'")
        self._session = session
        self._manifest = manifest
        self._activation: Activation = manifest.activation
        self._marks = Scheme(("O", f"I-{manifest.tokens.label}")) if manifest.tokens else None
        self._has_learned = False
        self._markers = slice(len(tokenizer.before), -len(tokenizer.after) or None)
        batcher = Batcher(
            manifest.name, self._run, length=len, limits=limits(manifest.batch), workers=workers
        )
        super().__init__(manifest, manifest.labels, batcher)
        self._reader = Reader(tokenizer, batcher, shape)

    async def classify(self, text: str, /) -> Sequence[Scored]:
        """Score every window of a text of any length; the windows cover all of it."""
        return await once((self, text), lambda: self._classify(text))

    def threshold_for(self, label: str, fpr: float) -> float:
        """Give the score that at most this share of harmless texts reaches.

        Raises:
            ModelError: the manifest's calibration table does not say.
        """
        return self._manifest.threshold_for(label, fpr)

    def teach(self, label: str, examples: Sequence[str], counter_examples: Sequence[str]) -> Scorer:
        """Give a scorer for one new label, on the same pass. At load: it runs every example.

        Raises:
            ModelError: the net has no output for embeddings.
            ValueError: it cannot tell the examples from the counter-examples.
        """
        if EMBEDDINGS not in self._session.outputs:
            raise ModelError(
                f"model '{self.name}' cannot learn '{label}': it has no output '{EMBEDDINGS}'"
            )
        self._has_learned = True  # from here on, somebody reads the sentences
        texts = examples, counter_examples, ordinary()
        return teach(self, label, *map(self._embedded, texts))

    def warm(self) -> None:
        """Run once, so that the first request finds memory allocated."""
        self._run([self._reader.longest_row()])

    async def _classify(self, text: str) -> Sequence[Scored]:
        tokens = await self._reader.tokens(text)
        return tuple(
            [
                self._scored(text, tokens.within(window.start, window.end), judged)
                async for window, judged in self._reader.windows(tokens)
            ]
        )

    def _scored(self, text: str, tokens: Tokens, judged: Judged) -> Scored:
        return Scored(
            dict(zip(self.labels, map(score, judged.scores), strict=True)),
            _span(tokens),
            self._marked(tokens, judged.marks),
            _sentences(text, tokens, judged.embeddings),
        )

    def _marked(self, tokens: Tokens, logits: Floats | None) -> tuple[Tagged, ...]:
        if self._marks is None or logits is None:
            return ()
        chances = probabilities(logits, Activation.SIGMOID)
        tags = self._marks.tags(np.stack([1 - chances, chances], axis=-1))
        return tuple(self._marks.stretches(tokens, tags))

    def _embedded(self, texts: Sequence[str]) -> list[Vector]:
        rows = map(self._reader.first_row, texts)
        outputs = (run_rows(self._session, [row])[EMBEDDINGS][0] for row in rows)
        return [_mean(embeddings[self._markers]) for embeddings in outputs]

    def _run(self, rows: Sequence[Ints]) -> list[Judged]:
        outputs = run_rows(self._session, rows)
        scores = probabilities(first(outputs.values()), self._activation)
        marks = outputs.get(MARKS) if self._marks else None
        embeddings = outputs.get(EMBEDDINGS) if self._has_learned else None
        return [
            Judged(scores[at], self._of_row(marks, at, row), self._of_row(embeddings, at, row))
            for at, row in enumerate(rows)
        ]

    def _of_row(self, output: Floats | None, number: int, row: Ints) -> Floats | None:
        """Take what an output says of the text's tokens: not of the markers, not of padding."""
        return None if output is None else output[number, : len(row)][self._markers]


def _span(tokens: Tokens) -> Span:
    return Span(int(tokens.starts[0]), int(tokens.ends[-1]))


def _sentences(text: str, tokens: Tokens, embeddings: Floats | None) -> tuple[Sentence, ...]:
    if embeddings is None:
        return ()
    return tuple(
        Sentence(_span(tokens.within(at.start, at.end)), _mean(embeddings[at.start : at.end]))
        for at in sentences(text, tokens)
    )


def _mean(embeddings: Floats) -> Vector:
    mean: Vector = embeddings.mean(axis=0, dtype=np.float32)
    return mean
