"""Calibration tables for people, for programs, and as lines of a policy. Pure."""

from collections.abc import Iterator, Sequence
from typing import Any

from guardrails.core.content import Stage
from guardrails.evaluation.calibration import Line, Table
from guardrails.evaluation.report_json import estimate
from guardrails.evaluation.report_text import NOTHING, interval
from guardrails.evaluation.report_text import table as columns

_TITLES = ("at most", "threshold", "false positives", "achieved", "examples needed")


def render(tables: Sequence[Table], target: float) -> str:
    """A table for each category, and for each rule that has several; a star marks the target."""
    return "".join(f"{line}\n" for table in tables for line in _lines(table, target))


def _lines(table: Table, target: float) -> Iterator[str]:
    yield ""
    yield f"{_name(table)}: {table.examples:,} harmless examples"
    if table.lines:
        yield from columns([_TITLES, *(_row(line, target) for line in table.lines)])


def _row(line: Line, target: float) -> tuple[str, ...]:
    return (
        percent(line.rate) + (" *" if line.rate == target else ""),
        NOTHING if line.threshold is None else repr(line.threshold),
        NOTHING if line.threshold is None else f"{line.false_positives:,}",
        interval(line.achieved, places=4),
        f"{line.needed:,}",
    )


def shortage(table: Table, target: float) -> str:
    """Why a table cannot be written down; nothing where it can."""
    line = table.line(target)
    if line is None:
        return f"{_name(table)}: no harmless examples, give rows with its label 0 or without labels"
    if line.needed > table.examples:
        more = line.needed - table.examples
        return (
            f"{_name(table)}: {percent(target)} takes {line.needed:,} harmless examples, "
            f"there are {table.examples:,}: {more:,} more are needed"
        )
    if line.threshold is None:
        return f"{_name(table)}: more than {percent(target)} of the examples score 1"
    return ""


def policy_lines(stage: Stage, tables: Sequence[Table], target: float) -> str:
    """What to write into the policy: the threshold of each rule."""
    lines = [f"{stage.value}:"]
    for table in tables:
        line = table.line(target)
        if line and line.threshold is not None:
            why = f"{percent(target)} of {table.examples:,} harmless texts at most"
            lines += [f"- rule: {table.rule}", f"  threshold: {line.threshold!r}  # {why}"]
    return "\n".join(lines) + "\n"


def plain(table: Table) -> dict[str, Any]:
    """The table as plain values for JSON."""
    return {
        "rule": table.rule,
        "categories": list(table.categories),
        "examples": table.examples,
        "lines": [
            {
                "fpr": line.rate,
                "threshold": line.threshold,
                "false_positives": line.false_positives,
                "achieved": estimate(line.achieved),
                "needed": line.needed,
                "enough": line.needed <= table.examples,
            }
            for line in table.lines
        ],
    }


def percent(rate: float) -> str:
    """A rate as people write it: ``0.1 %``."""
    return f"{rate * 100:g} %"


def _name(table: Table) -> str:
    if len(table.categories) > 1:
        return f"{table.rule}, all {len(table.categories)} categories"
    return f"{table.rule}.{table.categories[0]}"
