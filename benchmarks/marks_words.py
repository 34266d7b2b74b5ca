"""`python -m benchmarks.marks_words FILE... [--words 400] [--keys 5]`.

How well `lexical` and `cater` are found in answers, what they change, and how alike the sentences
stay by the shipped encoder; and how often the same answers, unmarked, are taken for marked. Files
are JSON Lines with a "text" each; short texts are joined until they have the length, and cut there.
"""

import argparse
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean
from time import process_time

from benchmarks.measure import Row
from guardrails.core.content import Text
from guardrails.core.mark import Decision
from guardrails.keyring import Key, Keyring
from guardrails.marks.words.cater import Cater
from guardrails.marks.words.lexical import Lexical, WordMark

RATE = 0.01
NULL_KEYS = 20
_WORD = re.compile(r"\S+")


def main() -> None:
    """Print one line a figure."""
    arguments = _arguments()
    texts = list(_texts(arguments.files, arguments.words))
    for kind in (Lexical, Cater):
        for row in _figures(kind, texts, arguments.keys):
            print(f"{row.case:58} {row.figure:10.4f} {row.unit}")


def _figures(kind: type[Lexical | Cater], texts: Sequence[str], keys: int) -> Iterator[Row]:
    marks = [_mark(kind, number) for number in range(keys)]
    started = process_time()
    done = [(mark, mark.substituted(text)) for mark in marks for text in texts]
    seconds = (process_time() - started) / len(done)
    name = f"{kind.__name__.lower()} n={len(texts)}x{keys}"
    found = [mark.detect(Text(one.text)).decision for mark, one in done]
    yield _row(f"{name}: found at {RATE:g}", mean(one is Decision.MARKED for one in found))
    yield _row(f"{name}: undecidable", mean(one is Decision.UNDECIDABLE for one in found))
    shares = sorted(one.changed / one.words for _, one in done)
    yield _row(f"{name}: words changed, mean", mean(shares))
    yield _row(f"{name}: words changed, most", shares[-1])
    alike = sorted(one.likeness for _, one in done if one.likeness is not None)
    yield _row(f"{name}: least like sentence of an answer, mean", mean(alike))
    yield _row(f"{name}: least like sentence of an answer, worst", alike[0])
    yield _row(f"{name}: changes left out for likeness, an answer", mean(s.spared for _, s in done))
    yield Row("marks", f"{name}: to mark an answer", seconds * 1e3, "ms")
    others = [_mark(kind, 100 + number, encoder=None) for number in range(NULL_KEYS)]
    wrong = [mean(_is_marked(mark, text) for text in texts) for mark in others]
    yield _row(f"{name}: unmarked, taken for marked, {NULL_KEYS} keys", mean(wrong))
    yield _row(f"{name}: unmarked, taken for marked, worst key", max(wrong))


def _is_marked(mark: WordMark, text: str) -> bool:
    return mark.detect(Text(text)).decision is Decision.MARKED


def _mark(kind: type[Lexical | Cater], number: int, **settings: None) -> Lexical | Cater:
    ring = Keyring((Key(f"k{number}", number.to_bytes(32)),))
    return kind(
        kind.Settings.model_validate({"keyring": ring, "false_positive_rate": RATE} | settings)
    )


def _texts(files: Sequence[Path], words: int) -> Iterator[str]:
    for file in files:
        joined = ""
        for line in file.read_text().splitlines():
            joined += json.loads(line)["text"] + "\n\n"
            ends = [found.end() for found in _WORD.finditer(joined)]
            if len(ends) >= words:
                yield joined[: ends[words - 1]]
                joined = ""


def _row(case: str, figure: float) -> Row:
    return Row("marks", case, figure, "")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    parser.add_argument("--words", type=int, default=400)
    parser.add_argument("--keys", type=int, default=5)
    return parser.parse_args()


if __name__ == "__main__":
    main()
