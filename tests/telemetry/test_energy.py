"""The estimate of energy: of a made-up machine, a made-up GPU, and of this one."""

import time
from types import SimpleNamespace

import pytest

from guardrails.telemetry import gpu
from guardrails.telemetry.energy import CpuTime, Meter, Rapl, busy, packages, sources
from guardrails.telemetry.gpu import Gpu

TICKS = 100
"""Of a processor's time in a second, on all Linux machines that there are."""


class Machine:
    """Files as Linux has them: packages that count microjoules, and the time of all cores."""

    def __init__(self, root):
        self.root, self.stat = root / "powercap", root / "stat"
        self.own = 0.0
        self.zone("intel-rapl", None)
        self.zone("intel-rapl:0", "package-0", 1_000)
        self.zone("intel-rapl:0:0", "dram", 5_000)
        self.zone("intel-rapl:1", "package-1", 2_000)
        self.zone("intel-rapl:2", "psys", 9_000)
        self.zone("intel-rapl-mmio:0", "package-0", 1_000)
        self.busy(0)

    def zone(self, name, kind, counted=0):
        zone = self.root / name
        zone.mkdir(parents=True, exist_ok=True)
        if kind is not None:
            (zone / "name").write_text(f"{kind}\n")
            (zone / "energy_uj").write_text(f"{counted}\n")
            (zone / "max_energy_range_uj").write_text("262143328850\n")

    def counts(self, number, microjoules):
        (self.root / f"intel-rapl:{number}/energy_uj").write_text(f"{microjoules}\n")

    def busy(self, seconds):
        """Work for so long, half for users, half in the system; idling and waiting do not count."""
        half = int(seconds * TICKS / 2)
        self.stat.write_text(f"cpu  {half} 0 {half} 77777 333 0 0 0 999 0\ncpu0 1 1 1 1\n")

    def rapl(self):
        return Rapl(packages(self.root), self.stat, lambda: self.own)


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_packages_are_read_and_neither_their_parts_nor_the_whole_machine(machine):
    assert [zone.name for zone in packages(machine.root)] == ["intel-rapl:0", "intel-rapl:1"]


def test_a_process_has_the_share_of_the_time_that_it_worked(machine):
    rapl = machine.rapl()
    machine.counts(0, 1_000 + 60_000_000)
    machine.counts(1, 2_000 + 20_000_000)
    machine.busy(40)
    machine.own = 10.0

    assert rapl.joules() == pytest.approx(80 * 10 / 40)


def test_a_counter_that_starts_anew_is_followed(machine):
    machine.counts(0, 262_143_000_000)
    rapl = machine.rapl()
    machine.counts(0, 1_000_000)
    machine.busy(10)
    machine.own = 10.0

    assert rapl.joules() == pytest.approx(1.32885)


def test_readings_add_up_and_never_go_back(machine):
    rapl, before = machine.rapl(), 0.0
    for step in range(1, 6):
        machine.counts(0, 1_000 + step * 10_000_000)
        machine.busy(step * 4)
        machine.own = step * 2.0
        assert rapl.joules() == pytest.approx(before + 5)
        before = rapl.joules()


def test_no_share_is_more_than_all(machine):
    rapl = machine.rapl()
    machine.counts(0, 1_000 + 10_000_000)
    machine.busy(1)
    machine.own = 5.0  # the machine's clock ticks coarsely

    assert rapl.joules() == pytest.approx(10)


def test_files_that_go_away_leave_the_last_figure(machine):
    rapl = machine.rapl()
    machine.counts(0, 1_000 + 10_000_000)
    machine.busy(1)
    machine.own = 1.0
    before = rapl.joules()
    (machine.root / "intel-rapl:0/energy_uj").unlink()

    assert rapl.joules() == before == pytest.approx(10)


@pytest.mark.parametrize("spoilt", ["missing", "unreadable", "no number"])
def test_packages_that_cannot_be_read_are_no_source(machine, spoilt):
    for number in (0, 1):
        file = machine.root / f"intel-rapl:{number}/energy_uj"
        if spoilt == "no number":
            file.write_text("?\n")
        else:
            file.unlink()
        if spoilt == "unreadable":
            file.mkdir()

    assert [source.name for source in sources(4.0, machine.root)] == ["cpu_time"]


def test_a_machine_without_the_folder_has_the_processors_time_alone(tmp_path):
    assert [source.name for source in sources(4.0, tmp_path / "none")] == ["cpu_time"]


def test_work_costs_its_processor_time_times_the_watts():
    source = CpuTime(watts=10.0)
    joules, seconds = source.joules(), time.process_time()
    while time.process_time() < seconds + 0.1:
        pass

    assert source.joules() - joules == pytest.approx(1.0, rel=0.2)


def test_the_time_of_this_machine_can_be_read():
    assert busy(SimpleNamespace(read_text=lambda: "cpu  100 100 100 5 5 100 0 0 7 7\n")) == 4.0


def test_a_meter_reads_counters_by_itself_so_that_none_is_missed(machine):
    rapl = machine.rapl()
    meter = Meter([CpuTime(), rapl], every=0.01)
    machine.counts(0, 1_000 + 10_000_000)
    machine.busy(1)
    machine.own = 1.0
    until = time.monotonic() + 20
    while rapl._joules == 0 and time.monotonic() < until:
        time.sleep(0.01)
    meter.close()

    assert rapl._joules == pytest.approx(10)
    assert set(meter.joules()) == {"cpu_time", "rapl"}


class Nvml:
    """A driver that counts, or tells its power alone, or fails."""

    class NVMLError(Exception):
        pass

    def __init__(self, *, counts=True, there=True):
        self.counts, self.there = counts, there
        self.millijoules, self.milliwatts, self.fails = 5_000, 300_000, False
        self.asked = None

    def nvmlInit(self):  # noqa: N802  # the library's names, here and below
        if not self.there:
            raise self.NVMLError("no driver")

    def nvmlDeviceGetHandleByIndex(self, index):  # noqa: N802
        self.asked = index
        return index

    def nvmlDeviceGetHandleByUUID(self, uuid):  # noqa: N802
        self.asked = uuid
        return uuid

    def nvmlDeviceGetTotalEnergyConsumption(self, _):  # noqa: N802
        if self.fails or not self.counts:
            raise self.NVMLError("not supported")
        return self.millijoules

    def nvmlDeviceGetPowerUsage(self, _):  # noqa: N802
        if self.fails:
            raise self.NVMLError("lost")
        return self.milliwatts


def test_a_gpu_that_counts_is_read_from_when_it_was_opened():
    nvml = Nvml()
    source = Gpu(nvml)
    nvml.millijoules += 2_500

    assert source.joules() == 2.5
    assert source.joules() == 2.5


def test_a_gpu_that_tells_its_power_is_added_up_over_time():
    source = Gpu(Nvml(counts=False))
    time.sleep(0.1)

    assert 0.1 * 300 <= source.joules() < 100 * 300


def test_a_driver_that_fails_for_a_moment_loses_nothing():
    nvml = Nvml()
    source = Gpu(nvml)
    nvml.fails = True
    nvml.millijoules += 1_000
    during = source.joules()
    nvml.fails = False
    nvml.millijoules += 1_000

    assert (during, source.joules()) == (0.0, 2.0)


@pytest.mark.parametrize(
    ("visible", "device"),
    [("", 0), ("2,3", 2), ("GPU-0a1b", "GPU-0a1b"), ("-1", 0), ("nonsense", 0)],
)
def test_the_gpu_is_the_first_that_the_process_may_see(monkeypatch, visible, device):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    nvml = Nvml()
    Gpu(nvml)

    assert nvml.asked == device


def test_where_there_is_no_driver_there_is_no_source(monkeypatch):
    monkeypatch.setattr(gpu, "import_module", lambda _: Nvml(there=False))

    assert gpu.gpu() is None
