"""The counts of several workers as one page."""

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from guardrails.server.workers import merging


def counted(asked: int, waiting: int, *seconds: float) -> str:
    """Give the page of a worker that has counted so much."""
    registry = CollectorRegistry()
    labels = ("policy",)
    Counter("asked", "requests", labels, registry=registry).labels('a "b"\n').inc(asked)
    Gauge("waiting", "now", registry=registry).set(waiting)
    took = Histogram("took", "seconds", buckets=(1, 2), registry=registry)
    for each in seconds:
        took.observe(each)
    return generate_latest(registry).decode()


def values(counts: merging.Counts) -> dict[str, dict[tuple[str, ...], float]]:
    """Give each sample by its name and the values of its labels."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for metric in merging.metrics(counts):
        for sample in metric.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


def page(counts: merging.Counts) -> str:
    class Shown:
        def collect(self):
            return merging.metrics(counts)

    registry = CollectorRegistry()
    registry.register(Shown())
    return generate_latest(registry).decode()


def test_counters_and_histograms_add_up_and_gauges_stand_side_by_side():
    both = merging.merged(
        [merging.read(counted(3, 5, 0.5, 1.5), 1), merging.read(counted(4, 0, 9.0), 2)]
    )

    assert values(both) == {
        "asked_total": {('a "b"\n',): 7},
        "waiting": {("1",): 5, ("2",): 0},
        "took_bucket": {("1.0",): 1, ("2.0",): 2, ("+Inf",): 3},
        "took_count": {(): 3},
        "took_sum": {(): 11},
    }


def test_of_a_worker_that_ended_what_added_up_still_counts_and_no_more():
    gone = merging.lasting(merging.read(counted(3, 5, 0.5), 1))
    after = merging.merged([gone, merging.read(counted(1, 2), 1)])

    assert values(after)["asked_total"] == {('a "b"\n',): 4}
    assert values(after)["waiting"] == {("1",): 2}
    assert values(after)["took_count"] == {(): 1}


@pytest.mark.parametrize("pages", [[], [""], ["", counted(1, 1)]])
def test_a_worker_that_has_counted_nothing_changes_nothing(pages):
    counts = merging.merged(merging.read(each, 1) for each in pages)

    assert counts == merging.merged(merging.read(each, 1) for each in pages if each)


def test_the_page_can_be_read_again():
    both = merging.merged(merging.read(counted(3, 5, 0.5), number) for number in (1, 2))
    again = merging.read(page(both), 3)

    assert values(again)["asked_total"] == {('a "b"\n',): 6}
    assert "# TYPE asked_total counter" in page(both)
    assert "# TYPE took histogram" in page(both)
