"""`python -m ai_text.fit --models DIR --work DIR --to FILE`: fits the classifier.

Prints how good it is on the texts that it learned from, each judged by a line that was fitted
without it: what to choose by. `ai_text.report` reads the held-out texts, once, at the end.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np

from ai_text.measured import LENGTHS, Read, at_length, read
from guardrails.checks.ai_text.features import NAMES, features
from guardrails.models.language_model import OnnxLanguageModel
from guardrails.models.logistic import Column, Line, Matrix, auc, calibrated, fit
from guardrails.models.store import ModelStore

RIDGE = 1.0
FOLDS = 5
PROBE = (
    "The harbour was quiet when we came back, and nobody could say where the boats had gone. "
    "My aunt, who never trusted the sea, had locked the shutters and put the kettle on anyway."
)


def main() -> None:
    """Fit, and write the classifier."""
    arguments = _arguments()
    texts = [each for each in read(arguments.work / "measured.jsonl") if each.train]
    rows = [(each, length) for each in texts for length in LENGTHS if at_length(each, length)]
    plain = np.array([features(at_length(each, length)) for each, length in rows])
    means, scales = plain.mean(0), plain.std(0) + 1e-9
    matrix = (plain - means) / scales
    targets = np.array([float(each.machine) for each, _ in rows])
    weights = _weights(rows)
    values = _unseen(matrix, targets, weights, [each for each, _ in rows])
    line = calibrated(fit(matrix, targets, weights, ridge=RIDGE), values, targets, weights)
    bent = calibrated(Line(np.ones(1), 0.0), values, targets, weights)
    scores = bent.chances(values[:, None])
    lengths = np.array([length for _, length in rows])
    _print(scores, targets, lengths)
    arguments.to.write_text(json.dumps(_written(arguments, line, (means, scales)) | {
        "usual": _usual(texts),
        "people": {
            str(length): sorted(
                round(float(each), 4) for each in scores[(lengths == length) & (targets == 0)]
            )
            for length in LENGTHS
        },
    }, indent=1) + "\n", "utf-8")  # fmt: skip


def _weights(rows: list[tuple[Read, int]]) -> Column:
    """Let people and machines count alike at each length, and each group of them."""
    groups = Counter((each.group, length) for each, length in rows)
    kinds = Counter((machine, length) for (machine, length), _ in _kinds(rows))
    raw = [1 / groups[each.group, length] / kinds[each.machine, length] for each, length in rows]
    return np.array(raw) / np.mean(raw)


def _kinds(rows: list[tuple[Read, int]]) -> set[tuple[tuple[bool, int], str]]:
    return {((each.machine, length), each.group) for each, length in rows}


def _unseen(matrix: Matrix, targets: Column, weights: Column, texts: list[Read]) -> Column:
    """Give each row the logit of a line that was fitted without its whole text."""
    fold = np.array([int(each.id, 16) % FOLDS for each in texts])
    values = np.zeros(len(matrix))
    for number in range(FOLDS):
        out = fold == number
        line = fit(matrix[~out], targets[~out], weights[~out], ridge=RIDGE)
        values[out] = line.values(matrix[out])
    return values


def _usual(texts: list[Read]) -> list[float]:
    found = [np.exp(each.stats.found.mean()) for each in texts if not each.machine]
    return [round(float(each), 1) for each in np.quantile(found, (0.1, 0.9))]


def _print(scores: Column, targets: Column, lengths: Column) -> None:
    for length in LENGTHS:
        here = lengths == length
        people = scores[here & (targets == 0)]
        at = np.quantile(people, 0.99)
        share = (scores[here & (targets == 1)] > at).mean()
        print(
            f"{length:4} tokens: {int((targets[here] == 0).sum())} by people, "
            f"{int(targets[here].sum())} by machines, AUC {auc(scores[here], targets[here]):.3f}, "
            f"found at 1 %: {share:.2f}"
        )


def _written(
    arguments: argparse.Namespace, line: Line, scaling: tuple[Column, Column]
) -> dict[str, object]:
    with ModelStore([arguments.models]) as store:
        model = store.open(arguments.model)
        assert isinstance(model, OnnxLanguageModel)  # noqa: S101
        surprise = model.probe(PROBE)
    means, scales = scaling
    return {
        "model": arguments.called,
        "made_with": "training/ai_text",
        "probe": {"text": PROBE, "surprise": round(float(surprise or 0.0), 4)},
        "features": list(NAMES),
        "means": [round(float(each), 6) for each in means],
        "scales": [round(float(each), 6) for each in scales],
        "weights": [round(float(each), 6) for each in line.weights],
        "bias": round(line.bias, 6),
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--called", default="SmolLM2-135M-Instruct", help="the model, for people")
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
