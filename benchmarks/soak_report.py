"""What a soak has shown, and whether it is good enough. Pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.measure import percentile
from benchmarks.soak_load import SLACK_SECONDS, Fate, Kind, Request
from benchmarks.soak_watch import Held

WARM = 0.3
"""Of the time, in which memory may still grow."""
LONG_MINUTES = 10.0
_MOST_SAMPLES = 300


@dataclass(frozen=True, slots=True)
class Limits:
    """What is promised. Memory is in megabytes, over the time after it was warm."""

    growth: float
    threads: int
    files: int
    late: float
    """Of what was let in: judged too late for its caller."""
    p99: float
    recovered: float
    sheds: bool
    """Whether some must be shed: a short look at what it can do may be wrong."""

    @classmethod
    def of(cls, minutes: float, deadline: float) -> "Limits":
        """A short run tells less: allocators still fill up, and whatever else runs is felt more."""
        if minutes >= LONG_MINUTES:
            return cls(24.0, 2, 8, late=0.02, p99=deadline, recovered=2.0, sheds=True)
        p99 = deadline + SLACK_SECONDS
        return cls(64.0, 2, 8, late=0.5, p99=p99, recovered=deadline, sheds=False)


@dataclass(frozen=True, slots=True)
class Report:
    """One run. Seconds are from when a request was due; ``late`` is a share of what was let in."""

    capacity: float
    rate: float
    fates: dict[str, int]
    codes: dict[str, int]
    kinds: dict[str, dict[str, int]]
    late: float
    p50: float
    p99: float
    slowest: float
    p99_by_kind: dict[str, float]
    refused_p99: float
    recovered: float
    megabytes: tuple[float, float, float]
    """At the first look, when it was warm, and at the end."""
    growth: float
    growth_an_hour: float
    threads: tuple[int, int]
    files: tuple[int, int]

    def broken(self, limits: Limits) -> Iterator[str]:
        """Give what was not kept."""
        for fate in (Fate.STUCK, Fate.FAILED):
            if self.fates[fate]:
                yield f"{self.fates[fate]} requests {fate} {self.codes}"
        if not self.fates[Fate.JUDGED] or (limits.sheds and not self.fates[Fate.SHED]):
            yield f"nothing was judged, or nothing shed: {_told(self.fates)}"
        if self.growth > limits.growth:
            yield f"memory grew by {self.growth:.0f} MB"
        if self.threads[1] > self.threads[0] + limits.threads:
            yield f"threads grew from {self.threads[0]} to {self.threads[1]}"
        if self.files[1] > self.files[0] + limits.files:
            yield f"open files grew from {self.files[0]} to {self.files[1]}"
        if self.late > limits.late:
            yield f"{self.late:.1%} of what was let in came too late"
        if self.p99 > limits.p99:
            yield f"what was judged took {self.p99:.1f} s at p99"
        if self.recovered > limits.recovered:
            yield f"{self.recovered:.1f} s for one request when all was over"

    def text(self) -> str:
        """Write it for a person."""
        first, warm, last = self.megabytes
        lines = [
            f"came in a second      {self.rate:8.1f}  (it can do {self.capacity:.1f})",
            f"requests              {sum(self.fates.values()):8d}  {_told(self.fates)}",
        ]
        for kind, fates in self.kinds.items():
            lines.append(f"  {kind:19} {sum(fates.values()):8d}  {_told(fates)}")
        lines += [
            f"too late, when let in {self.late:8.1%}",
            f"judged, p50           {self.p50:8.3f} s",
            f"judged, p99           {self.p99:8.3f} s  slowest {self.slowest:.3f} s",
            *(f"  {kind:19} {seconds:8.3f} s" for kind, seconds in self.p99_by_kind.items()),
            f"refused, p99          {self.refused_p99:8.3f} s",
            f"one request after it  {self.recovered:8.3f} s",
            f"memory                {last:8.0f} MB, {first:.0f} at first, {warm:.0f} when warm",
            f"growth when warm      {self.growth:8.1f} MB, {self.growth_an_hour:.1f} an hour",
            f"threads               {self.threads[1]:8d}  {self.threads[0]} when warm",
            f"open files            {self.files[1]:8d}  {self.files[0]} when warm",
        ]
        return "\n".join(lines)


def report(
    capacity: float,
    rate: float,
    requests: Sequence[Request],
    after: Sequence[Request],
    samples: Sequence[Held],
) -> Report:
    """Work out what a run has shown."""
    judged = [one for one in requests if one.fate is Fate.JUDGED]
    late = sum(one.fate in {Fate.LATE, Fate.STUCK} for one in requests)
    refused = [one.seconds for one in requests if one.fate is Fate.SHED]
    seconds = [one.seconds for one in judged] or [0.0]
    warm = samples[int(len(samples) * WARM) :]
    slope = _slope([(one.at, one.megabytes) for one in warm])
    third = max(1, len(warm) // 3)
    everything = [*requests, *after]
    return Report(
        capacity=capacity,
        rate=rate,
        fates=_fates(everything),
        codes=dict(Counter(one.code for one in everything if one.code)),
        kinds={kind: _fates(one for one in requests if one.kind is kind) for kind in Kind},
        late=late / max(1, late + len(judged)),
        p50=median(seconds),
        p99=percentile(seconds, 0.99),
        slowest=max(seconds),
        p99_by_kind={
            kind: percentile([one.seconds for one in judged if one.kind is kind] or [0.0], 0.99)
            for kind in Kind
        },
        refused_p99=percentile(refused or [0.0], 0.99),
        recovered=median(one.seconds for one in after),
        megabytes=(
            samples[0].megabytes,
            median(one.megabytes for one in warm[:third]),
            median(one.megabytes for one in warm[-third:]),
        ),
        growth=slope * (warm[-1].at - warm[0].at),
        growth_an_hour=slope * 3600,
        threads=(
            max(one.threads for one in warm[:third]),
            max(one.threads for one in warm[-third:]),
        ),
        files=(max(one.files for one in warm[:third]), max(one.files for one in warm[-third:])),
    )


def _fates(requests: "Sequence[Request] | Iterator[Request]") -> dict[str, int]:
    counted = Counter(one.fate for one in requests)
    return {fate: counted[fate] for fate in Fate}


def _told(fates: dict[str, int]) -> str:
    return ", ".join(f"{number} {fate}" for fate, number in fates.items() if number)


def _slope(points: Sequence[tuple[float, float]]) -> float:
    """The median of the slopes between all pairs (Theil and Sen): outliers do not move it."""
    few = points[:: max(1, len(points) // _MOST_SAMPLES)]
    slopes = [
        (y - before) / (x - at)
        for number, (x, y) in enumerate(few)
        for at, before in few[:number]
        if x > at
    ]
    return median(slopes) if slopes else 0.0
