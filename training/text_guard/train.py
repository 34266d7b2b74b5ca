"""Trains the text guard, phase by phase; started again, it goes on where it stopped.

``python -m text_guard.train --data DIR --work DIR``
"""

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch.optim import AdamW
from torch.optim.lr_scheduler import LambdaLR
from tqdm import tqdm

from guardrails.compiling.text_guard import TextGuard
from text_guard.base import fetch, untrained
from text_guard.batches import Row, arrange, collate, rows
from text_guard.hardware import FAST_BF16
from text_guard.losses import loss, positive_weights
from text_guard.mixture import PHASES, Phase, mixture

WARM_UP = 0.06  # of all steps
HEADS_FASTER = 10
SAVE_EVERY = 120  # seconds
TOKENIZER = "tokenizer.json"
STATE = "state.pt"


@dataclass
class Progress:
    """Everything that a run needs to go on."""

    model: TextGuard
    optimizer: AdamW
    schedule: LambdaLR
    step: int = 0

    def save(self, file: Path) -> None:
        """Write all in one move, so that a stop half-way costs nothing."""
        state = {name: getattr(self, name).state_dict() for name in STATEFUL} | {"step": self.step}
        torch.save(state, file.with_suffix(".new"))
        file.with_suffix(".new").replace(file)

    def resume(self, file: Path) -> None:
        """Go on from a file, if there is one."""
        if file.exists():
            state = torch.load(file)
            for name in STATEFUL:
                getattr(self, name).load_state_dict(state[name])
            self.step = state["step"]


STATEFUL = ("model", "optimizer", "schedule")


def main() -> None:
    """Run the phases that are not done yet."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the sets")
    parser.add_argument("--work", type=Path, required=True, help="where checkpoints go")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--until", choices=[phase.name for phase in PHASES], help="the last phase")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    before = start(given.work / "base")
    for phase in PHASES:
        done = given.work / phase.name
        if not (done / "config.json").exists():
            run(phase, before, done, given.data)
        before = done
        if phase.name == given.until:
            break


def start(folder: Path) -> Path:
    """Make the untrained checkpoint."""
    if not (folder / "config.json").exists():
        torch.manual_seed(PHASES[0].seed)
        keep(*untrained(fetch()), folder)
    return folder


def keep(model: TextGuard, tokenizer: Tokenizer, folder: Path) -> None:
    """Write a checkpoint with its tokenizer; the config comes last and says that all is there."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / TOKENIZER))
    model.save(folder)


def run(phase: Phase, before: Path, done: Path, data: Path) -> None:
    """Train one phase from a checkpoint to the next."""
    torch.manual_seed(phase.seed)
    rng = np.random.default_rng(phase.seed)
    tokenizer = Tokenizer.from_file(str(before / TOKENIZER))
    seen = list(rows(mixture(data, phase, rng), tokenizer, rng))
    plan = arrange(seen, rng)
    print(f"{phase.name}: {len(seen):,} rows in {len(plan):,} batches", flush=True)
    progress = prepare(TextGuard.load(before), phase, len(plan))
    done.mkdir(parents=True, exist_ok=True)
    progress.resume(done / STATE)
    steps(progress, plan, positive_weights(seen), done)
    keep(progress.model.eval(), tokenizer, done)


def prepare(model: TextGuard, phase: Phase, total: int) -> Progress:
    """Set up the optimiser: a short warm-up, then straight down to zero."""
    encoder = list(model.encoder.parameters())
    heads = [value for name, value in model.named_parameters() if not name.startswith("encoder.")]
    groups = [
        {"params": encoder, "lr": phase.rate},
        {"params": heads, "lr": phase.rate * HEADS_FASTER},
    ]
    optimizer = AdamW(groups, weight_decay=0.01)

    def rate(step: int) -> float:
        return min((step + 1) / (WARM_UP * total), (total - step) / ((1 - WARM_UP) * total))

    return Progress(model, optimizer, LambdaLR(optimizer, rate))


def steps(progress: Progress, plan: list[list[Row]], positive: torch.Tensor, done: Path) -> None:
    """Take the steps that are left, and save now and then."""
    progress.model.train()
    saved, average = time.monotonic(), None
    bar = tqdm(plan[progress.step :], initial=progress.step, total=len(plan), mininterval=10)
    for batch in bar:
        value = step(progress, batch, positive)
        average = value if average is None else 0.98 * average + 0.02 * value
        bar.set_postfix(loss=f"{average:.3f}", refresh=False)
        if time.monotonic() - saved > SAVE_EVERY:
            progress.save(done / STATE)
            saved = time.monotonic()


def step(progress: Progress, batch: list[Row], positive: torch.Tensor) -> float:
    """Learn from one batch; tell its loss."""
    numbers = collate(batch)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=FAST_BF16):
        logits, token_logits = progress.model(numbers.ids, numbers.mask)
    value = loss(logits.float(), token_logits.float(), numbers, positive)
    progress.optimizer.zero_grad()
    value.backward()
    torch.nn.utils.clip_grad_norm_(progress.model.parameters(), 1.0)
    progress.optimizer.step()
    progress.schedule.step()
    progress.step += 1
    return value.item()


if __name__ == "__main__":
    main()
