"""`guardrails models compile`: from a checkpoint to the folder of a model, or to nothing at all."""

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.values import folder, whole
from guardrails.core.errors import ModelError
from guardrails.models.manifest import Licence

_EXTRA = "compile"


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb to the parser."""
    verb = verbs.add_parser(
        "compile", help="turn a checkpoint into a model; exit 5 when it judges otherwise"
    )
    verb.add_argument(
        "source",
        type=Path,
        metavar="SOURCE",
        help="a directory of ours or of transformers, or a file of Detoxify",
    )
    verb.add_argument("--to", required=True, type=Path, metavar="DIR", help="the model's folder")
    verb.add_argument("--name", metavar="NAME", help="of the model; the folder is then DIR/NAME")
    verb.add_argument("--quantize", choices=["int8", "fp16"], help="compute in fewer bits")
    verb.add_argument("--licence", metavar="SPDX", help="under which the weights may be passed on")
    verb.add_argument("--attribution", metavar="TEXT", help="whom to name, and how")
    verb.add_argument("--summary", default="", metavar="TEXT", help="what the model is for")
    verb.add_argument("--window", type=whole(1), metavar="N", help="tokens that it sees together")
    verb.add_argument("--overlap", type=whole(0), metavar="N", help="tokens that windows share")
    verb.add_argument(
        "--base", type=folder, metavar="DIR", help="the encoder's config.json and tokenizer.json"
    )
    verb.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Compile, and print what came of it."""
    opening, compiler, orders = map(_part, ("opening", "compiler", "folder"))
    source = opening.open_source(arguments.source, arguments.base)
    order = orders.Order(
        to=arguments.to / arguments.name if arguments.name else arguments.to.absolute(),
        licence=_licence(arguments, source.licence),
        precision=orders.Precision(arguments.quantize or "fp32"),
        window=arguments.window,
        overlap=arguments.overlap,
        summary=arguments.summary,
    )
    manifest = compiler.Compiler(source, order).run()
    made = manifest.compiled
    sys.stdout.write(
        f"{manifest.folder}: {made.source} in {made.precision}, on {made.texts} texts at most "
        f"{made.difference:.4f} from its source, no verdict flipped\n"
    )
    return Exit.FINE


def _part(name: str) -> Any:
    """Import what needs torch, only now."""
    try:
        return import_module(f"guardrails.compiling.{name}")
    except ModuleNotFoundError as error:
        raise ModelError(
            f"compiling needs '{error.name}', install 'guardrails[{_EXTRA}]'"
        ) from error


def _licence(arguments: argparse.Namespace, known: Licence | None) -> Licence:
    spdx = arguments.licence or (known.spdx if known else None)
    attribution = arguments.attribution or (known.attribution if known else None)
    if spdx is None or attribution is None:
        raise BadArguments(
            f"'{arguments.source}' does not say under which licence it is, "
            "give --licence and --attribution"
        )
    return Licence(spdx=spdx, attribution=attribution)
