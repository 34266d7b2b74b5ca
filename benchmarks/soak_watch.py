"""What a server and its workers hold: memory, threads and open files."""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Held:
    """At one moment, of a process and all that it started."""

    at: float
    megabytes: float
    threads: int
    files: int


def held(pid: int) -> Held:
    """Look."""
    megabytes, threads, files = 0.0, 0, 0
    for each in _family(pid):
        with suppress(OSError, IndexError):  # it may end while we look
            status = (PROC / str(each) / "status").read_text()
            megabytes += int(status.partition("VmRSS:")[2].split()[0]) / 1024
            threads += int(status.partition("Threads:")[2].split()[0])
            files += len([*(PROC / str(each) / "fd").iterdir()])
    return Held(perf_counter(), megabytes, threads, files)


def _family(pid: int) -> list[int]:
    family = [pid]
    for one in family:
        with suppress(OSError):
            children = (PROC / str(one) / "task" / str(one) / "children").read_text()
            family += map(int, children.split())
    return family
