"""What commands that judge a file of rows share: options, a compiled policy, judged rows."""

import argparse
import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from guardrails.cli.exits import BadArguments
from guardrails.cli.progress import progress
from guardrails.cli.setup import add_models_to, engine_for
from guardrails.cli.values import whole
from guardrails.core.content import Stage, Surface
from guardrails.engine.engine import Engine
from guardrails.evaluation import dataset
from guardrails.evaluation.dataset import DatasetError, Survey
from guardrails.evaluation.judging import Judged, Setting, judge, thorough
from guardrails.evaluation.naming import ANY, Naming, folded
from guardrails.models.model import Models
from guardrails.policy.problems import did_you_mean


def add_rows_to(parser: argparse.ArgumentParser, *, data: bool = True) -> None:
    """Add the options that say what is judged, and by which policy; ``data`` must be, or may."""
    parser.add_argument(
        "--data", required=data, type=Path, metavar="FILE", help="labelled rows: .jsonl, .jsonl.gz"
    )
    parser.add_argument("--policy", required=True, type=Path, metavar="FILE")
    parser.add_argument("--stage", choices=[stage.value for stage in Stage], default="input")
    parser.add_argument(
        "--surface",
        choices=[surface.value for surface in Surface],
        help="where the texts come from; the user's at input, the assistant's at output",
    )
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="LABEL=CATEGORY,...",
        help="which categories a label stands for, where names differ; * is every category",
    )
    parser.add_argument(
        "--in-flight",
        type=whole(1),
        default=1,
        metavar="N",
        help="rows judged at a time; more is faster, but rows then wait for each other",
    )
    add_models_to(parser)


def survey_of(arguments: argparse.Namespace, field: str | None = None) -> Survey:
    """Read the rows once.

    Raises:
        BadArguments: they cannot be used.
    """
    try:
        return dataset.survey(arguments.data, field)
    except DatasetError as error:
        raise BadArguments(str(error)) from None


def setting_of(arguments: argparse.Namespace, models: Models) -> Setting:
    """Compile the policy, so that every rule gives its scores for every row.

    Raises:
        BadArguments: no rule of the policy looks at such rows.
        PolicyError: it does not compile.
    """
    engine, name = engine_for(arguments.policy, models)
    stage = Stage(arguments.stage)
    speaker = Surface.USER if stage is Stage.INPUT else Surface.ASSISTANT
    surface = Surface(arguments.surface) if arguments.surface else speaker
    setting = Setting(thorough(engine.plans[name]), stage, surface)
    if not setting.steps:
        what = f"text of the surface '{surface.value}' at {stage.value}"
        raise BadArguments(f"no rule of policy '{name}' looks at {what}")
    return setting


def naming_of(arguments: argparse.Namespace, categories: Sequence[str]) -> Naming:
    """Read ``--map``.

    Raises:
        BadArguments: it names a category that the policy does not have.
    """
    written: dict[str, list[str]] = {}
    known = {folded(category) for category in categories}
    for text in arguments.map:
        label, equals, names = text.partition("=")
        if not label or not equals or not names:
            raise BadArguments(f"--map {text}: expected LABEL=CATEGORY")
        for name in names.split(","):
            if name != ANY and folded(name) not in known:
                raise BadArguments(
                    f"--map {text}: unknown category '{name}', {did_you_mean(name, categories)}"
                )
            written.setdefault(label, []).append(name)
    return Naming(categories, written)


def judge_all(
    arguments: argparse.Namespace,
    setting: Setting,
    survey: Survey,
    each: Callable[[Judged], None],
    field: str | None = None,
) -> None:
    """Judge every row, in order, and hand each on."""

    async def run() -> None:
        engine = Engine({setting.plan.name: setting.plan})
        rows = dataset.rows(arguments.data, field)
        with progress("judging", survey.rows) as advance:
            async for judged in judge(rows, setting, engine, in_flight=arguments.in_flight):
                each(judged)
                advance()

    asyncio.run(run())


def head(arguments: argparse.Namespace, setting: Setting) -> dict[str, Any]:
    """Say what was measured: the policy and its models by their hashes, and the data."""
    return {
        "policy": setting.plan.name,
        "policy_hash": setting.plan.hash,
        "models": dict(setting.plan.models),
        "stage": setting.stage.value,
        "surface": setting.surface.value,
        "data": str(arguments.data),
    }
