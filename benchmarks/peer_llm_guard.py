"""The peer's side: LLM Guard's scanners on random weights, timed text by text.

`python peer_llm_guard.py FOLDER TOKENIZER` runs in the peer's own environment. It makes the nets
in FOLDER if they are not there, opens the scanners, and prints a JSON object; then each line of
stdin is a text as JSON, and each line of stdout what the scanners took for it.
"""

import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import TextIO

import torch
from llm_guard.input_scanners import (  # type: ignore[import-not-found]  # not in our environment
    PromptInjection,
    Toxicity,
    prompt_injection,
    toxicity,
)
from llm_guard.model import Model  # type: ignore[import-not-found]  # as above
from llm_guard.util import configure_logger  # type: ignore[import-not-found]  # as above
from onnxruntime import SessionOptions
from optimum.onnxruntime import (  # type: ignore[import-not-found]  # as above
    ORTModelForSequenceClassification,
)
from transformers import (
    DebertaV2Config,
    DebertaV2ForSequenceClassification,
    PreTrainedModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForSequenceClassification,
)

PACKAGES = ("llm-guard", "torch", "transformers", "optimum", "onnxruntime")
POSITIONS = 512


def roberta_base() -> PreTrainedModel:
    """Make the architecture of unitary/unbiased-toxic-roberta, which has sixteen labels."""
    return RobertaForSequenceClassification(
        RobertaConfig(
            vocab_size=50265, max_position_embeddings=514, type_vocab_size=1, num_labels=16
        )
    )


def deberta_v3_base() -> PreTrainedModel:
    """Make the architecture of protectai/deberta-v3-base-prompt-injection-v2."""
    return DebertaV2ForSequenceClassification(
        DebertaV2Config(
            vocab_size=128100,
            hidden_size=768,
            num_hidden_layers=12,
            num_attention_heads=12,
            intermediate_size=3072,
            type_vocab_size=0,
            layer_norm_eps=1e-7,
            relative_attention=True,
            position_buckets=256,
            norm_rel_ebd="layer_norm",
            share_att_key=True,
            pos_att_type=["p2c", "c2p"],
            position_biased_input=False,
            pooler_dropout=0,
        )
    )


NETS: Mapping[str, tuple[Callable[[], PreTrainedModel], int]] = {
    "roberta-base": (roberta_base, 125),
    "deberta-v3-base": (deberta_v3_base, 184),
}
"""How each is made, and the millions of parameters that its namesake has."""


def main() -> None:
    """Serve until stdin ends."""
    folder, tokenizer = map(Path, sys.argv[1:])
    answers = _own_stdout()
    configure_logger("ERROR", stream=sys.stderr)
    for name in NETS:
        _make(folder / name, tokenizer)
    started = perf_counter()
    scanners = {
        "toxicity": Toxicity(model=_toxicity(folder), use_onnx=True),
        "prompt_injection": PromptInjection(model=_prompt_injection(folder), use_onnx=True),
    }
    for scanner in scanners.values():
        scanner.scan("the first text")
    seconds = perf_counter() - started
    scanners["toxicity_unpadded"] = Toxicity(model=_unpadded(_toxicity(folder)), use_onnx=True)
    _tell(answers, {"seconds": seconds, "versions": dict(_versions())})
    for line in sys.stdin:
        _tell(answers, _timed(scanners, json.loads(line)))


def _tell(answers: TextIO, answer: Mapping[str, object]) -> None:
    print(json.dumps(answer), file=answers, flush=True)


def _own_stdout() -> TextIO:
    """Keep stdout for answers; whatever else the libraries print goes to stderr."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def _versions() -> Iterator[tuple[str, str]]:
    return ((package, version(package)) for package in PACKAGES)


def _make(folder: Path, tokenizer: Path) -> None:
    """Export a net with random weights if it is not there, and put the tokenizer beside it."""
    if not folder.exists():
        with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
            _export(folder.name, Path(scratch)).rename(folder)
    PreTrainedTokenizerFast(
        tokenizer_file=str(tokenizer),
        model_max_length=POSITIONS,
        pad_token="[PAD]",  # noqa: S106  # a token, not a secret
    ).save_pretrained(folder)


def _export(name: str, scratch: Path) -> Path:
    net, millions = NETS[name]
    made = net()
    assert round(made.num_parameters() / 1e6) == millions
    made.save_pretrained(scratch / "weights")
    # this optimum was written for the exporter that torch then had, and still has beside the new
    torch.onnx.export = partial(torch.onnx.export, dynamo=False)
    exported = ORTModelForSequenceClassification.from_pretrained(scratch / "weights", export=True)
    exported.save_pretrained(scratch / "exported")
    return scratch / "exported"


def _toxicity(folder: Path) -> Model:
    return _local(toxicity.DEFAULT_MODEL, folder / "roberta-base")


def _prompt_injection(folder: Path) -> Model:
    return _local(prompt_injection.V2_MODEL, folder / "deberta-v3-base")


def _local(model: Model, folder: Path) -> Model:
    """Give the peer's own settings with our files, and one thread."""
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return replace(
        model,
        path=str(folder),
        revision=None,
        onnx_path=str(folder),
        onnx_revision=None,
        onnx_subfolder="",
        kwargs={"session_options": options},
    )


def _unpadded(model: Model) -> Model:
    return replace(model, pipeline_kwargs=model.pipeline_kwargs | {"padding": False})


def _timed(
    scanners: Mapping[str, Toxicity | PromptInjection], text: str
) -> dict[str, dict[str, float]]:
    return {name: _scan(scanner, text) for name, scanner in scanners.items()}


def _scan(scanner: Toxicity | PromptInjection, text: str) -> dict[str, float]:
    started = perf_counter()
    scanner.scan(text)
    taken = perf_counter() - started
    return {"milliseconds": taken * 1000, "tokens": _tokens(scanner, text)}


def _tokens(scanner: Toxicity | PromptInjection, text: str) -> int:
    """How many tokens the net is given, padding included."""
    pipeline = scanner._pipeline  # noqa: SLF001  # the scanner does not tell
    fed = pipeline.preprocess(text, **pipeline._preprocess_params)  # noqa: SLF001  # nor does this
    return int(fed["input_ids"].shape[-1])


if __name__ == "__main__":
    main()
