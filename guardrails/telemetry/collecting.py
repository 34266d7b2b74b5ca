"""Numbers that are read when somebody scrapes: what models have to do, spans, and energy."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from guardrails.telemetry.energy import Meter
from guardrails.telemetry.model_load import ModelLoad, Spread


class Models(Collector):
    """What the models that are open have to do, by name."""

    def __init__(self, loads: Callable[[], Mapping[str, ModelLoad]]) -> None:
        self._loads = loads

    def collect(self) -> Iterator[Metric]:
        """Read every load."""
        loads = self._loads()
        yield _spreads("guardrails_model_batch_items", "items that ran together", loads, "sizes")
        yield _spreads("guardrails_model_batch_seconds", "time of one batch", loads, "seconds")
        yield _spreads(
            "guardrails_model_wait_seconds", "time of an item in the queue", loads, "waited"
        )
        queued = GaugeMetricFamily(
            "guardrails_model_queue_items", "items that wait", labels=["model"]
        )
        failed = CounterMetricFamily(
            "guardrails_model_failures", "batches that failed", labels=["model"]
        )
        dropped = CounterMetricFamily(
            "guardrails_model_dropped_items",
            "items that nobody waited for any more, or not in time",
            labels=["model"],
        )
        for name, load in loads.items():
            queued.add_metric([name], load.queued)
            failed.add_metric([name], load.failed)
            dropped.add_metric([name], load.dropped)
        yield from (queued, failed, dropped, *_health(loads))


class Spans(Collector):
    """What became of the spans of traces."""

    def __init__(self, counted: Callable[[], Mapping[str, int]]) -> None:
        self._counted = counted

    def collect(self) -> Iterable[Metric]:
        """Read the counts."""
        spans = CounterMetricFamily(
            "guardrails_spans", "spans that were sent, lost or dropped", labels=["fate"]
        )
        for fate, number in self._counted().items():
            spans.add_metric([fate], number)
        return [spans]


class Energy(Collector):
    """An estimate of what the process has used."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter

    def collect(self) -> Iterable[Metric]:
        """Read every source."""
        joules = CounterMetricFamily(
            "guardrails_energy_joules",
            "an estimate of the energy used; sources overlap, never add them up",
            labels=["source"],
        )
        for source, number in self._meter.joules().items():
            joules.add_metric([source], number)
        return [joules]


def _health(loads: Mapping[str, ModelLoad]) -> tuple[Metric, Metric]:
    well = GaugeMetricFamily(
        "guardrails_model_well", "0 while a net that hung or failed is replaced", labels=["model"]
    )
    replaced = CounterMetricFamily(
        "guardrails_model_replacements", "nets that were replaced", labels=["model"]
    )
    for name, load in loads.items():
        well.add_metric([name], load.is_well)
        replaced.add_metric([name], load.replaced)
    return well, replaced


def _spreads(
    name: str, text: str, loads: Mapping[str, ModelLoad], of: str
) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, text, labels=["model"])
    for model, load in loads.items():
        spread: Spread = getattr(load, of)
        family.add_metric([model], _cumulated(spread), spread.total)
    return family


def _cumulated(spread: Spread) -> list[tuple[str, float]]:
    buckets, seen = list[tuple[str, float]](), 0
    for bound, count in zip((*spread.bounds, None), tuple(spread.counts), strict=True):
        seen += count
        buckets.append(("+Inf" if bound is None else str(float(bound)), seen))
    return buckets
