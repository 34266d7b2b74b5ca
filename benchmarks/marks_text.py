"""`python -m benchmarks.marks_text TOKENIZER [--texts FOLDER] [--human FILE...] [--json OUT]`.

How well marks are found in texts that `benchmarks.marks_generate` wrote, how often human text is
taken for marked (JSON Lines, gzipped or not, with a "text" each), and how fast both sides are.
Texts are cut into tokens anew, as whoever is sent one must. No torch is needed.
"""

import argparse
import gzip
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from statistics import mean
from time import process_time
from types import MappingProxyType
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Row
from guardrails.core.mark import Decision
from guardrails.keyring import Key, Keyring
from guardrails.marks.sampling.detecting import Detector
from guardrails.marks.sampling.gumbel import Gumbel
from guardrails.marks.sampling.kgw import Kgw
from guardrails.marks.sampling.prf import secret
from guardrails.marks.sampling.reading import tokenizer_in
from guardrails.marks.sampling.sampler import Sampler
from guardrails.marks.sampling.scheme import Scheme
from guardrails.marks.sampling.synthid import SynthId
from guardrails.models.tokenizer import FileTokenizer

Ids: TypeAlias = NDArray[np.int32]

KEY = Key("bench", bytes(range(32)))
EARLY = "kgw_early"
"""Its bias is added before the temperature divides, as in the paper's own code."""
SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {
        "kgw": Kgw(),
        "gumbel": Gumbel(),
        "synthid": SynthId(),
        EARLY: Kgw(),
        "kgw_narrow": Kgw(width=1),
    }
)
RATE = 1e-3
PASSAGE = 200
"""Tokens of a human passage."""
HUMAN_KEYS = 5
SUBSTITUTED = (0.0, 0.1, 0.3)
"""Shares of words that are exchanged for words of other texts."""
_TRIES = 7


def main() -> None:
    """Print one line a figure."""
    arguments = _arguments()
    tokenizer = tokenizer_in(arguments.tokenizer)
    rows = [*_speed()]
    if arguments.texts:
        rows += _found(tokenizer, arguments.texts)
    if arguments.human:
        rows += _mistaken(_passages(tokenizer, arguments.human))
    for row in rows:
        print(f"{row.case:58} {row.figure:10.4f} {row.unit}")
    if arguments.json:
        arguments.json.write_text(json.dumps([asdict(row) for row in rows], indent=1))


def _found(tokenizer: FileTokenizer, folder: Path) -> Iterator[Row]:
    texts = dict(_texts(folder))
    words = [word for rows in texts.values() for row in rows for word in row["text"].split()]
    for (name, temperature), rows in sorted(texts.items()):
        surprise = float(np.exp(mean(row["nats"] for row in rows)))
        yield _row(f"{name} T={temperature} n={len(rows)}: perplexity", surprise, "")
        for share in SUBSTITUTED if name in SCHEMES else ():
            detector = Detector(SCHEMES[name], Keyring((KEY,)), false_positive_rate=RATE)
            cell = f"{name} T={temperature} n={len(rows)}: found, {share:.0%} substituted"
            changed = [_substituted(row["text"], share, words, row["prompt"]) for row in rows]
            yield _row(cell, _marked(detector, [tokenizer.read(t).ids for t in changed]), "")


def _texts(folder: Path) -> Iterator[tuple[tuple[str, str], list[Mapping[str, Any]]]]:
    cells: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        name, temperature, _ = file.stem.split("-")
        rows = [json.loads(line) for line in file.read_text().splitlines()]
        cells.setdefault((name, temperature), []).extend(rows)
    yield from cells.items()


def _substituted(text: str, share: float, words: Sequence[str], seed: int) -> str:
    chance = random.Random(seed)  # noqa: S311  # not a key
    kept = text.split(" ")
    return " ".join(chance.choice(words) if chance.random() < share else word for word in kept)


def _marked(detector: Detector, texts: Sequence[Ids]) -> float:
    return mean(detector.detect(ids).decision is Decision.MARKED for ids in texts)


def _mistaken(passages: Sequence[Ids]) -> Iterator[Row]:
    for name, scheme in SCHEMES.items():
        if name == EARLY:
            continue  # as kgw
        shares = []
        for number in range(HUMAN_KEYS):
            ring = Keyring((Key(f"h{number}", bytes([number]) * 32),))
            shares.append(_marked(Detector(scheme, ring, false_positive_rate=RATE), passages))
        case = f"{name}: human passages at {RATE:g}, n={len(passages)}"
        yield _row(f"{case}, mean of {HUMAN_KEYS} keys", mean(shares), "")
        yield _row(f"{case}, worst key", max(shares), "")


def _passages(tokenizer: FileTokenizer, files: Sequence[Path]) -> list[Ids]:
    seen: dict[bytes, Ids] = {}
    for file in files:
        content = file.read_bytes()
        content = gzip.decompress(content) if file.suffix == ".gz" else content
        lines = content.decode().splitlines()
        ids = tokenizer.read("\n\n".join(json.loads(line)["text"] for line in lines)).ids
        cut = ids[: len(ids) // PASSAGE * PASSAGE].reshape(-1, PASSAGE)
        seen |= {passage.tobytes(): passage for passage in cut}
    return list(seen.values())


def _speed() -> Iterator[Row]:
    chance = np.random.default_rng(1)
    ids = chance.zipf(1.3, 250_000).clip(1, 49_151).astype(np.int32)
    # the shape of a small model's logits: some hundreds of tokens are likely at all
    logits = (chance.normal(size=(8, 49_152)) * 2.3).astype(np.float32)
    logits += chance.exponential(2, size=logits.shape).astype(np.float32)
    before = ids[:800].reshape(8, 100)
    for name, scheme in SCHEMES.items():
        detector = Detector(scheme, Keyring((KEY,)))
        seconds = _best(partial(detector.detect, ids))
        yield _row(f"{name}: detection of 250,000 tokens (1 MB)", 1 / seconds, "MB/s")
        seconds = _best(partial(Sampler(scheme, secret(KEY, scheme.name)), before, logits)) / 8
        yield _row(f"{name}: logits of 49,152 tokens, batch 8", seconds * 1e3, "ms/row")


def _best(run: Callable[[], object]) -> float:
    return min(_time(run) for _ in range(_TRIES))


def _time(run: Callable[[], object]) -> float:
    started = process_time()
    run()
    return process_time() - started


def _row(case: str, figure: float, unit: str) -> Row:
    return Row("marks", case, figure, unit)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tokenizer", type=Path, help="the generator's tokenizer.json")
    parser.add_argument("--texts", type=Path, metavar="FOLDER")
    parser.add_argument("--human", type=Path, nargs="*", default=[], metavar="FILE")
    parser.add_argument("--json", type=Path, metavar="OUT")
    return parser.parse_args()


if __name__ == "__main__":
    main()
