"""What several commands need: the model store and an engine, from arguments."""

import argparse
from pathlib import Path

from guardrails.cli.exits import BadArguments
from guardrails.cli.values import folder, seconds, whole
from guardrails.core.errors import UnknownPolicyError
from guardrails.engine.engine import Engine
from guardrails.models.model import Models
from guardrails.models.session import Device, Hardware
from guardrails.models.store import ModelStore
from guardrails.policy.loader import load


def add_models_to(parser: argparse.ArgumentParser) -> None:
    """Add the options that say where models are and what they run on."""
    parser.add_argument(
        "--models",
        action="append",
        default=[],
        type=folder,
        metavar="DIR",
        help="a directory of model folders, searched before those that ship",
    )
    parser.add_argument("--device", choices=[one.value for one in Device], default="cpu")
    parser.add_argument(
        "--threads", type=whole(1), default=1, metavar="N", help="of one model run on the CPU"
    )
    parser.add_argument(
        "--model-patience",
        type=seconds,
        default=Hardware().patience,
        metavar="SECONDS",
        help="after which a run of a model hangs, and the model is replaced; 10 by default",
    )


def store_from(arguments: argparse.Namespace) -> ModelStore:
    """Open the store that the options describe."""
    hardware = Hardware(
        device=Device(arguments.device),
        threads=arguments.threads,
        patience=arguments.model_patience,
    )
    return ModelStore(arguments.models, hardware)


def engine_for(policy: Path, models: Models) -> tuple[Engine, str]:
    """Compile one policy file; give the engine and the policy's name.

    Raises:
        BadArguments: it is a directory.
        PolicyError: it does not compile.
    """
    if policy.is_dir():
        raise BadArguments(f"'{policy}' is a directory, name one policy file of it")
    plans = load(policy, models)
    name = next((plan.name for plan in plans.values() if plan.file == str(policy)), None)
    if name is None:
        raise UnknownPolicyError(f"'{policy}' holds no policy")
    return Engine(plans), name
