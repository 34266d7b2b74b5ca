"""The door to onnxruntime."""

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from guardrails.core.errors import ModelError
from guardrails.models.session import Device, Hardware, OnnxSession
from guardrails.models.store import SHIPPED

CPU, CUDA, TENSORRT = (
    "CPUExecutionProvider",
    "CUDAExecutionProvider",
    "TensorrtExecutionProvider",
)


def fake_net(*got):
    """A loader of nets that run on the given providers, whatever was asked for."""
    asked = []

    def load(_weights, options, providers):
        asked.append((options, providers))
        return SimpleNamespace(get_providers=lambda: [*got], get_inputs=list, get_outputs=list)

    return load, asked


def test_a_net_runs_on_the_cpu():
    session = OnnxSession("net", (SHIPPED / "opennsfw" / "model.onnx").read_bytes(), Hardware())
    [name] = session.inputs
    [output] = session.run({name: np.zeros((2, 224, 224, 3), np.float32)})
    assert len(session.outputs) == 1
    assert output.shape == (2, 2)
    assert np.allclose(output.sum(axis=1), 1)


@pytest.mark.parametrize(
    ("device", "asked"), [(Device.CUDA, [CUDA]), (Device.TENSORRT, [TENSORRT, CUDA])]
)
def test_a_device_that_is_there_is_used(device, asked):
    load, calls = fake_net(TENSORRT, CUDA, CPU)
    OnnxSession("net", b"", Hardware(device), load=load, available=lambda: [TENSORRT, CUDA, CPU])
    assert [providers for _, providers in calls] == [asked]


@pytest.mark.parametrize(
    ("device", "missing", "there"),
    [(Device.CUDA, CUDA, [CPU]), (Device.TENSORRT, TENSORRT, [CUDA, CPU])],
)
def test_a_device_that_the_build_lacks_is_an_error_before_anything_loads(device, missing, there):
    load, calls = fake_net(*there)
    with pytest.raises(ModelError) as caught:
        OnnxSession("net", b"", Hardware(device), load=load, available=lambda: there)
    assert str(caught.value) == (
        f"model 'net': device '{device}' needs {missing}, which this build of onnxruntime does "
        f"not offer, it offers {', '.join(there)}"
    )
    assert calls == []


def test_a_device_that_was_dropped_in_silence_is_an_error():
    load, _ = fake_net(CPU)  # what onnxruntime-gpu does on a machine without a GPU
    with pytest.raises(ModelError) as caught:
        OnnxSession("net", b"", Hardware(Device.CUDA), load=load, available=lambda: [CUDA, CPU])
    assert str(caught.value) == (
        "model 'net': device 'cuda' needs CUDAExecutionProvider, which this machine does not "
        "offer, it offers CPUExecutionProvider"
    )


def test_what_is_no_net_does_not_load():
    with pytest.raises(ModelError, match="model 'net': onnxruntime cannot load it: "):
        OnnxSession("net", b"no net", Hardware())


def test_threads_are_set_and_never_spin():
    load, calls = fake_net(CPU)
    OnnxSession("net", b"", Hardware(threads=3), load=load, available=lambda: [CPU])
    [(options, _)] = calls
    assert options.intra_op_num_threads == 3
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_onnxruntime_reports_to_nobody_and_leaves_no_mark_in_the_home(tmp_path):
    unset = ("ORT_DISABLE_TELEMETRY", "XDG_CACHE_HOME", "CI", "GITHUB_ACTIONS")
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    subprocess.run(  # our own script
        [sys.executable, "-c", "import guardrails.models.session"],
        env={**environment, "HOME": str(tmp_path)},
        check=True,
    )

    assert list(tmp_path.iterdir()) == []
