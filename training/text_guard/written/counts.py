"""Prints rows, pairs and label counts of the files here; bad rows and repeats end it."""

import json
import re
import sys
from collections import Counter
from pathlib import Path

HEADS = {
    *("toxicity", "severe_toxicity", "obscene", "threat", "insult", "identity_attack", "sexual"),
    *("violence", "self_harm", "harassment", "prompt_injection", "jailbreak", "harmful_request"),
    *("sexism", "bias"),
}


def main() -> None:
    """Count every file."""
    seen: dict[str, str] = {}
    for file in sorted(Path(__file__).parent.glob("*.jsonl")):
        lines = file.read_text(encoding="utf-8").splitlines()
        rows = [json.loads(line) for line in lines]
        for number, row in enumerate(rows, 1):
            check(row, f"{file.name}:{number}", seen)
        print(f"{file.name}: {counts(rows)}")


def check(row: dict, place: str, seen: dict[str, str]) -> None:
    """End the run at a text that was there before, or a head that is none."""
    key = re.sub(r"\W+", "", row["text"].casefold()) or row["text"]
    if key in seen:
        sys.exit(f"{place} repeats {seen[key]}")
    seen[key] = place
    if row["labels"].keys() - HEADS:
        sys.exit(f"{place}: unknown head in {', '.join(row['labels'])}")


def counts(rows: list[dict]) -> str:
    """Lay out positives and known rows of each head."""
    known = Counter(head for row in rows for head in row["labels"])
    positive = Counter(head for row in rows for head, value in row["labels"].items() if value)
    pairs = {row["pair"] for row in rows if row.get("pair")}
    heads = ", ".join(f"{head} {positive[head]}/{known[head]}" for head in known)
    return f"{len(rows)} rows, {len(pairs)} pairs: {heads}"


if __name__ == "__main__":
    main()
