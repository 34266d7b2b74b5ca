"""`python -m ai_text.measure --models DIR --model NAME --data DIR --work DIR [--more FILE...]`.

Has the compiled language model read every text, by people and by machines, and keeps what it says
of each token. Started again, it goes on where it stopped. ``--more`` are files of other texts by
the model, as `benchmarks.marks_generate` writes them: the first 32 prompts teach.
"""

import argparse
import asyncio
import json
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from time import process_time

from ai_text.ngrams import babble
from ai_text.people import Sample, samples
from guardrails.models.language_model import OnnxLanguageModel
from guardrails.models.session import Hardware
from guardrails.models.store import ModelStore

_AT_ONCE = 8
_SLOWER = 3
_LEARNED = 32
_MOST = 400
"""Tokens that are kept of a text."""


def main() -> None:
    """Read what has not been read."""
    arguments = _arguments()
    out = arguments.work / "measured.jsonl"
    known = {json.loads(line)["id"] for line in out.open()} if out.exists() else set()
    texts = {_id(each): each for each in _all(arguments)}
    left = [(key, each) for key, each in texts.items() if key not in known]
    left = _in_turn(left)
    print(f"{len(left)} of {len(texts)} texts are left", flush=True)
    with ModelStore([arguments.models], Hardware(workers=2)) as store, out.open("a") as file:
        model = store.open(arguments.model)
        assert isinstance(model, OnnxLanguageModel)  # noqa: S101
        for start in range(0, len(left), _AT_ONCE):
            if process_time() > arguments.minutes * 60:
                print("the time is over, run it again to go on")
                return
            some = left[start : start + _AT_ONCE]
            for line in asyncio.run(_read(model, some)):
                file.write(line + "\n")
            file.flush()
            print(f"{start + len(some)} texts, {process_time():.0f} s", flush=True)


async def _read(model: OnnxLanguageModel, some: list[tuple[str, Sample]]) -> list[str]:
    read = await asyncio.gather(*(model.surprise(each.text) for _, each in some))
    return [
        json.dumps(
            {
                "id": key,
                "group": each.group,
                "machine": each.machine,
                "train": each.train,
                "found": _short(stats.found),
                "expected": _short(stats.expected),
                "variance": _short(stats.variance),
            }
        )
        for (key, each), stats in zip(some, read, strict=True)
    ]


def _short(numbers: object) -> list[float]:
    return [round(float(each), 4) for each in numbers[:_MOST]]  # type: ignore[index]


def _all(arguments: argparse.Namespace) -> Iterator[Sample]:
    people = list(samples(arguments.data))
    yield from people
    for file in sorted(arguments.work.glob("machine-*.jsonl")):
        for row in map(json.loads, file.read_text("utf-8").splitlines()):
            yield Sample(
                row["text"], f"SmolLM2 {row['sampling']}", machine=True, train=row["train"]
            )
    for file in arguments.more:
        mark, heat, _ = file.stem.split("-")
        group = f"SmolLM2 T={float(heat):g}" + (f", mark {mark}" if mark != "none" else "")
        for row in map(json.loads, file.read_text("utf-8").splitlines()):
            train = row["prompt"] < _LEARNED
            if mark == "none" or not train:
                yield Sample(row["text"].strip(), group, machine=True, train=train)
    learned = [each.text for each in people if each.train and not each.machine]
    for text in babble(learned, 30):
        yield Sample(text, "4-grams with Kneser-Ney", machine=True, train=False)


def _in_turn(left: list[tuple[str, Sample]]) -> list[tuple[str, Sample]]:
    """Let all groups grow together, those that teach three times as fast."""
    Random(1).shuffle(left)
    seen: Counter[tuple[str, bool]] = Counter()
    ranked = []
    for each in left:
        group = each[1].group, each[1].train
        ranked.append((seen[group], each))
        seen[group] += 1 if each[1].train else _SLOWER
    return [each for _, each in sorted(ranked, key=lambda one: one[0])]


def _id(sample: Sample) -> str:
    """Name a text by its first words: cut otherwise, it is the same one."""
    words = " ".join(sample.text.split()[:12])
    return sha256(f"{sample.group}{words}".encode()).hexdigest()[:16]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--model", default="smollm2")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--more", type=Path, nargs="*", default=[])
    parser.add_argument("--minutes", type=float, default=60, help="of the processor, for this run")
    return parser.parse_args()


if __name__ == "__main__":
    main()
