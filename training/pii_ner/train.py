"""Trains the token classifier; started again, it goes on where it stopped.

``python -m pii_ner.train --data DIR --work DIR``
"""

import argparse
import json
import time
from pathlib import Path
from random import Random

import numpy as np
import torch
from safetensors.torch import load
from tokenizers import Tokenizer
from torch import Tensor
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from tqdm import tqdm
from transformers import BertConfig, BertForTokenClassification

from pii_ner.batches import Row, arrange, collate, rows
from pii_ner.data import Example, changed, filled, joined, read_set, templates
from pii_ner.labels import LABELS
from pii_ner.values import Values
from text_guard.base import fetch
from text_guard.hardware import FAST_BF16

SEED = 31
TIMES = 60  # each template is filled
COPIES = {"ner": 1, "pii_synthetic": 2}
JOINED = 0.25  # texts that are put behind another
RATE = 1e-4
HEAD_FASTER = 5
WARM_UP = 0.06
SAVE_EVERY = 120  # seconds
STATE = "state.pt"


def main() -> None:
    """Train, and keep a checkpoint as Hugging Face writes it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the sets")
    parser.add_argument("--work", type=Path, required=True, help="where the checkpoint goes")
    parser.add_argument("--threads", type=int, default=2)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    torch.manual_seed(SEED)
    given.work.mkdir(parents=True, exist_ok=True)
    model, tokenizer = untrained()
    seen = list(rows(examples(given.data), tokenizer))
    plan = arrange(seen, np.random.default_rng(SEED))
    print(f"{len(seen):,} rows in {len(plan):,} batches", flush=True)
    train(model, plan, given.work / STATE)
    model.save_pretrained(given.work)
    tokenizer.save(str(given.work / "tokenizer.json"))


def untrained() -> tuple[BertForTokenClassification, Tokenizer]:
    """Put a fresh layer on the base."""
    files = fetch()
    tokenizer = Tokenizer.from_str(files["tokenizer.json"].decode())
    tokenizer.no_truncation()
    tokenizer.no_padding()
    config = BertConfig(**json.loads(files["config.json"]))
    config.id2label = dict(enumerate(LABELS))
    config.label2id = {label: number for number, label in enumerate(LABELS)}
    config.architectures = ["BertForTokenClassification"]
    model = BertForTokenClassification(config)
    weights = {
        f"bert.{name}": tensor.float() for name, tensor in load(files["model.safetensors"]).items()
    }
    missing, _ = model.load_state_dict(weights, strict=False)
    if any(not name.startswith("classifier") for name in missing):
        raise SystemExit(f"base: {missing} are not in it")
    return model, tokenizer


def examples(data: Path) -> list[Example]:
    """Draw all that is learned from, in random order, some joined."""
    random = Random(SEED)
    drawn = list(filled(templates("train"), Values(SEED), TIMES))
    for name, copies in COPIES.items():
        drawn += list(read_set(data, name, "train")) * copies
    random.shuffle(drawn)
    return [changed(example, random) for example in joined(drawn, random, JOINED)]


def train(model: BertForTokenClassification, plan: list[list[Row]], state: Path) -> None:
    """Take the steps that are left, and save now and then."""
    head = [value for name, value in model.named_parameters() if name.startswith("classifier")]
    body = [value for name, value in model.named_parameters() if not name.startswith("classifier")]
    groups = [{"params": body, "lr": RATE}, {"params": head, "lr": RATE * HEAD_FASTER}]
    optimizer = AdamW(groups, weight_decay=0.01)
    total = len(plan)
    schedule = LambdaLR(
        optimizer,
        lambda step: min((step + 1) / (WARM_UP * total), (total - step) / ((1 - WARM_UP) * total)),
    )
    parts = {"model": model, "optimizer": optimizer, "schedule": schedule}
    done = resumed(parts, state)
    model.train()
    saved, average = time.monotonic(), 1.0
    bar = tqdm(plan[done:], initial=done, total=total, mininterval=10)
    for number, batch in enumerate(bar, done + 1):
        ids, mask, allowed = collate(batch)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=FAST_BF16):
            logits = model(input_ids=ids, attention_mask=mask).logits
        value = loss(logits.float(), allowed)
        optimizer.zero_grad()
        value.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        average = 0.98 * average + 0.02 * value.item()
        bar.set_postfix(loss=f"{average:.3f}", refresh=False)
        if time.monotonic() - saved > SAVE_EVERY:
            torch.save(
                {name: part.state_dict() for name, part in parts.items()} | {"step": number}, state
            )
            saved = time.monotonic()


def resumed(parts: dict[str, torch.nn.Module], state: Path) -> int:
    """Go on from a file, if there is one; give the steps that are done."""
    if not state.exists():
        return 0
    stored = torch.load(state)
    for name, part in parts.items():
        part.load_state_dict(stored[name])
    return int(stored["step"])


def loss(logits: Tensor, allowed: Tensor) -> Tensor:
    """Tell the mean of -log P(one of the labels that are not wrong) over the tokens."""
    known = ~allowed.all(-1)
    right = logits.masked_fill(~allowed, -1e9).logsumexp(-1)
    each = logits.logsumexp(-1) - right
    return (each * known).sum() / known.sum().clamp(min=1)


if __name__ == "__main__":
    main()
