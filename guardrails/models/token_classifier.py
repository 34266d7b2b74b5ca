"""A net that names stretches of text."""

from collections.abc import Sequence

from guardrails.models.batcher import Batcher
from guardrails.models.manifest import Activation, Manifest, TextInput
from guardrails.models.model import Tagged
from guardrails.models.net import OpenModel, first, limits, probabilities, run_rows
from guardrails.models.reader import Reader, Reading
from guardrails.models.session import Session
from guardrails.models.sharing import once
from guardrails.models.tags import Scheme, Tags, join
from guardrails.models.tokenizer import Ints, Tokenizer
from guardrails.models.windows import cores


class OnnxTokenClassifier(OpenModel[Ints, Tags]):
    """Names stretches of texts of any length."""

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
        self._scheme = Scheme(manifest.labels)
        self._activation: Activation = manifest.activation
        self._markers = slice(len(tokenizer.before), -len(tokenizer.after) or None)
        batcher = Batcher(
            manifest.name, self._run, length=len, limits=limits(manifest.batch), workers=workers
        )
        super().__init__(manifest, self._scheme.kinds, batcher)
        self._reader = Reader(tokenizer, batcher, shape)

    async def tag(self, text: str, /) -> Sequence[Tagged]:
        """Name the stretches of a text of any length, in order, not overlapping."""
        return await once((self, text), lambda: self._tag(text))

    def warm(self) -> None:
        """Run once, so that the first request finds memory allocated."""
        self._run([self._reader.longest_row()])

    async def _tag(self, text: str) -> Sequence[Tagged]:
        reading = await self._reader.read(text)
        if not reading.windows:
            return ()
        return self._scheme.stretches(reading.tokens, _merged(reading))

    def _run(self, rows: Sequence[Ints]) -> list[Tags]:
        logits = first(run_rows(self._session, rows).values())
        chances = probabilities(logits, self._activation)
        return [
            self._scheme.tags(chances[number, : len(row)][self._markers])
            for number, row in enumerate(rows)
        ]


def _merged(reading: Reading[Tags]) -> Tags:
    """Take each token from the window that sees most around it."""
    parts = []
    for window, core, tags in zip(
        reading.windows, cores(reading.windows), reading.results, strict=True
    ):
        mine = slice(core.start - window.start, core.end - window.start)
        parts.append(Tags(tags.kinds[mine], tags.begins[mine], tags.scores[mine]))
    return join(parts)
