"""Against a peer: LLM Guard's Toxicity and PromptInjection beside two rules on one pass.

Run by name alone (`python -m benchmarks peers`), since it installs the peer with torch, some
gigabytes, into an environment of its own under `--peers DIR`, once. What can be compared, and what
cannot, is in docs/performance.md.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

import uvloop

from benchmarks import guard
from benchmarks.measure import Row, median, percentile
from guardrails.cli.progress import progress
from guardrails.core.content import Content, prompt
from guardrails.engine.engine import Engine
from guardrails.models.manifest import TOKENIZER, Manifest
from guardrails.models.store import ModelStore

REQUIREMENTS = ("torch==2.13.0", "llm-guard[onnxruntime]==0.3.16")
CHECKS = ("toxicity", "prompt_injection")
SCRIPT = Path(__file__).with_name("peer_llm_guard.py")
ROUNDS = 40
OURS_A_ROUND = 25
ALONE = {
    "OMP_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "CUDA_VISIBLE_DEVICES": "",
    "HF_HUB_OFFLINE": "1",
}
"""One thread, no GPU, no network."""

Times = dict[str, list[float]]


class Peer:
    """The peer's process: a text goes in, what its scanners took comes out."""

    def __init__(self, process: "subprocess.Popen[str]", log: Path) -> None:
        self._process = process
        self._log = log
        self.ready = self._answer()

    def scan(self, text: str) -> Mapping[str, Any]:
        """Give milliseconds and tokens of each scanner."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(text) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> Mapping[str, Any]:
        assert self._process.stdout is not None
        if line := self._process.stdout.readline():
            answer: Mapping[str, Any] = json.loads(line)
            return answer
        raise SystemExit(f"the peer ended, see {self._log}")


def run(roots: Sequence[Path], folder: Path) -> Sequence[Row]:
    """Time both sides in turn, warm, on one thread each."""
    if not (model := guard.manifest(roots)):
        return []
    with _peer(folder, model) as peer, ModelStore(roots) as models:
        started = perf_counter()
        engine = guard.engine(CHECKS, models)
        uvloop.run(_judge(engine, prompt("the first text"), 1))
        cold = perf_counter() - started
        return [
            Row("peers", f"{_title(peer)}: open both, first text", peer.ready["seconds"], "s"),
            Row("peers", "guardrails: open both, first text", cold, "s"),
            *(row for length in guard.LENGTHS for row in _compared(peer, engine, model, length)),
        ]


def _title(peer: Peer) -> str:
    return f"LLM Guard {peer.ready['versions']['llm-guard']}"


def _compared(peer: Peer, engine: Engine, model: Manifest, length: int) -> Iterator[Row]:
    text = guard.text_of(model, length)
    tokens = {name: scanned["tokens"] for name, scanned in peer.scan(text).items()}
    assert tokens["prompt_injection"] == tokens["toxicity_unpadded"] == length
    times = _rounds(peer, engine, text)
    times["pair"] = _sums(times["toxicity"], times["prompt_injection"])
    times["pair_unpadded"] = _sums(times["toxicity_unpadded"], times["prompt_injection"])
    for name, case in (
        ("toxicity", f"LLM Guard Toxicity, pads to {tokens['toxicity']}"),
        ("toxicity_unpadded", "LLM Guard Toxicity, were it not to pad"),
        ("prompt_injection", "LLM Guard PromptInjection"),
        ("pair", "LLM Guard, both"),
        ("ours", "guardrails, both rules"),
    ):
        yield Row("peers", f"{length} tokens, {case}, p50", median(times[name]), "ms")
        yield Row("peers", f"{length} tokens, {case}, p99", percentile(times[name], 0.99), "ms")
    for pair, case in (("pair", "as it ships"), ("pair_unpadded", "were it not to pad")):
        ratio = median(times[pair]) / median(times["ours"])
        yield Row("peers", f"{length} tokens, LLM Guard {case} / guardrails, p50", ratio, "x")


def _rounds(peer: Peer, engine: Engine, text: str) -> Times:
    """Let the two take turns, so that noise meets both; in milliseconds, by name."""
    content = prompt(text)
    times: Times = {"ours": []}
    with progress("rounds", ROUNDS) as advance:
        for _ in range(ROUNDS):
            times["ours"] += uvloop.run(_judge(engine, content, OURS_A_ROUND))
            for name, scanned in peer.scan(text).items():
                times.setdefault(name, []).append(scanned["milliseconds"])
            advance()
    return times


async def _judge(engine: Engine, content: Content, times: int) -> list[float]:
    taken = []
    for _ in range(times):
        started = perf_counter()
        await engine.evaluate(content, policy="guard")
        taken.append((perf_counter() - started) * 1000)
    return taken


def _sums(ones: Sequence[float], others: Sequence[float]) -> list[float]:
    return [one + other for one, other in zip(ones, others, strict=True)]


@contextmanager
def _peer(folder: Path, model: Manifest) -> Iterator[Peer]:
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "llm_guard.log"
    command = (_environment(folder), SCRIPT, folder, model.folder / TOKENIZER)
    with log.open("w") as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=os.environ | ALONE,
        )
        try:
            yield Peer(process, log)
        finally:
            process.kill()
            process.wait()


def _environment(folder: Path) -> Path:
    """Give the interpreter of the peer's environment, made the first time."""
    python, ready = folder / "venv/bin/python", folder / "venv/.ready"
    wanted = "\n".join(REQUIREMENTS)
    if not ready.exists() or ready.read_text() != wanted:
        print(f"installing {' '.join(REQUIREMENTS)} into {folder}: some gigabytes, once")
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *REQUIREMENTS], check=True)
        ready.write_text(wanted)
    return python
