"""The door to NVML: what a GPU has used. Tested with a stand-in; it has not run on a GPU."""

import os
import time
from contextlib import suppress
from importlib import import_module
from threading import Lock
from typing import Any


class Gpu:
    """All of one GPU's energy, whoever used it, since this was opened.

    Args:
        nvml: the module `pynvml`, or what stands for it.

    Raises:
        Exception: NVML's own, when there is no driver or no such GPU.
    """

    name = "gpu"

    def __init__(self, nvml: Any) -> None:
        self._nvml = nvml
        nvml.nvmlInit()
        self._device = _device(nvml)
        self._reading = Lock()
        self._joules = 0.0
        self._at, self._counter = time.monotonic(), self._counted()

    def joules(self) -> float:
        """Add what came since the last reading."""
        with self._reading:
            with suppress(self._nvml.NVMLError):  # the next reading has it all
                self._read()
            return self._joules

    def _read(self) -> None:
        counter, now = self._counted(), time.monotonic()
        if counter is not None and self._counter is not None:
            self._joules += max(0, counter - self._counter) / 1000
        else:
            self._joules += (
                self._nvml.nvmlDeviceGetPowerUsage(self._device) / 1000 * (now - self._at)
            )
        self._at, self._counter = now, counter

    def _counted(self) -> int | None:
        """Give millijoules since the driver was loaded; None where a GPU tells its power alone."""
        try:
            return int(self._nvml.nvmlDeviceGetTotalEnergyConsumption(self._device))
        except self._nvml.NVMLError:
            return None


def gpu() -> Gpu | None:
    """Open the GPU that nets run on; None where it cannot be read."""
    try:
        return Gpu(import_module("pynvml"))
    except Exception:  # noqa: BLE001  # whatever a driver does: an estimate is not worth a start
        return None


def _device(nvml: Any) -> Any:
    """Give the first GPU that this process may see, which is the one that nets run on."""
    first = os.environ.get("CUDA_VISIBLE_DEVICES", "").partition(",")[0].strip()
    if first.startswith(("GPU-", "MIG-")):
        return nvml.nvmlDeviceGetHandleByUUID(first)
    return nvml.nvmlDeviceGetHandleByIndex(int(first) if first.isdigit() else 0)
