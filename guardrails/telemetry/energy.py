"""An estimate of the energy that this process uses; `docs/observability.md` has the method."""

import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Protocol, Self

WATTS_PER_CORE = 4.0
"""Of one busy logical core. Published averages of clouds lie from 3.5 to 4.3, of single processors
from 1.6 to 6.0: it may be wrong by a factor of two either way."""
POWERCAP = Path("/sys/class/powercap")
STAT = Path("/proc/stat")
READ_SECONDS = 10.0
"""Counters of packages start anew at their end: they are read far more often."""

_PACKAGE = re.compile(r"intel-rapl:\d+")
"""A processor package; AMD's are named so too. Zones in it have one more number."""
_IDLE = slice(3, 5)
"""Where /proc/stat has the time of idling, and of waiting for disks."""
_OWN = 8
"""How many of its columns are not part of another."""


class Source(Protocol):
    """Tells how much energy was used since it was opened, as far as it knows."""

    @property
    def name(self) -> str:
        """Its name in metrics."""

    def joules(self) -> float:
        """Read it. Safe to call from any thread; it never goes back."""


class CpuTime:
    """The processor's time of this process, times the power of a busy core."""

    name = "cpu_time"

    def __init__(self, watts: float = WATTS_PER_CORE) -> None:
        self._watts = watts

    def joules(self) -> float:
        """Read it."""
        return time.process_time() * self._watts


class Rapl:
    """This process' share of what packages count: as large as that of the time they were busy."""

    name = "rapl"

    def __init__(
        self,
        zones: Sequence[Path],
        stat: Path = STAT,
        own: Callable[[], float] = time.process_time,
    ) -> None:
        self._zones, self._stat, self._own = tuple(zones), stat, own
        self._reading = Lock()
        self._joules = 0.0
        self._last = self._now()

    def joules(self) -> float:
        """Add what came since the last reading."""
        with self._reading:
            try:
                now = self._now()
            except (OSError, ValueError, IndexError):  # it was there a moment ago
                return self._joules
            used = sum(map(_since, self._zones, self._last[0], now[0]))
            busy, own = now[1] - self._last[1], now[2] - self._last[2]
            if busy > 0:
                self._joules += used * min(1.0, own / busy)
                self._last = now
            return self._joules

    def _now(self) -> tuple[list[int], float, float]:
        return [_number(zone / "energy_uj") for zone in self._zones], busy(self._stat), self._own()


def packages(root: Path = POWERCAP) -> list[Path]:
    """Give the zones of packages that may be read: none in most containers and virtual machines."""
    try:
        zones = sorted(zone for zone in root.iterdir() if _PACKAGE.fullmatch(zone.name))
        return [zone for zone in zones if _is_package(zone)]
    except OSError:
        return []


def busy(stat: Path) -> float:
    """Give the seconds that all cores of the machine have worked."""
    columns = [int(one) for one in stat.read_text().splitlines()[0].split()[1 : _OWN + 1]]
    return (sum(columns) - sum(columns[_IDLE])) / os.sysconf("SC_CLK_TCK")


class Meter:
    """All sources; those that count by themselves are read from a thread now and then.

    Args:
        sources: what is there to read.
        every: seconds between readings.
    """

    def __init__(self, sources: Sequence[Source], every: float = READ_SECONDS) -> None:
        self._sources = tuple(sources)
        self._every = every
        self._stopping = Event()
        self._thread = Thread(target=self._keep_reading, name="guardrails-energy", daemon=True)
        if any(not isinstance(source, CpuTime) for source in self._sources):
            self._thread.start()

    def joules(self) -> Mapping[str, float]:
        """Read every source, by name."""
        return {source.name: source.joules() for source in self._sources}

    def close(self) -> None:
        """Read no more."""
        self._stopping.set()

    def _keep_reading(self) -> None:
        while not self._stopping.wait(self._every):
            self.joules()


@dataclass(frozen=True, slots=True)
class Used:
    """An estimate of what so many verdicts have used, by source."""

    joules: Mapping[str, float]
    verdicts: int

    @classmethod
    def between(
        cls, before: Mapping[str, float], after: Mapping[str, float], verdicts: int
    ) -> Self:
        """Take the difference of two readings."""
        return cls({name: after[name] - before[name] for name in before}, verdicts)

    @property
    def each(self) -> Mapping[str, float]:
        """Joules for each verdict."""
        return {name: joules / max(1, self.verdicts) for name, joules in self.joules.items()}

    def told(self) -> dict[str, object]:
        """Give it as values for JSON."""
        return {
            "estimate": True,
            "joules": {name: round(number, 3) for name, number in self.joules.items()},
            "joules_per_verdict": {name: round(number, 6) for name, number in self.each.items()},
        }

    def __str__(self) -> str:
        by_source = (f"{number:.3g} J by {name}" for name, number in self.each.items())
        return f"{', '.join(by_source)} for each verdict, an estimate: see docs/observability.md"


def sources(watts: float, root: Path = POWERCAP) -> list[Source]:
    """Give what can be read of the processor here."""
    zones = packages(root)
    return [CpuTime(watts), *([Rapl(zones)] if zones else [])]


def _is_package(zone: Path) -> bool:
    """Whether it is one and may be read; `psys` is the whole machine, packages and all."""
    try:
        _number(zone / "energy_uj")
        return (zone / "name").read_text().startswith("package")
    except (OSError, ValueError):
        return False


def _since(zone: Path, before: int, now: int) -> float:
    """Give the joules between two readings of a counter that starts anew at its end."""
    if now < before:
        now += _number(zone / "max_energy_range_uj")
    return (now - before) / 1e6


def _number(file: Path) -> int:
    return int(file.read_text())
