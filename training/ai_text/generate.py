"""`python -m ai_text.generate --model DIR --data DIR --work DIR`: texts that SmolLM2 writes.

DIR is a folder as transformers writes one. Half of the prompts are openings of texts by people, so
that what is learned is not the topic; the openings are no part of the texts. Each batch is a file,
so a run that was stopped goes on where it was.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from ai_text.people import Sample, samples

TOKENS = 400
_BATCH = 24
_OPENING = 16
"""Words of a text by a person that a model goes on from."""
_SPECIAL = 17
"""Tokens below are special in SmolLM2: none is sampled, so that every text has its length."""
_CHAT = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"
_ASKED = (
    "Write a comment of several paragraphs on {}.",
    "Explain {} to someone who has never heard of it, in detail.",
    "Tell me honestly what you think of {}, and why.",
)
_SUBJECTS = (
    "the price of housing", "school uniforms", "electric cars", "working from home",
    "a letter that arrived late", "public libraries", "the local election", "long hair",
    "keeping chickens", "a storm at sea", "early retirement", "noise at night",
    "tipping in restaurants", "a family reunion", "the death penalty", "video games",
    "learning an instrument", "cycling in town", "a haunted house", "space travel",
    "vegetarian food", "football on Sundays", "strangers on a train", "old age",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn."""

    temperature: float
    top_p: float = 1.0

    @property
    def name(self) -> str:
        """What it is called in files and tables."""
        nucleus = f", top-p {self.top_p:g}" if self.top_p < 1 else ""
        return f"T={self.temperature:g}{nucleus}"


SAMPLINGS = (Sampling(1.0), Sampling(1.0, 0.9), Sampling(0.7), Sampling(1.3, 0.95))
LEARNED = SAMPLINGS[:3]
"""The last is only tested on."""


def main() -> None:
    """Write the batches that are missing, until the time is over."""
    arguments = _arguments()
    torch.set_num_threads(1)
    model = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.float32).eval()
    tokenizer = Tokenizer.from_file(str(arguments.model / "tokenizer.json"))
    people = [each for each in samples(arguments.data) if not each.machine]
    arguments.work.mkdir(parents=True, exist_ok=True)
    for sampling, file in _missing(arguments.work):
        if process_time() > arguments.minutes * 60:
            print("the time is over, run it again to go on")
            return
        prompts = _prompts(people, Random(file.stem))
        rows = _texts(model, tokenizer, prompts, sampling)
        lines = [
            json.dumps({"text": text, "sampling": sampling.name, "train": _learns(at, sampling)})
            for at, text in enumerate(rows)
        ]
        file.write_text("\n".join(lines) + "\n", "utf-8")
        print(f"{file.name}: {process_time():.0f} s in all", flush=True)


def _learns(at: int, sampling: Sampling) -> bool:
    """Every other prompt teaches, where the way of sampling does."""
    return at % 2 == 0 and sampling in LEARNED


def _missing(work: Path) -> Iterator[tuple[Sampling, Path]]:
    for number, place in product(range(2), range(len(SAMPLINGS))):
        file = work / f"machine-{place}-{number}.jsonl"
        if not file.exists():
            yield SAMPLINGS[place], file


def _prompts(people: Sequence[Sample], chance: Random) -> list[str]:
    begun = [" ".join(each.text.split()[:_OPENING]) for each in chance.sample(people, _BATCH // 2)]
    pairs = list(product(_ASKED, _SUBJECTS))
    asked = [_CHAT.format(form.format(of)) for form, of in chance.sample(pairs, _BATCH // 2)]
    return begun + asked


@torch.no_grad()
def _texts(
    model: Any, tokenizer: Tokenizer, prompts: Sequence[str], sampling: Sampling
) -> list[str]:
    ids, mask = _padded(tokenizer, prompts)
    start, cache, fresh = ids.shape[1], None, ids
    torch.manual_seed(len(prompts[0]))
    for _ in range(TOKENS):
        output = model(
            input_ids=fresh,
            attention_mask=mask,
            position_ids=(mask.cumsum(1) - 1).clip(0)[:, -fresh.shape[1] :],
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        logits, cache = output.logits[:, -1], output.past_key_values
        fresh = _drawn(logits, sampling)
        ids = torch.cat([ids, fresh], 1)
        mask = torch.cat([mask, torch.ones_like(fresh)], 1)
    return [tokenizer.decode(row).strip() for row in ids[:, start:].tolist()]


def _drawn(logits: torch.Tensor, sampling: Sampling) -> torch.Tensor:
    logits[:, :_SPECIAL] = -torch.inf
    chances, order = (logits / sampling.temperature).softmax(1).sort(1, descending=True)
    before = chances.cumsum(1) - chances
    kept = torch.where(before < sampling.top_p, chances, 0.0)
    return order.gather(1, torch.multinomial(kept, 1))


def _padded(tokenizer: Tokenizer, prompts: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
    rows = [tokenizer.encode(prompt).ids for prompt in prompts]
    width = max(map(len, rows))
    ids = torch.tensor([[2] * (width - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    return ids, mask


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=25, help="of the processor")
    return parser.parse_args()


if __name__ == "__main__":
    main()
