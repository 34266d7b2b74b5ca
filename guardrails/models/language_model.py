"""A net that tells how likely texts are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from guardrails.core.errors import ModelError
from guardrails.models.batcher import Batcher
from guardrails.models.manifest import Manifest, TextInput
from guardrails.models.model import Surprise
from guardrails.models.net import OpenModel, first, limits, run_rows
from guardrails.models.reader import Reader
from guardrails.models.session import Floats, Session
from guardrails.models.sharing import once
from guardrails.models.tokenizer import Ints, Tokenizer, Tokens
from guardrails.models.windows import Window

STATISTICS = ("found", "expected", "variance")
"""What the net gives for each token, in the order of its last axis; the names are its labels."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """What one window says of the tokens that no window before it has judged."""

    tokens: Tokens
    statistics: Floats


class OnnxLanguageModel(OpenModel[Ints, Floats]):
    """Reads texts of any length, window by window; a window's overlap is only context.

    Raises:
        ModelError: the manifest names other statistics than those that are read.
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
        if manifest.labels != STATISTICS:
            wanted = ", ".join(STATISTICS)
            raise ModelError(f"model '{manifest.name}': the labels of a language model: {wanted}")
        self._session = session
        self._tokenizer = tokenizer
        self._before = len(tokenizer.before)
        batcher = Batcher(
            manifest.name, self._run, length=len, limits=limits(manifest.batch), workers=workers
        )
        super().__init__(manifest, manifest.labels, batcher)
        self._reader = Reader(tokenizer, batcher, shape)

    async def surprise(self, text: str, /) -> Surprise:
        """Read a text of any length; all rules of a request share the pass."""
        return await once((self, text), lambda: self._surprise(text))

    def probe(self, text: str, /) -> float | None:
        """Give the mean surprise of a short text, at once: at load."""
        [statistics] = self._run([self._reader.first_row(text)])
        return float(statistics[self._before or 1 :, 0].mean())

    def warm(self) -> None:
        """Run once, so that the first request finds memory allocated."""
        self._run([self._reader.longest_row()])

    async def _surprise(self, text: str) -> Surprise:
        tokens = await self._reader.tokens(text)
        judged = 0 if self._before else 1  # of the first token, nothing is known before it
        stretches: list[_Stretch] = []
        async for window, statistics in self._reader.windows(tokens):
            stretches.append(self._fresh(tokens, window, statistics, judged))
            judged = max(judged, window.end)
        return _joined(stretches)

    def _fresh(self, tokens: Tokens, window: Window, statistics: Floats, judged: int) -> _Stretch:
        skipped = self._before + judged - window.start
        length = window.end - window.start
        fresh = statistics[skipped : self._before + length]
        return _Stretch(tokens.within(judged, window.end), fresh)

    def _run(self, rows: Sequence[Ints]) -> list[Floats]:
        outputs: Mapping[str, Floats] = run_rows(self._session, rows)
        statistics = first(outputs.values())
        return [statistics[number, : len(row)] for number, row in enumerate(rows)]


def _joined(stretches: Sequence[_Stretch]) -> Surprise:
    none = np.zeros((0, len(STATISTICS)), np.float32)
    statistics = np.concatenate([none, *(each.statistics for each in stretches)])
    found, expected, variance = statistics.T
    nowhere = np.zeros(0, np.int32)
    return Surprise(
        found,
        expected,
        variance,
        np.concatenate([nowhere, *(each.tokens.starts for each in stretches)]),
        np.concatenate([nowhere, *(each.tokens.ends for each in stretches)]),
    )
