"""Figures as plain values for JSON. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from guardrails.evaluation.fairness import Extreme, Spread
from guardrails.evaluation.intervals import Estimate
from guardrails.evaluation.judging import Judged
from guardrails.evaluation.report import Evaluation, Measured
from guardrails.evaluation.spans import Fit, Places


def line(judged: Judged) -> dict[str, Any]:
    """One row of ``--scores``."""
    return {
        "id": judged.row.id,
        "action": judged.action.word,
        "scores": {category: score or 0.0 for category, score in judged.scores.items()},
        "spans": [[span.start, span.end, span.type] for span in judged.spans],
        "milliseconds": round(judged.milliseconds, 3),
        "unjudged": list(judged.unjudged),
        "failed": list(judged.failed),
    }


def render(evaluation: Evaluation) -> dict[str, Any]:
    """All figures; what has no value is null."""
    return {
        "rows": evaluation.rows,
        "actions": dict(evaluation.actions),
        "unjudged": evaluation.unjudged,
        "failed": evaluation.failed,
        "fired": dict(evaluation.fired),
        "milliseconds": {f"p{number}": value for number, value in evaluation.latency.items()},
        "labels": [_measured(one) for one in evaluation.labels],
        "spans": [_places(*key, places) for key, places in evaluation.places.items()],
        "spread": [_spread(label, one) for label, one in evaluation.spreads.items()],
    }


def _measured(one: Measured) -> dict[str, Any]:
    decisions = one.decisions
    return {
        "label": one.label,
        "slice": one.slice,
        "categories": list(one.categories),
        "n": one.n,
        "positives": one.positives,
        "unjudged": one.unjudged,
        "auprc": one.auprc,
        "roc_auc": one.roc_auc,
        "precision": decisions.precision,
        "recall": decisions.recall,
        "f1": decisions.f1,
        "false_positive_rate": estimate(one.false_positive_rate),
        "recall_at_fpr": {f"{rate:g}": estimate(recall) for rate, recall in one.recall_at.items()},
        "confusion": asdict(decisions),
        "brier": one.brier,
        "calibration_error": one.calibration_error,
        "reliability": [asdict(each) for each in one.reliability],
    }


def _places(kind: str | None, slice_: str | None, places: Places) -> dict[str, Any]:
    return {
        "type": kind,
        "slice": slice_,
        "found": places.found,
        "known": places.known,
        "exact": _fit(places.exact),
        "overlap": _fit(places.overlap),
        "characters": _fit(places.characters),
    }


def _fit(fit: Fit) -> dict[str, float | None]:
    return {"precision": fit.precision, "recall": fit.recall, "f1": fit.f1, "f2": fit.f2}


def _spread(label: str, one: Spread) -> dict[str, Any]:
    return {
        "label": label,
        "highest": _extreme(one.highest),
        "lowest": _extreme(one.lowest),
        "ratio": estimate(one.ratio),
        "chance": one.chance,
    }


def _extreme(one: Extreme) -> dict[str, Any]:
    return {"slice": one.slice, "false_positive_rate": estimate(one.rate)}


def estimate(one: Estimate | None) -> Mapping[str, float] | None:
    """A value with its interval."""
    if one is None:
        return None
    return {"value": one.value, "low": one.interval.low, "high": one.interval.high}
