"""`guardrails calibrate`: thresholds for false-positive rates, from harmless traffic."""

import argparse
import json
import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.feedback import proposing
from guardrails.cli.rows import add_rows_to, head, judge_all, naming_of, setting_of, survey_of
from guardrails.cli.setup import store_from
from guardrails.core.check import Calibrated
from guardrails.evaluation import calibration_text, manifests
from guardrails.evaluation.calibration import RATES, Benign, Table
from guardrails.evaluation.judging import Setting
from guardrails.evaluation.naming import Naming, folded
from guardrails.evaluation.uncalibrated import Uncalibrated
from guardrails.models import manifest, store
from guardrails.models.manifest import Manifest
from guardrails.policy.problems import did_you_mean

WAYS = ("none", "policy", "manifest")
PACKAGE = store.SHIPPED.parents[1]
"""What is installed; an operator's models never go there."""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser(
        "calibrate", help="find the thresholds that so much harmless text reaches, and no more"
    )
    add_rows_to(parser, data=False)
    proposing.add_to(parser)
    parser.add_argument(
        "--target-fpr",
        type=_rate,
        metavar="RATE",
        help="the share of harmless texts that may be stopped, such as 0.01",
    )
    parser.add_argument("--label", metavar="LABEL", help="only the categories of this label")
    parser.add_argument(
        "--write",
        choices=WAYS,
        default="none",
        help="print the lines for the policy, or write the tables into a copy of the model",
    )
    parser.add_argument(
        "--to", type=Path, metavar="DIR", help="the directory of models that the copy goes to"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Judge every row, and print the thresholds; refuse to write what too few rows say."""
    if arguments.feedback is not None:
        return proposing.run(arguments)
    if arguments.data is None or arguments.target_fpr is None:
        raise BadArguments("give --data FILE and --target-fpr RATE, or --from FEEDBACK")
    _must_have_a_place(arguments)
    survey = survey_of(arguments)
    with store_from(arguments) as models:
        setting = setting_of(arguments, Uncalibrated(models))
        naming = naming_of(arguments, setting.categories)
        benign = Benign(_targets(arguments, setting, naming), naming)
        judge_all(arguments, setting, survey, benign.add)
    tables = benign.tables([*RATES, arguments.target_fpr])
    if arguments.json:
        written = _write(arguments, setting, tables)
        report = _report(arguments, setting, tables, written)
        sys.stdout.write(json.dumps(report) + "\n")
    else:
        _show(arguments, setting, tables)
    return Exit.FINE


def _rate(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no rate, give a number between 0 and 1")
    return number


def _must_have_a_place(arguments: argparse.Namespace) -> None:
    if (arguments.write == "manifest") != (arguments.to is not None):
        raise BadArguments("--write manifest and --to DIR go together")
    if arguments.to and arguments.to.resolve().is_relative_to(PACKAGE.resolve()):
        raise BadArguments(
            f"--to {arguments.to}: what ships stays as it is, name another directory"
        )


def _targets(
    arguments: argparse.Namespace, setting: Setting, naming: Naming
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every category of every rule, and each rule that has several as a whole."""
    wanted = setting.categories
    if arguments.label is not None:
        wanted = naming.categories(arguments.label)
        if not wanted:
            way_out = did_you_mean(arguments.label, setting.categories)
            raise BadArguments(f"--label {arguments.label}: no category of that name, {way_out}")
    for rule, step in setting.steps.items():
        categories = [category for category in step.check.categories if category in wanted]
        yield from ((rule, (category,)) for category in categories)
        if len(categories) > 1 and arguments.label is None:
            yield rule, tuple(categories)


def _write(
    arguments: argparse.Namespace, setting: Setting, tables: Sequence[Table]
) -> tuple[Path, ...]:
    """Write manifests, if asked to.

    Raises:
        BadArguments: the rows are too few, or there is nothing that a manifest could hold.
    """
    if arguments.write == "none":
        return ()
    if arguments.write == "policy":
        rules = _for_rules(setting, tables)
        if not rules:
            raise BadArguments("a rule has one threshold for all its categories, leave --label out")
        _must_suffice(rules, arguments.target_fpr)
        return ()
    found = _by_model(arguments, setting, tables)
    if not found:
        raise BadArguments("no rule of this policy runs a model whose manifest has such tables")
    _must_suffice(
        [one for labels in found.values() for one in labels.values()], arguments.target_fpr
    )
    known = store.folders(arguments.models)
    return tuple(
        manifests.write(manifest.read(known[name]), spoken_of, arguments.to)
        for name, labels in found.items()
        if (spoken_of := {label: one for label, one in labels.items() if one.examples})
    )


def _must_suffice(tables: Sequence[Table], target: float) -> None:
    """What no row speaks of is left out; what too few rows speak of is not written."""
    tables = [table for table in tables if table.examples] or tables
    problems = [
        problem for table in tables if (problem := calibration_text.shortage(table, target))
    ]
    if problems:
        raise BadArguments("nothing was written\n" + "\n".join(problems))


def _for_rules(setting: Setting, tables: Sequence[Table]) -> list[Table]:
    """The tables that give a rule its one threshold: those of all its categories together."""
    return [
        table
        for table in tables
        if set(table.categories) == set(setting.steps[table.rule].check.categories)
    ]


def _by_model(
    arguments: argparse.Namespace, setting: Setting, tables: Sequence[Table]
) -> dict[str, dict[str, Table]]:
    """The tables by name of the model and label; rules that share a label agree on it."""
    known = {one.name: one for one in store.manifests(arguments.models)}
    found: dict[str, dict[str, Table]] = {}
    for table in tables:
        step = setting.steps[table.rule]
        if len(table.categories) == 1 and isinstance(step.check, Calibrated):
            for name in step.models:
                if label := _label(known[name], table.categories[0]):
                    found.setdefault(name, {}).setdefault(label, table)
    return found


def _label(model: Manifest, category: str) -> str | None:
    return next((one for one in model.labels if folded(one) == folded(category)), None)


def _show(arguments: argparse.Namespace, setting: Setting, tables: Sequence[Table]) -> None:
    """Print the tables, also where they are not good enough to be written."""
    target, plan = arguments.target_fpr, setting.plan
    sys.stdout.write(f"policy       {plan.name} {plan.hash[:12]}, {setting.stage.value}\n")
    sys.stdout.write(f"data         {arguments.data}\n")
    sys.stdout.write(calibration_text.render(tables, target))
    written = _write(arguments, setting, tables)
    if arguments.write == "policy":
        rules = _for_rules(setting, tables)
        sys.stdout.write("\n" + calibration_text.policy_lines(setting.stage, rules, target))
    for folder in written:
        sys.stdout.write(f"\nwrote {folder}, use it with --models {folder.parent}\n")


def _report(
    arguments: argparse.Namespace,
    setting: Setting,
    tables: Sequence[Table],
    written: Sequence[Path],
) -> Mapping[str, Any]:
    return {
        **head(arguments, setting),
        "target_fpr": arguments.target_fpr,
        "tables": [calibration_text.plain(table) for table in tables],
        "thresholds": {
            table.rule: line.threshold
            for table in _for_rules(setting, tables)
            if (line := table.line(arguments.target_fpr))
        },
        "written": [str(folder) for folder in written],
    }
