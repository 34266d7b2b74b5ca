"""Makes guardrails/marks/words/english.tsv: reviewed pairs, inflected, with their frequencies.

A pair is kept if WordNet has both in one synset, or if it was written as one that it has not
(`own`). Forms come from lemminflect (MIT, by the SPECIALIST lexicon). A form that would be in two
pairs is in none but the first. Frequencies are counted in training texts, with the same rules.

    python -m word_marks.build --wordnet /usr/share/wordnet --data ../data --to FILE
"""

import argparse
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lemminflect import getInflection

from guardrails.marks.words.lexicon import Lexicon, parse
from guardrails.marks.words.slots import read

SETS = ("caia", "llm_warden", "benign_instructions", "dia_safety", "toxic_spans", "ner")
"""Tier A: what the shares are counted on, so no place to measure the marks as held out."""
TAGS = {
    "v": ("VB", "VBZ", "VBG", "VBD", "VBN"),
    "n": ("NN", "NNS"),
    "j": ("JJ",),
    "r": ("RB",),
    "w": ("",),
}
FILES = {"v": "verb", "n": "noun", "j": "adj", "r": "adv"}
PRIOR = 2.0
LEAST = 0.15
HEADER = """\
# Pairs of English words that stand for each other, and where.
# first, second, share of the second, onset, rules
# Made by training/word_marks with WordNet 3.0, copyright 2006 by Princeton University,
# see NOTICE; do not edit.
"""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A pair as a person wrote it."""

    kind: str
    lemmas: tuple[str, str]
    rules: str
    is_own: bool


def reviewed(path: Path) -> Iterator[Reviewed]:
    """Read the list."""
    for line in path.read_text().splitlines():
        if line and line[0] != "#":
            kind, first, second, *rest = line.split("\t")
            rules = rest[0].split() if rest else []
            kept = " ".join(rule for rule in rules if rule != "own")
            yield Reviewed(kind, (first, second), kept, "own" in rules)


def synsets(folder: Path, kind: str) -> dict[str, set[str]]:
    """Map each lemma to its synsets."""
    found = defaultdict(set)
    for line in (folder / f"index.{FILES[kind]}").read_text().splitlines():
        if line[0] != " ":
            lemma, *fields = line.split()
            found[lemma] |= set(fields[-int(fields[1]) :])
    return found


def forms(pair: Reviewed) -> Iterator[tuple[str, str, str]]:
    """Give both forms of each inflection, and its tag; doublets (learned, learnt) are left out."""
    found = {}
    for tag in TAGS[pair.kind]:
        both = [
            {lemma} if tag in {"", "JJ", "RB", "VB", "NN"} else set(getInflection(lemma, tag))
            for lemma in pair.lemmas
        ]
        if all(len(one) == 1 for one in both):
            found[tag] = tuple(one.pop() for one in both)
    if found.get("VBD") != found.get("VBN"):  # "chosen" and "chose" are both "selected"
        found.pop("VBD", None)
        found.pop("VBN", None)
    for tag, (first, second) in found.items():
        yield first, second, tag


def rows(pairs: Sequence[Reviewed]) -> list[list[str]]:
    """Give the rows of the table, without frequencies."""
    taken: dict[str, tuple[str, str]] = {}
    table = []
    for pair in pairs:
        for first, second, tag in forms(pair):
            couple = (first, second)
            if first == second or any(taken.get(form, couple) != couple for form in couple):
                continue
            if couple in set(taken.values()):
                continue
            taken |= dict.fromkeys(couple, couple)
            onset = "same" if vowel(first) == vowel(second) else "other"
            table.append([first, second, "0.5", onset, inflected(pair.rules, tag)])
    return table


def inflected(rules: str, tag: str) -> str:
    """A form that can only be a verb, or only a plural, needs no cue from the word before it."""
    dropped = {"verb"} if tag in {"VBG", "VBD", "VBN"} else set()
    if tag == "VBZ" and "verb" in rules.split():
        return rules.replace("verb", "after=he|she|it|this|that|which|who|also")
    return " ".join(rule for rule in rules.split() if rule not in dropped)


def vowel(word: str) -> bool:
    """Whether ``an`` stands before it."""
    return word[0] in "aeio" or (
        word[0] == "u" and not word.startswith(("uni", "use", "usu", "uti"))
    )


def counted(table: list[list[str]], lexicon: Lexicon, texts: Iterator[str]) -> None:
    """Put the share of the second form into each row."""
    counts: Counter[tuple[str, int]] = Counter()
    for text in texts:
        counts.update((slot.pair.forms[0], slot.at) for slot in read(text, lexicon).slots)
    for row in table:
        first, second = counts[row[0], 0], counts[row[0], 1]
        share = (second + PRIOR / 2) / (first + second + PRIOR)
        row[2] = f"{min(max(share, LEAST), 1 - LEAST):.3f}"


def texts(folder: Path) -> Iterator[str]:
    """Give the training texts."""
    for name in SETS:
        with gzip.open(folder / name / "train.jsonl.gz", "rt") as file:
            for line in file:
                yield json.loads(line)["text"]


def main() -> None:
    """Make the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wordnet", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--to", type=Path, required=True)
    given = parser.parse_args()
    index = {kind: synsets(given.wordnet, kind) for kind in FILES}
    kept = []
    for pair in reviewed(Path(__file__).parent / "reviewed.tsv"):
        shared = pair.kind in index and set.intersection(
            *(index[pair.kind][lemma] for lemma in pair.lemmas)
        )
        if shared or pair.is_own:
            kept.append(pair)
        else:
            print("not in one synset:", *pair.lemmas)
        if shared and pair.is_own:
            print("in one synset, not own:", *pair.lemmas)
    table = rows(kept)
    lexicon = parse("\n".join("\t".join(row) for row in table))
    counted(table, lexicon, texts(given.data))
    given.to.write_text(HEADER + "".join("\t".join(row) + "\n" for row in table))
    print(len(kept), "pairs of lemmas,", len(table), "pairs of forms")


if __name__ == "__main__":
    main()
