"""The door to onnxruntime: one net, ready to run, on the device that was asked for."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

# it reads this as it is loaded; otherwise it reports to its makers from then on, and marks the home
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import onnxruntime as ort

from guardrails.core.errors import ModelError

Tensor: TypeAlias = NDArray[np.generic]
Floats: TypeAlias = NDArray[np.float32]

_FATAL_ONLY = 4


class Device(StrEnum):
    """What nets run on."""

    CPU = "cpu"
    CUDA = "cuda"
    TENSORRT = "tensorrt"


_PROVIDERS: Mapping[Device, tuple[str, ...]] = {
    Device.CPU: ("CPUExecutionProvider",),
    Device.CUDA: ("CUDAExecutionProvider",),
    Device.TENSORRT: ("TensorrtExecutionProvider", "CUDAExecutionProvider"),
}


@dataclass(frozen=True, slots=True)
class Hardware:
    """Where nets run, and on how much of it.

    ``threads`` work on one batch; ``workers`` run batches of one model side by side. ``patience``
    is the seconds after which a batch counts as hung; more, where such batches usually take long.
    """

    device: Device = Device.CPU
    threads: int = 1
    workers: int = 1
    patience: float = 10.0


class Session(Protocol):
    """A net, ready to run. Safe to call from many threads; holds no lock."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of its inputs."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names of its outputs."""

    def run(self, feed: Mapping[str, Tensor], /) -> Sequence[Floats]:
        """Give its outputs, in the order of their names."""


class OnnxSession:
    """A net in onnxruntime.

    ``weights`` are the bytes that were verified, so nothing can change between the two.

    Raises:
        ModelError: the device is not there, or the net does not load.
    """

    def __init__(
        self,
        name: str,
        weights: bytes,
        hardware: Hardware,
        *,
        load: Callable[..., ort.InferenceSession] = ort.InferenceSession,
        available: Callable[[], Sequence[str]] = ort.get_available_providers,
    ) -> None:
        providers = _PROVIDERS[hardware.device]
        _must_hold(name, hardware.device, providers, available(), "this build of onnxruntime")
        try:
            self._net = load(weights, _options(hardware), providers=list(providers))
        except Exception as error:  # onnxruntime's errors share no other base
            raise ModelError(f"model '{name}': onnxruntime cannot load it: {error}") from error
        # a provider that fails to start is dropped with no more than a line in a log
        loaded = self._net.get_providers()
        _must_hold(name, hardware.device, providers, loaded, "this machine")
        self.inputs = tuple(node.name for node in self._net.get_inputs())
        self.outputs = tuple(node.name for node in self._net.get_outputs())

    def run(self, feed: Mapping[str, Tensor], /) -> Sequence[Floats]:
        """Give its outputs, in the order of their names."""
        outputs: Sequence[Floats] = self._net.run(None, dict(feed))
        return outputs


class Renewable:
    """A net that can be opened anew in place of itself; what runs in the old one ends there."""

    def __init__(self, load: Callable[[], Session]) -> None:
        self._load = load
        self._net = load()
        self.inputs = self._net.inputs
        self.outputs = self._net.outputs

    def renew(self) -> None:
        """Open it anew.

        Raises:
            ModelError: its files are gone or were altered, or it does not load.
        """
        self._net = self._load()

    def run(self, feed: Mapping[str, Tensor], /) -> Sequence[Floats]:
        """Give its outputs, in the order of their names."""
        return self._net.run(feed)


def _must_hold(
    name: str, device: Device, wanted: Sequence[str], there: Sequence[str], where: str
) -> None:
    for provider in wanted:
        if provider not in there:
            raise ModelError(
                f"model '{name}': device '{device}' needs {provider}, which {where} does not "
                f"offer, it offers {', '.join(there)}"
            )


def _options(hardware: Hardware) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = hardware.threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.enable_cpu_mem_arena = True
    options.enable_mem_pattern = False  # it remembers one plan for each shape, and ours vary
    options.log_severity_level = _FATAL_ONLY
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options
