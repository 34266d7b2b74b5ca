"""Writes the folder of a compiled model: graph, tokenizer, manifest, and the licence files."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from guardrails.compiling.precision import Precision
from guardrails.compiling.source import Source
from guardrails.compiling.writing import toml
from guardrails.core.errors import ModelError
from guardrails.models.manifest import (
    MANIFEST,
    TOKENIZER,
    WEIGHTS,
    Activation,
    Compiled,
    Licence,
    TextInput,
)
from guardrails.models.model import Task
from guardrails.models.tokenizer import FileTokenizer

_BUDGET: Mapping[Precision, int] = {
    Precision.FP32: 512,  # tokens, padding included; more is no faster on a CPU
    Precision.FP16: 4096,  # for GPUs
    Precision.INT8: 1,  # each window by itself: on a CPU, 8 together take as long as 8 in turn
}


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made: a folder, whose name is the model's.

    ``window`` and ``overlap`` are in tokens; without them, a window is all that the net can take.
    """

    to: Path
    licence: Licence
    precision: Precision = Precision.FP32
    window: int | None = None
    overlap: int | None = None
    summary: str = ""


def shape(source: Source, order: Order) -> TextInput:
    """Say how texts become windows.

    Raises:
        ModelError: windows of that size do not fit the net, or their overlap does not fit them.
    """
    tokenizer = FileTokenizer(order.to.name, source.tokenizer)
    most = source.positions - len(tokenizer.before) - len(tokenizer.after)
    window = order.window or source.window or most
    if window > most:
        raise ModelError(f"a window of {window} tokens is too long for the net, it takes {most}")
    known = source.overlap if order.window is None else None
    overlap = next(each for each in (order.overlap, known, window // 4) if each is not None)
    if overlap > window // 2:
        raise ModelError(f"an overlap of {overlap} tokens is more than half of {window}")
    return TextInput(positions=source.positions, window=window, overlap=overlap)


def write(
    folder: Path, source: Source, order: Order, weights: bytes, compiled: Compiled | None = None
) -> None:
    """Write all files of a model, the manifest last."""
    folder.mkdir(exist_ok=True)
    files = {WEIGHTS: weights, TOKENIZER: source.tokenizer, **source.papers}
    for name, content in files.items():
        (folder / name).write_bytes(content)
    table = _manifest(source, order)
    if compiled:
        table |= {"compiled": compiled.model_dump()}
    table |= {"files": {name: {"sha256": _hash(content)} for name, content in files.items()}}
    (folder / MANIFEST).write_text(toml(table), "utf-8")


def _manifest(source: Source, order: Order) -> dict[str, object]:
    table: dict[str, object] = {
        "name": order.to.name,
        "task": source.task.value,
        "summary": order.summary or f"{source.kind}, compiled to {order.precision}",
        "scores": _scores(source),
        "labels": source.labels,
        "activation": source.activation.value,
        "text": shape(source, order).model_dump(),
        "batch": {"budget": _BUDGET[order.precision]},
        "licence": order.licence.model_dump(),
    }
    if source.marks:
        table["tokens"] = {"label": source.marks}
    if source.calibration:
        table["calibration"] = {
            label: each.model_dump() for label, each in source.calibration.items()
        }
    return table


def _scores(source: Source) -> str:
    if source.task is Task.LANGUAGE_MODEL:
        return "nats of each token: its surprise, the expected one, and the variance of that"
    way = "each label by itself" if source.activation is Activation.SIGMOID else "one of the labels"
    known = "calibrated" if source.calibration else "not calibrated"
    return f"P(label), {way}; {known}"


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()
