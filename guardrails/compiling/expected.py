"""What a source says of the texts of the corpus: the answers that a compiled model is held to."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from transformers import PreTrainedTokenizerFast

from guardrails.compiling.source import Said, Source
from guardrails.models.manifest import TOKENIZER, TextInput


@dataclass(frozen=True, slots=True)
class Expected:
    """One text of the corpus: its rows of tokens, one a window, and what the source says of each.

    The rows are cut by the tokenizer of transformers, which knows nothing of our own windows.
    """

    number: int
    text: str
    rows: tuple[Sequence[int], ...]
    said: tuple[Said, ...]


def ask(source: Source, shape: TextInput, texts: Sequence[str]) -> tuple[Expected, ...]:
    """Have the source judge every text, row by row, alone and unpadded."""
    cut = _Cutter(source.tokenizer, shape)
    answers: dict[tuple[int, ...], Said] = {}
    return tuple(
        _asked(source, number, text, cut(text), answers) for number, text in enumerate(texts, 1)
    )


class _Cutter:
    def __init__(self, tokenizer: bytes, shape: TextInput) -> None:
        with TemporaryDirectory() as folder:
            file = Path(folder) / TOKENIZER
            file.write_bytes(tokenizer)
            self._tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(file))
        self._shape = shape

    def __call__(self, text: str) -> Iterator[tuple[int, ...]]:
        markers = self._tokenizer.num_special_tokens_to_add()
        cut = self._tokenizer(
            text,
            truncation=True,
            max_length=self._shape.window + markers,
            stride=self._shape.overlap,
            return_overflowing_tokens=True,
        )
        return (tuple(row) for row in cut["input_ids"] if len(row) > markers)


def _asked(
    source: Source,
    number: int,
    text: str,
    rows: Iterator[tuple[int, ...]],
    answers: dict[tuple[int, ...], Said],
) -> Expected:
    kept = tuple(rows)
    for row in kept:
        if row not in answers:
            answers[row] = source.says(row)
    return Expected(number, text, kept, tuple(answers[row] for row in kept))
