"""Texts with the kinds of their characters: templates filled, sets read, some joined."""

import gzip
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from random import Random

from pii_ner.labels import KINDS, SAME
from pii_ner.values import SLOTS, Values

TEMPLATES = Path(__file__).parent / "templates.txt"
SLOT = re.compile(r"\{([A-Z]+)\}")
DEV_SHARE = 10  # one template in so many is kept for development


@dataclass(frozen=True, slots=True)
class Example:
    """A text and its stretches [start, end, kind]; of `news` only some kinds are known."""

    text: str
    spans: tuple[tuple[int, int, str], ...]
    source: str
    news: bool = False


def read_set(data: Path, name: str, part: str) -> Iterator[Example]:
    """Read a set; what patterns find better has no kind of ours and is left out."""
    with gzip.open(data / name / f"{part}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            spans = ((start, end, SAME.get(kind, kind)) for start, end, kind in row["spans"])
            known = tuple(span for span in spans if span[2] in KINDS)
            yield Example(row["text"], known, name, news=name == "ner")


def templates(part: str) -> list[str]:
    """Read the templates of one part; a template is in one part alone."""
    lines = TEMPLATES.read_text(encoding="utf-8").splitlines()
    return [
        line.replace("\\n", "\n")
        for line in lines
        if (int(sha256(line.encode()).hexdigest(), 16) % DEV_SHARE == 0) == (part == "dev")
    ]


def filled(some: Iterable[str], values: Values, times: int) -> Iterator[Example]:
    """Fill each template so many times."""
    for template in some:
        for _ in range(times):
            values.move()
            yield fill(template, values)


def fill(template: str, values: Values) -> Example:
    """Fill one template."""
    text, spans, position = "", [], 0
    for slot in SLOT.finditer(template):
        text += template[position : slot.start()]
        value, kind = values.draw(slot[1]), SLOTS[slot[1]][0]
        if kind:
            spans.append((len(text), len(text) + len(value), kind))
        text += value
        position = slot.end()
    return Example(text + template[position:], tuple(spans), "templates")


def joined(examples: list[Example], random: Random, share: float) -> list[Example]:
    """Put some examples behind others, as texts of several sentences."""
    kept: list[Example] = []
    for example in examples:
        if kept and random.random() < share and kept[-1].news == example.news:
            kept[-1] = _after(kept[-1], example, random.choice((" ", "\n", "\n\n")))
        else:
            kept.append(example)
    return kept


def _after(first: Example, second: Example, gap: str) -> Example:
    moved = len(first.text) + len(gap)
    spans = ((start + moved, end + moved, kind) for start, end, kind in second.spans)
    return Example(
        first.text + gap + second.text, (*first.spans, *spans), second.source, first.news
    )


def changed(example: Example, random: Random) -> Example:
    """Shout now and then, and forget commas; the net itself knows no case."""
    if random.random() < 0.1 and "," in example.text:  # noqa: PLR2004
        return _without_commas(example)
    return example


def _without_commas(example: Example) -> Example:
    gone = [place for place, letter in enumerate(example.text) if letter == ","]
    moved: Mapping[int, int] = {}
    moved, lost = {}, 0
    for place in range(len(example.text) + 1):
        moved[place] = place - lost
        lost += place in gone
    spans = tuple((moved[start], moved[end], kind) for start, end, kind in example.spans)
    return Example(example.text.replace(",", ""), spans, example.source, example.news)
