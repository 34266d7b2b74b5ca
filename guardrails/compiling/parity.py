"""The gate: a compiled model must judge as its source does, or it is not written.

It compares by the *names* of labels, through the manifest as written and the classes that serve,
so labels in a wrong order, a wrong activation, a tokenizer that cuts otherwise, padding that leaks
and numbers that overflow all show.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from guardrails.compiling.expected import Expected
from guardrails.compiling.precision import OF_TOKENS, TOLERANCES, Precision, Tolerance
from guardrails.compiling.source import Said
from guardrails.core.errors import ModelError
from guardrails.models.manifest import TOKENIZER, Activation, Manifest, read
from guardrails.models.model import Task
from guardrails.models.net import first, probabilities, run_rows
from guardrails.models.session import Floats, Hardware, OnnxSession, Session
from guardrails.models.store import ModelStore
from guardrails.models.text_classifier import MARKS, OnnxTextClassifier
from guardrails.models.tokenizer import FileTokenizer, Ints
from guardrails.models.windows import cut

BATCHES = (1, 8, 64)
"""Rows that run together. Their lengths are as the corpus has them: ragged."""
OF_VOCABULARIES = (1, 4)
"""Where each token costs a number for every word there is, which 64 rows have no room for."""
_SHOWN = 5
_UNCALIBRATED = (0.5,)


class ParityError(ModelError):
    """A compiled model judges otherwise than its source."""


@dataclass(frozen=True, slots=True)
class Parity:
    """How well a compiled model agrees with its source: the greatest difference in probability."""

    difference: float
    texts: int


@dataclass(frozen=True, slots=True)
class Pair:
    """What source and compiled model say of one label in one text, window by window or token."""

    text: int
    label: str
    source: Floats
    compiled: Floats

    @property
    def difference(self) -> float:
        """The greatest; infinite where the two cannot even be compared."""
        if self.source.shape != self.compiled.shape or not np.isfinite(self.compiled).all():
            return float("inf")
        return float(np.abs(self.source - self.compiled).max(initial=0.0))

    def flips(self, threshold: float, margin: float) -> bool:
        """Whether a verdict differs where the source is not in doubt."""
        differs = (self.source >= threshold) != (self.compiled >= threshold)
        return bool((differs & (np.abs(self.source - threshold) > margin)).any())


def prove(
    folder: Path, weights: bytes, expected: Sequence[Expected], tolerance: Tolerance
) -> Parity:
    """Hold the model in a folder to what its source says.

    ``weights`` are those of the folder, or stand-ins that compute here as those will elsewhere.

    Raises:
        ParityError: it differs too much; the message names texts by number, labels and scores.
    """
    manifest = read(folder)
    _must_have_labels(manifest, expected)
    _must_cut_alike(manifest, expected)
    session = OnnxSession(manifest.name, weights, Hardware())
    pairs = [pair for size in _sizes(manifest) for pair in _run(manifest, session, expected, size)]
    if manifest.task is Task.TEXT_CLASSIFICATION:
        pairs += asyncio.run(_serve(folder, expected))
    _must_agree(manifest, pairs, tolerance)
    return Parity(max(pair.difference for pair in pairs), len(expected))


def _sizes(manifest: Manifest) -> Sequence[int]:
    if manifest.task is Task.LANGUAGE_MODEL:
        return OF_VOCABULARIES
    return BATCHES if manifest.batch.budget > 1 else (1,)


def _must_have_labels(manifest: Manifest, expected: Sequence[Expected]) -> None:
    there = {label for each in expected for said in each.said for label in said.scores}
    if there != set(manifest.labels) or len(there) != len(manifest.labels):
        raise ParityError(
            f"model '{manifest.name}': the source's labels are {', '.join(sorted(there))}, "
            f"the manifest's are {', '.join(manifest.labels)}"
        )


def _must_cut_alike(manifest: Manifest, expected: Sequence[Expected]) -> None:
    """Hold our tokenizer and windows to those of transformers."""
    assert manifest.text is not None  # noqa: S101  # only models of texts are compiled
    tokenizer = FileTokenizer(manifest.name, (manifest.folder / TOKENIZER).read_bytes())
    for each in expected:
        ids = tokenizer.read(each.text).ids
        windows = cut(len(ids), window=manifest.text.window, overlap=manifest.text.overlap)
        rows = tuple(
            (*tokenizer.before, *ids[window.start : window.end].tolist(), *tokenizer.after)
            for window in windows
        )
        if rows != each.rows:
            raise ParityError(
                f"model '{manifest.name}': text {each.number} is cut into other tokens "
                "than transformers cuts it into"
            )


def _run(
    manifest: Manifest, session: Session, expected: Sequence[Expected], size: int
) -> Iterator[Pair]:
    """Run the rows of all texts, so many at a time."""
    rows = [
        (each.number, np.array(row, np.int32), said)
        for each in expected
        for row, said in zip(each.rows, each.said, strict=True)
    ]
    for start in range(0, len(rows), size):
        some = rows[start : start + size]
        outputs = _outputs(manifest, session, [row for _, row, _ in some])
        chances = probabilities(first(outputs.values()), manifest.activation)
        for place, (number, row, said) in enumerate(some):
            part = ... if manifest.task is Task.TEXT_CLASSIFICATION else slice(len(row))
            yield from _by_label(number, manifest.labels, said, chances[place][part])
            if said.marks is not None:
                marks = probabilities(outputs[MARKS][place, : len(row)], Activation.SIGMOID)
                yield Pair(number, MARKS, said.marks, marks)


def _outputs(manifest: Manifest, session: Session, rows: Sequence[Ints]) -> Mapping[str, Floats]:
    try:
        return run_rows(session, rows)
    except Exception as error:  # onnxruntime's errors share no other base
        raise ParityError(
            f"model '{manifest.name}' does not run on {len(rows)} rows of up to "
            f"{max(map(len, rows))} tokens: {type(error).__name__}"
        ) from error


def _by_label(number: int, labels: Sequence[str], said: Said, chances: Floats) -> Iterator[Pair]:
    for column, label in enumerate(labels):
        yield Pair(number, label, said.scores[label], chances[..., column])


async def _serve(folder: Path, expected: Sequence[Expected]) -> list[Pair]:
    """Open the model as a sidecar does, and have it classify all texts at once."""
    with ModelStore([folder.parent]) as store:
        model = store.open(folder.name)
        assert isinstance(model, OnnxTextClassifier)  # noqa: S101  # its manifest says so
        found = await asyncio.gather(*(model.classify(each.text) for each in expected))
    return [
        Pair(
            each.number,
            label,
            np.array([said.scores[label] for said in each.said], np.float32),
            np.array([scored.scores[label] for scored in windows], np.float32),
        )
        for each, windows in zip(expected, found, strict=True)
        for label in model.labels
    ]


def _must_agree(manifest: Manifest, pairs: Iterable[Pair], tolerance: Tolerance) -> None:
    wrong = [pair for pair in pairs if not _agrees(pair, _thresholds(manifest), tolerance)]
    if not wrong:
        return
    wrong.sort(key=lambda pair: -pair.difference)
    texts = len({pair.text for pair in wrong})
    shown = "; ".join(
        f"text {pair.text}, '{pair.label}': {pair.difference:.4f}" for pair in wrong[:_SHOWN]
    )
    raise ParityError(
        f"model '{manifest.name}' judges {texts} texts otherwise than its source, by more than "
        f"{tolerance.difference:g} or across a threshold: {shown}"
    )


def _thresholds(manifest: Manifest) -> Mapping[str, Sequence[float]]:
    return {
        label: tuple(score for _, score in calibration.fpr)
        for label, calibration in manifest.calibration.items()
    }


def _agrees(pair: Pair, thresholds: Mapping[str, Sequence[float]], tolerance: Tolerance) -> bool:
    if pair.label == MARKS and tolerance == TOLERANCES[Precision.INT8]:
        tolerance = OF_TOKENS
    if pair.difference > tolerance.difference:
        return False
    at = thresholds.get(pair.label, _UNCALIBRATED)
    return not any(pair.flips(threshold, tolerance.margin) for threshold in at)
