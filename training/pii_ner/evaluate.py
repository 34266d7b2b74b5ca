"""Measures the net alone, without patterns, on texts that it has not been trained on.

``python -m pii_ner.evaluate --data DIR FOLDER`` prints a table for each source: kind by kind how
much is found at the same place, and how much is touched. FOLDER is a checkpoint or a model.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from guardrails.core.view import Span
from guardrails.evaluation.spans import Fit, Places, compare
from guardrails.models.model import Tagged
from pii_ner.data import Example, filled, read_set, templates
from pii_ner.labels import NEWS_KINDS, SAME
from pii_ner.tagging import tagger
from pii_ner.values import Values

SEED = 97
TIMES = 8  # each template is filled
JOINS = {"GIVEN_NAME": "PERSON", "SURNAME": "PERSON", "CITY": "GPE", "STATE": "GPE",
         "EMAIL": "EMAIL_ADDRESS",
         "PHONE": "PHONE_NUMBER", "BUILDING_NUMBER": "STREET_ADDRESS",
         "STREET_NAME": "STREET_ADDRESS",
         "SECONDARY_ADDRESS": "STREET_ADDRESS", "DRIVERS_LICENSE": "DRIVER_LICENSE"}  # fmt: skip
"""Rampart's names for kinds of ours, so that it can be laid beside."""
Table = dict[str, Places]


def main() -> None:
    """Measure, print, and write the figures beside a checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the sets")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--every", type=int, default=1, help="take one text in so many")
    parser.add_argument("--to", type=Path, help="a file for the figures")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    some = list(development(given.data))[:: given.every]
    found = tagger(given.folder)([example.text for example in some])
    tables = measured(some, found)
    for source, table in tables.items():
        print(f"\n{source}", *(row(kind, places) for kind, places in table.items()), sep="\n")
    if given.to:
        figures = {
            source: {kind: numbers(places) for kind, places in table.items()}
            for source, table in tables.items()
        }
        given.to.write_text(json.dumps(figures, indent=2))


def development(data: Path) -> Iterator[Example]:
    """Give the texts: templates that were held out, and the development rows of the sets."""
    yield from filled(templates("dev"), Values(SEED), TIMES)
    for name in ("pii_synthetic", "ner"):
        yield from read_set(data, name, "dev")


def measured(examples: Sequence[Example], found: Sequence[Sequence[Tagged]]) -> dict[str, Table]:
    """Count by source and kind, and over all kinds of a source, kinds told apart."""
    tables: dict[str, Table] = {}
    for example, stretches in zip(examples, found, strict=True):
        table = tables.setdefault(example.source, {})
        known, named = _known(example), _named(example, stretches)
        for kind in {kind for _, kind in known | named}:
            places = compare(_of(named, kind), _of(known, kind))
            table[kind] = table.get(kind, Places()) + places
    return {
        source: {**dict(sorted(table.items())), "all": sum(table.values(), Places())}
        for source, table in tables.items()
    }


def _known(example: Example) -> set[tuple[Span, str]]:
    return {(Span(start, end), kind) for start, end, kind in example.spans}


def _named(example: Example, stretches: Sequence[Tagged]) -> set[tuple[Span, str]]:
    """Take what the net names, in the words of the source."""
    named = set()
    for stretch in stretches:
        kind = JOINS.get(stretch.label, SAME.get(stretch.label, stretch.label))
        if kind := _as_news(kind) if example.news else kind:
            named.add((stretch.span, kind))
    return named


def _as_news(kind: str) -> str:
    """Name a kind as the makers of the news would, "" when they did not look for it."""
    return next((news for news, ours in NEWS_KINDS.items() if news and kind in ours), "")


def _of(named: set[tuple[Span, str]], kind: str) -> list[Span]:
    return [span for span, one in named if one == kind]


def row(kind: str, places: Places) -> str:
    """Lay out one line."""
    figures = (_figures(fit) for fit in (places.exact, places.overlap))
    return f"{kind:16}{places.known:6}{places.found:6}  " + "   ".join(figures)


def numbers(places: Places) -> dict[str, object]:
    """Give the figures of one line."""
    return {
        "known": places.known,
        "found": places.found,
        **{
            name: {
                part: _rounded(getattr(fit, part)) for part in ("precision", "recall", "f1", "f2")
            }
            for name, fit in (("exact", places.exact), ("overlap", places.overlap))
        },
    }


def _figures(fit: Fit) -> str:
    return " ".join(
        f"{value:.3f}" if value is not None else "    -"
        for value in (fit.precision, fit.recall, fit.f1, fit.f2)
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


if __name__ == "__main__":
    main()
