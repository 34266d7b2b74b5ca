"""`python -m ai_text.report --work DIR --classifier FILE`: how good it is on held-out texts.

Prints tables in Markdown: by length, by generator, and who among people is mistaken for a machine.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ai_text.measured import LENGTHS, Read, at_length, read
from guardrails.checks.ai_text.classifier import Classifier
from guardrails.checks.ai_text.classifier import read as opened
from guardrails.models.logistic import Column, auc

_FEWEST = 10
_JUDGED = 100
"""Tokens from which the check judges, unless it is told to sooner."""
_RATES = (0.01, 0.05)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--classifier", type=Path, required=True)
    arguments = parser.parse_args()
    classifier = opened(arguments.classifier)
    texts = [each for each in read(arguments.work / "measured.jsonl") if not each.train]
    for line in (*_by_length(classifier, texts), "", *_by_group(classifier, texts)):
        print(line)


def _by_length(classifier: Classifier, texts: Sequence[Read]) -> Iterator[str]:
    yield "| tokens | by people | by SmolLM2 | AUC | found at 1 % (of these people) |"
    yield "| --- | --- | --- | --- | --- |"
    for length in LENGTHS:
        people = _scores(classifier, [each for each in texts if not each.machine], length)
        machines = _scores(classifier, [each for each in texts if _ours(each)], length)
        scores = np.concatenate([machines, people])
        targets = np.concatenate([np.ones(len(machines)), np.zeros(len(people))])
        at = np.quantile(people, 0.99)
        yield (
            f"| {length} | {len(people)} | {len(machines)} | {auc(scores, targets):.3f} | "
            f"{(machines > at).mean():.0%} |"
        )


def _by_group(classifier: Classifier, texts: Sequence[Read]) -> Iterator[str]:
    rates = [f"{length} tokens, {rate:.0%}" for length in LENGTHS for rate in _RATES]
    yield f"| who wrote | {' | '.join(rates)} |"
    yield f"| --- |{' --- |' * len(rates)}"
    everybody = [replace(each, group="all") for each in texts if not each.machine]
    texts = [*texts, *everybody]
    for machine, group in sorted({(each.machine, each.group) for each in texts}):
        rows = [each for each in texts if each.group == group]
        cells = [_cell(classifier, rows, length, rate) for length in LENGTHS for rate in _RATES]
        if any(cell for cell in cells):
            yield f"| {'machine' if machine else 'people'}: {group} | {' | '.join(cells)} |"


def _cell(classifier: Classifier, rows: Sequence[Read], length: int, rate: float) -> str:
    scores = _scores(classifier, rows, length)
    if len(scores) < _FEWEST:
        return ""
    at = classifier.threshold_for(rate, min(length, _JUDGED))
    return f"{(scores >= at).sum()} of {len(scores)}"


def _scores(classifier: Classifier, texts: Sequence[Read], length: int) -> Column:
    found = (at_length(each, length) for each in texts)
    return np.array([classifier.score(each) for each in found if each is not None])


def _ours(text: Read) -> bool:
    return text.machine and text.group.startswith("SmolLM2") and "mark" not in text.group


if __name__ == "__main__":
    main()
