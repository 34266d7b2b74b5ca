"""`guardrails policy diff`: what would change on real rows with another policy."""

import argparse
import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.progress import progress
from guardrails.cli.setup import add_models_to, engine_for, store_from
from guardrails.cli.values import whole
from guardrails.core.content import Stage, Surface
from guardrails.engine.differing import Difference
from guardrails.engine.engine import Engine
from guardrails.evaluation import dataset
from guardrails.evaluation.dataset import DatasetError, Survey
from guardrails.evaluation.diff import Tally, comparable, compare
from guardrails.evaluation.judging import Setting
from guardrails.models.model import Models

EXAMPLES = 5
SHOWN = 60
"""Characters of an id."""


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the verb."""
    parser = verbs.add_parser("diff", help="print what would change on rows, by rule and by action")
    parser.add_argument("old", type=Path, metavar="OLD", help="the policy that serves now")
    parser.add_argument("new", type=Path, metavar="NEW", help="the one that would take its place")
    parser.add_argument(
        "--on", required=True, type=Path, metavar="FILE", help="rows as for eval: .jsonl, .jsonl.gz"
    )
    parser.add_argument("--stage", choices=[stage.value for stage in Stage], default="input")
    parser.add_argument(
        "--examples",
        type=whole(0, 1_000),
        default=EXAMPLES,
        metavar="N",
        help="ids of rows that are told for each change",
    )
    parser.add_argument(
        "--in-flight", type=whole(1), default=1, metavar="N", help="rows judged at a time"
    )
    parser.add_argument("--fail-on-change", action="store_true", help="exit with 4 if any changes")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_models_to(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Judge every row by both, and print what differs; texts are never printed."""
    try:
        survey = dataset.survey(arguments.on)
    except DatasetError as error:
        raise BadArguments(str(error)) from None
    with store_from(arguments) as models:
        settings = _settings(arguments, models)
        tally = asyncio.run(_tally(arguments, settings, survey))
    if arguments.json:
        sys.stdout.write(json.dumps(_plain(arguments, settings, tally)) + "\n")
    else:
        sys.stdout.writelines(f"{line}\n" for line in _lines(arguments, settings, tally))
    return Exit.TESTS_FAILED if tally.changed and arguments.fail_on_change else Exit.FINE


def _settings(arguments: argparse.Namespace, models: Models) -> tuple[Setting, Setting]:
    stage = Stage(arguments.stage)
    surface = Surface.USER if stage is Stage.INPUT else Surface.ASSISTANT
    compiled = (engine_for(path, models) for path in (arguments.old, arguments.new))
    old, new = (
        Setting(comparable(engine.plans[name]), stage, surface) for engine, name in compiled
    )
    if not (old.steps or new.steps):
        raise BadArguments(f"no rule of either policy looks at text at {stage.value}")
    return old, new


async def _tally(
    arguments: argparse.Namespace, settings: tuple[Setting, Setting], survey: Survey
) -> Tally:
    old, new = (Engine({setting.plan.name: setting.plan}) for setting in settings)
    tally, rows = Tally(arguments.examples), dataset.rows(arguments.on)
    with progress("comparing", survey.rows) as advance:
        async for one in compare(rows, settings, (old, new), in_flight=arguments.in_flight):
            tally.add(one)
            advance()
    return tally


def _lines(
    arguments: argparse.Namespace, settings: tuple[Setting, Setting], tally: Tally
) -> Iterator[str]:
    for name, setting in zip(("old", "new"), settings, strict=True):
        yield f"{name}          {setting.plan.name} {setting.plan.hash[:12]}, {setting.plan.file}"
    yield f"rows         {tally.rows:,} of {arguments.on}, {arguments.stage}"
    yield f"changed      {tally.changed:,}"
    for title, rules in (("verdicts", False), ("rules", True)):
        known = list(tally.of(rules=rules))
        if known:
            yield ""
            yield title
            width = max(len(one.rule) for one, _ in known)
        for one, count in known:
            rule = f"{one.rule:{width}}  " if rules else ""
            yield f"  {rule}{_way(one):16}  {count:>7,}  {_ids(tally, one, count)}"
    if tally.texts:
        yield ""
        yield "the same verdict, another text passed on"
    for one, count in tally.texts.items():
        yield f"  {one.old.word:16}  {count:>7,}  {_ids(tally, one, count)}"


def _way(one: Difference) -> str:
    return f"{one.old.word} -> {one.new.word}"


def _ids(tally: Tally, one: Difference, count: int) -> str:
    ids = tally.ids[one]
    more = count - len(ids)
    told = ", ".join(map(_shown, ids))
    return f"{told}, and {more:,} more" if ids and more else told


def _shown(name: str) -> str:
    """An id as it fits on a line, whatever stands in it."""
    told = name if name.isprintable() else name.encode("unicode_escape").decode()
    return told if len(told) <= SHOWN else f"{told[:SHOWN]}..."


def _plain(
    arguments: argparse.Namespace, settings: tuple[Setting, Setting], tally: Tally
) -> dict[str, Any]:
    old, new = (
        {"policy": one.plan.name, "policy_hash": one.plan.hash, "models": dict(one.plan.models)}
        for one in settings
    )
    return {
        "old": old,
        "new": new,
        "data": str(arguments.on),
        "stage": arguments.stage,
        "rows": tally.rows,
        "changed": tally.changed,
        "verdicts": [_difference(tally, *each) for each in tally.of(rules=False)],
        "rules": [
            {"rule": one.rule, **_difference(tally, one, count)}
            for one, count in tally.of(rules=True)
        ],
        "texts": [_difference(tally, *each) for each in tally.texts.items()],
    }


def _difference(tally: Tally, one: Difference, count: int) -> dict[str, Any]:
    return {
        "old": one.old.word,
        "new": one.new.word,
        "count": count,
        "examples": list(tally.ids[one]),
    }
