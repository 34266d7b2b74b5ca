"""`python -m benchmarks.marks_generate MODEL FOLDER`: texts with every mark, and without.

MODEL is a folder as transformers writes one; torch is needed. Each finished batch is a file, so a
run that was stopped goes on where it was; all cells grow together. `benchmarks.marks_text` reads
them.
"""

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from time import process_time
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM

from benchmarks.marks_text import EARLY, KEY, SCHEMES
from guardrails.marks.sampling.kgw import Kgw
from guardrails.marks.sampling.prf import secret
from guardrails.marks.sampling.sampler import Sampler

PLAIN = "none"
TEMPERATURES = (1.0, 0.7)
TOKENS = 200
SPECIAL = 17
"""Tokens below are special in SmolLM2: none is sampled, so that every text has its length."""

_FORMS = (
    "Tell a story about {}.",
    "Explain {} in detail.",
    "Write a long letter to a friend about {}.",
    "A newspaper article about {}:",
    "The first chapter of a book about {} begins like this.",
)
_SUBJECTS = (
    "a lighthouse and its keeper", "the history of bread", "a train that never stops",
    "learning to swim", "the weather in the mountains", "an old bicycle", "bees and their hives",
    "moving to another city", "the invention of paper", "a lost letter", "gardens in winter",
    "how a bridge is built", "a market in the morning", "the first day at work", "cats and dogs",
    "the sea at night", "making cheese", "a visit to the dentist", "old maps", "a school play",
    "how planes fly", "the life of a river", "a power cut", "growing tomatoes", "a chess match",
    "the moon", "a broken clock", "fishing with a grandfather", "how books are printed",
    "a village festival", "trees in the city", "a long walk", "the price of coffee",
    "an unexpected guest", "museums", "a concert in the rain", "the post office", "volcanoes",
    "a new neighbour", "sleep and dreams",
)  # fmt: skip
PROMPTS = tuple(form.format(subject) for subject, form in product(_SUBJECTS, _FORMS))
_CHAT = "<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"


def main() -> None:
    """Write the batches that are missing, until the time is over."""
    arguments = _arguments()
    torch.set_num_threads(1)
    model = AutoModelForCausalLM.from_pretrained(arguments.model, dtype=torch.float32).eval()
    tokenizer = Tokenizer.from_file(str(arguments.model / "tokenizer.json"))
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name, temperature, batch, file in _missing(arguments):
        if process_time() > arguments.minutes * 60:
            print("the time is over, run it again to go on")
            return
        started = process_time()
        rows = _batch(model, tokenizer, name, temperature, batch)
        partial = file.with_suffix(".part")
        partial.write_text("".join(json.dumps(row) + "\n" for row in rows))
        partial.rename(file)
        print(f"{file.name}: {process_time() - started:.0f} s", flush=True)


def _missing(arguments: argparse.Namespace) -> Iterator[tuple[str, float, range, Path]]:
    texts = min(arguments.texts, len(PROMPTS))
    for start in range(0, texts, arguments.batch):
        for temperature, name in product(TEMPERATURES, (*SCHEMES, PLAIN)):
            file = arguments.folder / f"{name}-{temperature}-{start:03}.jsonl"
            same = name == EARLY and temperature == 1
            if not same and not file.exists():
                yield name, temperature, range(start, min(start + arguments.batch, texts)), file


def _batch(
    model: Any, tokenizer: Tokenizer, name: str, temperature: float, batch: range
) -> Iterator[Mapping[str, Any]]:
    scheme = SCHEMES.get(name)
    sampler = Sampler(scheme, secret(KEY, scheme.name)) if scheme else None
    torch.manual_seed(batch.start)
    # prompts of every form in every batch, every other one as a chat
    prompts = [_CHAT.format(PROMPTS[i]) if i % 2 else PROMPTS[i] for i in batch]
    # a bias that is divided later is the same as a larger one
    heat = temperature if name == EARLY else 1.0
    if sampler and heat != 1:
        sampler = replace(sampler, scheme=Kgw(delta=Kgw().delta / heat))
    ids, surprise = _generated(model, _padded(tokenizer, prompts), temperature, sampler)
    for number, row, nats in zip(batch, ids.tolist(), surprise.tolist(), strict=True):
        yield {"prompt": number, "ids": row, "text": tokenizer.decode(row), "nats": nats}


def _padded(tokenizer: Tokenizer, prompts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    rows = [tokenizer.encode(prompt).ids for prompt in prompts]
    width = max(map(len, rows))
    ids = torch.tensor([[2] * (width - len(row)) + row for row in rows])
    mask = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
    return ids, mask


@torch.no_grad()
def _generated(
    model: Any,
    prompt: tuple[torch.Tensor, torch.Tensor],
    temperature: float,
    sampler: Sampler | None,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Give the tokens (batch, n), and how surprised the model was by each on average, in nats."""
    ids, mask = prompt
    start, cache, fresh = ids.shape[1], None, ids
    surprise = torch.zeros(len(ids))
    for _ in range(TOKENS):
        places = (mask.cumsum(1) - 1).clip(0)[:, -fresh.shape[1] :]
        output = model(
            input_ids=fresh,
            attention_mask=mask,
            position_ids=places,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        logits, cache = output.logits[:, -1], output.past_key_values
        logits[:, :SPECIAL] = -torch.inf
        scores = logits / temperature
        scores = sampler(ids, scores) if sampler else scores
        fresh = torch.multinomial(scores.softmax(1), 1)
        surprise -= logits.log_softmax(1).gather(1, fresh)[:, 0] / TOKENS
        ids = torch.cat([ids, fresh], 1)
        mask = torch.cat([mask, torch.ones_like(fresh)], 1)
    return ids[:, start:], surprise


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--texts", type=int, default=200, help="of each cell, at most 200")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--minutes", type=float, default=600, help="of the processor, for this run")
    return parser.parse_args()


if __name__ == "__main__":
    main()
