"""Copied text: building an index, looking answers up while it grows, and how well copies are found.

The filler is made up word by word after pairs of words in Python's own manual, so that it has
common words and phrases as real text has; copies are of the manual itself, and what counts as
clean are the docstrings of the standard library. Times are of the processor, on one core.
"""

import ast
import random
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from pydoc_data.topics import topics
from time import process_time

import numpy as np

from benchmarks.measure import Row, median, percentile
from guardrails.works.stores.embedded import EmbeddedStore
from guardrails.works.text.finder import TextFinder
from guardrails.works.text.fingerprints import fingerprint
from guardrails.works.text.words import words
from guardrails.works.work import Kind, Work

MEGABYTE = 1_000_000
SIZES = (1, 10, 100)
"""Megabytes of text in the index."""
ANSWER = 250
"""Words of what is looked up."""
CELLS = ((40, 0.1), (60, 0.05), (60, 0.1), (60, 0.2), (60, 0.4), (120, 0.2), (120, 0.4))
"""Words of a copy, and the share of them that was changed."""
CHANGES = ("dropped", "swapped", "replaced", "lengthened")
SHARED = 13
"""Words in a row that no clean text has in common with the manual; parts of it are copied in it."""
TEXTS, PARAGRAPHS, WORDS = 40, 70, 51
"""Texts in a megabyte of filler, paragraphs in each, words in each."""
COPIED = {"pdb.py"}
"""Its docstrings are a chapter of the manual, changed a little everywhere."""
SURPRISE = 0.25
"""Words of the filler that do not follow from the one before."""
QUERIES, CLEAN, COPIES = 200, 3000, 200
BATCH = 200
COPY = 0.5


def run(sizes: Sequence[int] = SIZES) -> Sequence[Row]:
    """Grow one index to each size; at the last, measure how well copies are found."""
    chance = random.Random(17)  # noqa: S311  # made-up answers, not keys
    clean = " ".join(_docstrings()).split()
    with tempfile.TemporaryDirectory() as folder:
        store = EmbeddedStore(Path(folder))
        finder = TextFinder(store, "books")
        rows: list[Row] = []
        there = 0
        _put(store, {f"manual/{name}": text for name, text in topics.items()})
        for size in sizes:
            rows += _built(store, there, size, Path(folder))
            there = size
            rows += _asked(finder, size, clean, chance)
        rows += _found(finder, clean, chance)
        store.close()
    return rows


def _built(store: EmbeddedStore, there: int, size: int, folder: Path) -> Iterator[Row]:
    length, taken = 0, 0.0
    for texts in _filler(there, size):
        length += sum(len(text.encode()) for text in texts.values())
        started = process_time()
        _put(store, texts)
        taken += process_time() - started
    yield Row(
        "works_text", f"{size} MB: build", taken * 1000 / length * MEGABYTE, "ms/MB", limit=100
    )
    kept = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    manual = sum(len(text.encode()) for text in topics.values())
    share = kept / (size * MEGABYTE + manual)
    yield Row("works_text", f"{size} MB: index / text", share, "x", limit=1 if size > 1 else None)


def _put(store: EmbeddedStore, texts: Mapping[str, str]) -> None:
    works = [(Work(name, Kind.TEXT, name), fingerprint(text)) for name, text in texts.items()]
    for at in range(0, len(works), BATCH):
        store.put("books", works[at : at + BATCH], "benchmark")


def _asked(
    finder: TextFinder, size: int, clean: Sequence[str], chance: random.Random
) -> Iterator[Row]:
    answers = {
        "clean answer": [" ".join(_stretch(clean, ANSWER, chance)) for _ in range(QUERIES)],
        "60 words copied": [_answer(clean, 60, 0.1, chance) for _ in range(QUERIES)],
    }
    for name, texts in answers.items():
        taken = [min(_milliseconds(finder, text) for _ in range(3)) for text in texts]
        case = f"{size} MB: {name}"
        limit = 3 if name == "clean answer" else None
        yield Row("works_text", f"{case}, p50", median(taken), "ms", limit=limit)
        yield Row("works_text", f"{case}, p99", percentile(taken, 0.99), "ms")


def _milliseconds(finder: TextFinder, text: str) -> float:
    started = process_time()
    finder.find(text)
    return (process_time() - started) * 1000


def _found(finder: TextFinder, clean: Sequence[str], chance: random.Random) -> Iterator[Row]:
    """How many clean answers are taken for copies, and how many copies are found."""
    wrong = [_copied(finder, " ".join(_stretch(clean, ANSWER, chance))) for _ in range(CLEAN)]
    yield Row("works_text", f"{CLEAN} clean answers, flagged", 100 * sum(wrong) / CLEAN, "%")
    for count, share in CELLS:
        right = [_copied(finder, _answer(clean, count, share, chance)) for _ in range(COPIES)]
        case = f"{count} words, {share:.0%} edited, found"
        yield Row("works_text", case, 100 * sum(right) / COPIES, "%")


def _copied(finder: TextFinder, text: str) -> bool:
    return any(match.score >= COPY for match in finder.find(text))


def _answer(clean: Sequence[str], count: int, share: float, chance: random.Random) -> str:
    """Put an edited stretch of the manual into a clean answer."""
    names = [name for name, text in topics.items() if len(text.split()) > 2 * count]
    copied = _stretch(topics[chance.choice(names)].split(), count, chance)
    around = _stretch(clean, ANSWER - count, chance)
    at = chance.randrange(len(around))
    return " ".join([*around[:at], *_edited(copied, share, clean, chance), *around[at:]])


def _edited(
    original: Sequence[str], share: float, others: Sequence[str], chance: random.Random
) -> Sequence[str]:
    result: list[str] = []
    for word in original:
        kind = chance.choice(CHANGES) if chance.random() < share else "kept"
        if kind in {"kept", "lengthened"}:
            result.append(word)
        if kind in {"lengthened", "replaced"}:
            result.append(chance.choice(others))
        if kind == "swapped":
            result.insert(max(0, len(result) - 1), word)
    return result


def _stretch(text: Sequence[str], count: int, chance: random.Random) -> Sequence[str]:
    at = chance.randrange(len(text) - count)
    return text[at : at + count]


def _docstrings() -> Iterator[str]:
    """What modules of the standard library say of themselves, if the manual does not say it."""
    known = {run for text in topics.values() for run in _runs(text)}
    for file in sorted(Path(sysconfig.get_path("stdlib")).glob("*.py")):
        if file.name in COPIED:
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8", "replace"))):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
                text = ast.get_docstring(node) or ""
                if known.isdisjoint(_runs(text)):
                    yield text


def _runs(text: str) -> Iterator[tuple[int, ...]]:
    hashes = words(text).hashes.tolist()
    return zip(*(hashes[at:] for at in range(SHARED)), strict=False)


def _filler(there: int, size: int) -> Iterator[Mapping[str, str]]:
    """Make up a megabyte at a time: each word one that follows the last in the manual, or any."""
    manual = np.array(" ".join(topics.values()).split())
    _, kinds, counts = np.unique(manual, return_inverse=True, return_counts=True)
    places, firsts = np.argsort(kinds, kind="stable"), np.cumsum(counts) - counts
    rows = TEXTS * PARAGRAPHS
    for megabyte in range(there, size):
        chance = np.random.default_rng(megabyte)
        path = np.empty((WORDS, rows), np.int64)
        now = chance.integers(0, len(manual), rows)
        for step in range(WORDS):
            kind = kinds[now]
            again = places[firsts[kind] + (chance.random(rows) * counts[kind]).astype(np.int64)]
            other = chance.integers(0, len(manual), rows)
            now = np.where(chance.random(rows) < SURPRISE, other, (again + 1) % len(manual))
            path[step] = now
        texts = manual[path.T.reshape(TEXTS, -1)].tolist()
        yield {f"{megabyte}/{row}": " ".join(text) for row, text in enumerate(texts)}
