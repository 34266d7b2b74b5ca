"""From a torch module to an ONNX graph."""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from guardrails.compiling.graph import OPSET
from guardrails.compiling.source import Source

INPUTS = ("input_ids", "attention_mask")
_AXES = {0: "batch", 1: "tokens"}
_TOKENS = 11  # no label count is likely to be the same


class Exporter(StrEnum):
    """The two ways that torch has; the first gives the faster graph, the second has a future."""

    TORCHSCRIPT = "torchscript"
    DYNAMO = "dynamo"


def export(source: Source, exporter: Exporter) -> bytes:
    """Write the net as a graph, free in batch and tokens."""
    with TemporaryDirectory() as folder, _quiet(), torch.no_grad():
        path = Path(folder) / "exported.onnx"
        if exporter is Exporter.DYNAMO:
            _by_dynamo(source, path)
        else:
            _by_torchscript(source, path)
        return path.read_bytes()


def _by_torchscript(source: Source, path: Path) -> None:
    outputs = source.net(*_example())
    axes = {name: _axes(value) for name, value in zip(source.outputs, outputs, strict=True)}
    torch.onnx.export(
        source.net,
        _example(),
        str(path),
        input_names=list(INPUTS),
        output_names=list(source.outputs),
        dynamic_axes=dict.fromkeys(INPUTS, _AXES) | axes,
        opset_version=OPSET,
        dynamo=False,
    )


def _by_dynamo(source: Source, path: Path) -> None:
    torch.onnx.export(
        source.net,
        _example(),
        str(path),
        input_names=list(INPUTS),
        output_names=list(source.outputs),
        dynamic_shapes=(_AXES, _AXES),
        opset_version=OPSET,
        external_data=False,
        dynamo=True,
        verbose=False,
    )


def _example() -> tuple[torch.Tensor, torch.Tensor]:
    """Two rows of unlike length, so that no axis is taken for constant."""
    ids = torch.arange(5, 5 + 2 * _TOKENS).reshape(2, _TOKENS)
    mask = torch.ones_like(ids)
    mask[1, 7:] = 0
    return ids, mask


def _axes(output: torch.Tensor) -> Mapping[int, str]:
    """Name the axes of an output that are as long as the input's."""
    return _AXES if output.dim() > 1 and output.shape[1] == _TOKENS else {0: "batch"}


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the exporters say about themselves from whoever compiles a model."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        log.setLevel(level)
