"""Texts by people, and by other models, from the training sets: which are learned from, which not.

Learned from are the rows `train` of three sets of comments and the first half of one novel. All
else is held out: their rows `dev`, the novel's other half, and whole sets of other kinds.
"""

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

LEAST = 30
"""Words; shorter texts are no use at any length that is reported."""
MOST = 160
"""Words of one text: enough for 200 tokens."""
_EACH = {True: 70, False: 45}
"""Texts of one group at most, to learn from and not."""


@dataclass(frozen=True, slots=True)
class Group:
    """Texts of one kind and from one place.

    ``kind`` picks rows by what their `meta` says; ``train`` groups teach with their rows `train`.
    """

    name: str
    folder: str
    kind: str = ""
    train: bool = False
    machine: bool = False


GROUPS = (
    Group("news comments", "toxic_spans", train=True),
    Group("Reddit posts", "misogyny", train=True),
    Group("Gab and Reddit posts", "edos", train=True),
    Group("forum posts", "stormfront"),
    Group("Wikipedia discussions", "wiki_context"),
    Group("answers by employees", "dolly_benign", kind="answer"),
    Group("e-mails", "bipia_train", kind="email"),
    Group("news, encyclopedia, filings", "ner"),
    Group("careful answers, model unknown", "caia", machine=True),
    Group("rude texts by GPT-3.5 and GPT-4", "dt_generated", machine=True),
    Group("opinions by chat models", "dt_stereotype", machine=True),
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One text, where it is from, and whether it teaches."""

    text: str
    group: str
    machine: bool
    train: bool


def samples(data: Path) -> Iterator[Sample]:
    """Give every sample, the same ones each time."""
    for group in GROUPS:
        yield from _drawn(_of_group(data, group))
    yield from _novel(data)
    yield from _other_novels(data)


def _of_group(data: Path, group: Group) -> Iterator[Sample]:
    for split in ("train", "dev") if not group.train else ("train",):
        for row in _rows(data / group.folder / f"{split}.jsonl.gz"):
            if _fits(row, group):
                text = " ".join(row["text"].split(" ")[:MOST])
                yield Sample(text, group.name, group.machine, train=group.train)
    if group.train:
        for row in _rows(data / group.folder / "dev.jsonl.gz"):
            if _fits(row, group):
                text = " ".join(row["text"].split(" ")[:MOST])
                yield Sample(text, f"{group.name}, unseen", machine=False, train=False)


def _fits(row: Mapping[str, Any], group: Group) -> bool:
    meta = row.get("meta") or {}
    whole = not meta.get("attack")  # an attack was spliced into the others
    return len(row["text"].split()) >= LEAST and whole and group.kind in str(meta.get("kind", ""))


def _drawn(found: Iterator[Sample]) -> list[Sample]:
    """Prefer long texts: short ones say nothing of 200 tokens."""
    rows = list(found)
    Random(7).shuffle(rows)
    return [
        row
        for train in (True, False)
        for row in _longest([each for each in rows if each.train is train], _EACH[train])
    ]


def _longest(rows: list[Sample], most: int) -> list[Sample]:
    """Half of them the longest, half as they come."""
    long = sorted(rows, key=lambda row: -len(row.text))[: most // 2]
    taken = {row.text for row in long}
    return long + [row for row in rows if row.text not in taken][: most - len(long)]


def _novel(data: Path) -> Iterator[Sample]:
    [book] = _rows(data / "replication_text" / "corpus.jsonl.gz")
    words = book["text"].split()
    places = range(0, len(words) - MOST, 8 * MOST)
    passages = [" ".join(words[at : at + MOST]) for at in places]
    for number, passage in enumerate(passages):
        train = number < len(passages) // 2
        group = "a novel" if train else "a novel, unseen half"
        yield Sample(passage, group, machine=False, train=train)


def _other_novels(data: Path) -> Iterator[Sample]:
    rows = list(_rows(data / "replication_text" / "cases.jsonl.gz"))
    for row in rows[::2]:
        if row["label"] == 0:
            yield Sample(row["text"], "other novels", machine=False, train=False)


def _rows(file: Path) -> Iterator[Mapping[str, Any]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)
