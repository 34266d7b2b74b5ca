"""From a checkpoint to a model: exported, made small, proved, and only then written."""

import logging
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from onnx import ModelProto

from guardrails.compiling import corpus, fp16, graph, int8
from guardrails.compiling.expected import ask
from guardrails.compiling.exporting import Exporter, export
from guardrails.compiling.folder import Order, shape, write
from guardrails.compiling.parity import Parity, prove
from guardrails.compiling.precision import Precision, tolerance
from guardrails.compiling.sensitivity import spared
from guardrails.compiling.source import Source
from guardrails.core.errors import ModelError
from guardrails.models.manifest import MANIFEST, Compiled, Manifest, read

_LOG = logging.getLogger(__name__)
_EVERY = 3
"""Of so many rows, one is used to find out what must be spared; the gate uses all."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A graph that may become the model.

    ``rehearsal`` is what the gate runs: the same graph, or one that computes on this machine as
    the graph will on another.
    """

    exporter: Exporter
    precision: Precision
    weights: bytes
    rehearsal: bytes


class Compiler:
    """Makes a model from a source, which it asks about every text of the corpus first.

    Raises:
        ModelError: something else is in the place, or the windows do not fit the net.
    """

    def __init__(self, source: Source, order: Order) -> None:
        _must_be_free(order.to)
        self._source = source
        self._order = order
        self._expected = ask(source, shape(source, order), corpus.texts())

    def run(self) -> Manifest:
        """Write the model when it is proved.

        Raises:
            ModelError: the source cannot be exported, or the model does not judge as it does.
                Then nothing is written.
        """
        with TemporaryDirectory() as scratch:
            folder = Path(scratch) / self._order.to.name
            plain = self._first_proved(folder, self._plain())
            if self._order.precision is not Precision.FP32:
                self._first_proved(folder, self._smaller(plain))
            _move(folder, self._order.to)
        return read(self._order.to)

    def _plain(self) -> Iterator[Candidate]:
        """Export in one way, and in the other when that does not do."""
        for exporter in Exporter:
            _LOG.info("exporting with %s", exporter)
            try:
                weights = export(self._source, exporter)
            except Exception as error:  # noqa: BLE001  # the exporters raise whatever they like
                _LOG.warning("%s cannot export it: %s", exporter, type(error).__name__)
            else:
                yield Candidate(exporter, Precision.FP32, weights, weights)

    def _smaller(self, plain: Candidate) -> Iterator[Candidate]:
        """Put as much as possible into fewer bits, then less."""
        model = graph.load(plain.weights)
        rows = [row for each in self._expected for row in each.rows]
        if self._order.precision is Precision.FP16:
            strained = fp16.strained(model, rows)
            rehearsal = fp16.halved(model, strained, pinned=True)
            yield _candidate(plain, Precision.FP16, fp16.halved(model, strained), rehearsal)
            return
        for keep in chain([()], spared(model, rows[::_EVERY])):
            small = int8.rounded(model, keep)
            yield _candidate(plain, Precision.INT8, small, small)

    def _first_proved(self, folder: Path, candidates: Iterable[Candidate]) -> Candidate:
        failure = ModelError(f"no exporter of torch can export '{self._source.kind}'")
        for candidate in candidates:
            write(folder, self._source, self._order, candidate.weights)
            _LOG.info("proving %s on %d texts", candidate.precision, len(self._expected))
            allowed = tolerance(candidate.precision, self._source.task)
            try:
                parity = prove(folder, candidate.rehearsal, self._expected, allowed)
            except ModelError as error:
                _LOG.warning("not proved: %s", error)
                failure = error
            else:
                compiled = self._compiled(candidate, parity)
                write(folder, self._source, self._order, candidate.weights, compiled)
                return candidate
        raise failure

    def _compiled(self, candidate: Candidate, parity: Parity) -> Compiled:
        return Compiled(
            source=self._source.kind,
            sha256=self._source.digest,
            precision=candidate.precision,
            exporter=candidate.exporter,
            difference=round(parity.difference, 6),
            margin=tolerance(candidate.precision, self._source.task).margin,
            texts=parity.texts,
        )


def _candidate(
    plain: Candidate, precision: Precision, model: ModelProto, rehearsal: ModelProto
) -> Candidate:
    return Candidate(plain.exporter, precision, graph.written(model), graph.written(rehearsal))


def _must_be_free(folder: Path) -> None:
    """Refuse a place with anything but an older model in it."""
    taken = folder.exists() and not (folder / MANIFEST).is_file()
    if taken and (not folder.is_dir() or any(folder.iterdir())):
        raise ModelError(f"'{folder}' holds something that is no model, give another place")


def _move(folder: Path, to: Path) -> None:
    """Put the folder in its place, beside it first, so that no half of it is ever there."""
    to.parent.mkdir(parents=True, exist_ok=True)
    new = to.with_name(f".{to.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    shutil.copytree(folder, new)
    if to.exists():
        shutil.rmtree(to)
    new.rename(to)
