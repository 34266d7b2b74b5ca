"""How works are shown: to a person in columns, to a script as JSON."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from guardrails.works.work import Work

_START = datetime.fromtimestamp(0, UTC)
_TITLE = 60


def told(work: Work) -> dict[str, Any]:
    """Give what is known of a work as JSON has it."""
    known = asdict(work)
    known["added"] = work.added.isoformat(timespec="seconds") if work.added != _START else ""
    known["aliases"] = list(work.aliases)
    return known


def print_json(value: Mapping[str, Any]) -> None:
    """Print one JSON object, and nothing else."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


def print_works(works: Iterable[Work]) -> int:
    """Print a line for each work; tell how many there were."""
    count = 0
    for count, work in enumerate(works, 1):  # noqa: B007  # the last count is the result
        owner = f"  by {printable(work.owner)}" if work.owner else ""
        licence = f"  ({printable(work.licence)})" if work.licence else ""
        sys.stdout.write(
            f"{printable(work.id):<28}  {work.kind:<6}  {work.consent:<10}  "
            f"{shortened(work.title)}{owner}{licence}\n"
        )
    return count


def print_table(rows: Sequence[Sequence[object]]) -> None:
    """Print rows in columns; numbers stand to the right."""
    cells = [[printable(_cell(one)) for one in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    right = [isinstance(one, int | float) for one in rows[-1]]
    for row in cells:
        line = "  ".join(
            one.rjust(width) if to_right else one.ljust(width)
            for one, width, to_right in zip(row, widths, right, strict=True)
        )
        sys.stdout.write(line.rstrip() + "\n")


def printable(text: str) -> str:
    """Leave out what would steer a terminal."""
    return "".join(one if one.isprintable() else " " for one in text)


def shortened(text: str) -> str:
    """Cut a long title."""
    shown = printable(text)
    return shown if len(shown) <= _TITLE else f"{shown[: _TITLE - 1]}…"


def many(count: int, one: str, several: str = "") -> str:
    """Say a number of things."""
    return f"{count:,} {one if count == 1 else several or one + 's'}"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
