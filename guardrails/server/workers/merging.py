"""The counts of several processes as those of one. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from prometheus_client.core import Metric
from prometheus_client.parser import text_string_to_metric_families

SUMMED = frozenset({"counter", "histogram", "summary"})
WORKER = "worker"

_Labels: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Family:
    """One metric: its samples by name and labels."""

    kind: str
    text: str
    samples: dict[tuple[str, _Labels], float] = field(default_factory=dict)

    def add(self, name: str, labels: _Labels, value: float) -> None:
        """Add to a sample."""
        key = name, labels
        self.samples[key] = self.samples.get(key, 0.0) + value


Counts: TypeAlias = dict[str, Family]


def read(page: str, worker: int) -> Counts:
    """Read what a worker has counted; what cannot be added up gets its number as a label."""
    counts: Counts = {}
    for metric in text_string_to_metric_families(page):
        if metric.name.endswith("_created"):  # a time of one process
            continue
        family = counts[metric.name] = Family(metric.type, metric.documentation)
        own = () if metric.type in SUMMED else ((WORKER, str(worker)),)
        for sample in metric.samples:
            labels = (*sorted(sample.labels.items()), *own)
            family.add(sample.name, labels, sample.value)
    return counts


def merged(all_counts: Iterable[Counts]) -> Counts:
    """Add up what can be added up, and put the rest side by side."""
    total: Counts = {}
    for counts in all_counts:
        for name, family in counts.items():
            mine = total.setdefault(name, Family(family.kind, family.text))
            for (sample, labels), value in family.samples.items():
                mine.add(sample, labels, value)
    return total


def lasting(counts: Counts) -> Counts:
    """Give what still counts when its process has ended: what it had added up."""
    return {name: family for name, family in counts.items() if family.kind in SUMMED}


def metrics(counts: Mapping[str, Family]) -> Iterable[Metric]:
    """Give them as Prometheus' client writes them."""
    for name, family in sorted(counts.items()):
        metric = Metric(name, family.text, family.kind)
        for (sample, labels), value in family.samples.items():
            metric.add_sample(sample, dict(labels), value)
        yield metric
