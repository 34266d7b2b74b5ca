"""A net that scores texts."""

from collections.abc import Sequence

from guardrails.core.view import Span
from guardrails.models.batcher import Batcher
from guardrails.models.manifest import Activation, Manifest, TextInput
from guardrails.models.model import Scored
from guardrails.models.net import OpenModel, limits, probabilities, run_rows, score
from guardrails.models.reader import Reader
from guardrails.models.session import Floats, Session
from guardrails.models.sharing import once
from guardrails.models.tokenizer import Ints, Tokenizer, Tokens
from guardrails.models.windows import Window


class OnnxTextClassifier(OpenModel[Ints, Floats]):
    """Scores texts of any length, window by window."""

    def __init__(
        self,
        manifest: Manifest,
        shape: TextInput,
        session: Session,
        tokenizer: Tokenizer,
        *,
        workers: int = 1,
    ) -> None:
        self._session = session
        self._activation: Activation = manifest.activation
        batcher = Batcher(
            manifest.name, self._run, length=len, limits=limits(manifest.batch), workers=workers
        )
        super().__init__(manifest, manifest.labels, batcher)
        self._reader = Reader(tokenizer, batcher, shape)

    async def classify(self, text: str, /) -> Sequence[Scored]:
        """Score every window of a text of any length; the windows cover all of it."""
        return await once((self, text), lambda: self._classify(text))

    def warm(self) -> None:
        """Run once, so that the first request finds memory allocated."""
        self._run([self._reader.longest_row()])

    async def _classify(self, text: str) -> Sequence[Scored]:
        reading = await self._reader.read(text)
        return tuple(
            Scored(dict(zip(self.labels, map(score, row), strict=True)), _span(reading.tokens, at))
            for at, row in zip(reading.windows, reading.results, strict=True)
        )

    def _run(self, rows: Sequence[Ints]) -> list[Floats]:
        return list(probabilities(run_rows(self._session, rows), self._activation))


def _span(tokens: Tokens, window: Window) -> Span:
    return Span(int(tokens.starts[window.start]), int(tokens.ends[window.end - 1]))
