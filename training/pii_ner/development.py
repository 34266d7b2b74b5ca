"""Writes the templates that are held out, filled, as rows for `guardrails eval`.

``python -m pii_ner.development > held_out.jsonl``
"""

import json

from pii_ner.data import filled, templates
from pii_ner.values import Values

SEED = 47
TIMES = 40


def main() -> None:
    """Write a line a row; the labels are those of the net, so some kinds have no span."""
    for number, example in enumerate(filled(templates("dev"), Values(SEED), TIMES)):
        row = {"id": str(number), "text": example.text, "spans": example.spans}
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
