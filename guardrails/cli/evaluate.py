"""`guardrails eval`: how well a policy does on labelled data."""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.files import named
from guardrails.cli.observing import add_watts_to
from guardrails.cli.rows import add_rows_to, head, judge_all, naming_of, setting_of, survey_of
from guardrails.cli.setup import store_from
from guardrails.evaluation import highlight, plot, report_json, report_text
from guardrails.evaluation.dataset import Survey
from guardrails.evaluation.highlight import Marked
from guardrails.evaluation.judging import Judged, Setting
from guardrails.evaluation.naming import Naming
from guardrails.evaluation.report import Evaluation, evaluate
from guardrails.evaluation.tally import Tally
from guardrails.telemetry.energy import Meter, Used, sources

SHOWN_AT_MOST = 500
"""Texts on the page of `--html`."""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("eval", help="measure a policy on labelled rows")
    add_rows_to(parser)
    parser.add_argument(
        "--slice", metavar="FIELD", help="also measure the rows of each value of a field apart"
    )
    parser.add_argument(
        "--scores", type=Path, metavar="OUT.jsonl", help="write what each row got, a line a row"
    )
    parser.add_argument(
        "--plot", type=Path, metavar="OUT.svg", help="draw the curves and the reliability diagram"
    )
    parser.add_argument(
        "--html", type=Path, metavar="OUT.html", help="show the texts, what was found in colour"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_watts_to(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Judge every row, and print the figures."""
    if arguments.plot and arguments.plot.suffix != ".svg":
        raise BadArguments(f"'{arguments.plot}': curves are drawn as SVG, name a file *.svg")
    survey = survey_of(arguments, arguments.slice)
    with store_from(arguments) as models:
        setting = setting_of(arguments, models)
        naming = naming_of(arguments, setting.categories)
        tally, shown = Tally(naming, survey.types), _Shown(naming)
        meter = Meter(sources(arguments.watts_per_core))
        before = meter.joules()
        with _writing(arguments.scores) as write:
            judge_all(
                arguments,
                setting,
                survey,
                lambda one: _add(one, tally, shown, write),
                arguments.slice,
            )
        used = Used.between(before, meter.joules(), survey.rows)
        meter.close()
    if arguments.html:
        title = f"{setting.plan.name}, {setting.stage.value}, {arguments.data.name}"
        with named():
            arguments.html.write_text(highlight.page(title, shown.texts), encoding="utf-8")
    _show(arguments, setting, evaluate(tally, naming), _unmatched(naming, survey), used)
    return Exit.FINE


def _add(judged: Judged, tally: Tally, shown: "_Shown", write: Callable[[Judged], None]) -> None:
    tally.add(judged)
    shown.add(judged)
    write(judged)


class _Shown:
    """The texts of the first rows in which something was found, or missed."""

    def __init__(self, naming: Naming) -> None:
        self.texts: list[tuple[str, list[Marked]]] = []
        self._naming = naming

    def add(self, judged: Judged) -> None:
        found = [Marked(one.start, one.end, one.type) for one in judged.spans]
        known = [one for one in judged.row.spans or () if self._naming.categories(one.type)]
        missed = [
            Marked(one.start, one.end, one.type, found=False)
            for one in known
            if not any(mark.start < one.end and one.start < mark.end for mark in found)
        ]
        if (found or missed) and len(self.texts) < SHOWN_AT_MOST:
            self.texts.append((judged.row.text, [*found, *missed]))


@contextmanager
def _writing(path: Path | None) -> Iterator[Callable[[Judged], None]]:
    """Write a line a row, or nothing at all."""
    if path is None:
        yield lambda _: None
        return
    with named():
        file = path.open("w", encoding="utf-8")
    with file:
        yield lambda one: print(json.dumps(report_json.line(one), ensure_ascii=False), file=file)


def _unmatched(naming: Naming, survey: Survey) -> dict[str, list[str]]:
    """What is known of the rows, and nothing in the policy could find."""
    return {
        "labels": list(naming.unmatched(survey.labels)),
        "types": list(naming.unmatched(survey.types)),
    }


def _show(
    arguments: argparse.Namespace,
    setting: Setting,
    evaluation: Evaluation,
    unmatched: dict[str, list[str]],
    used: Used,
) -> None:
    plan = setting.plan
    if arguments.plot:
        title = f"{plan.name}, {setting.stage.value}, {arguments.data.name}"
        with named():
            arguments.plot.write_text(plot.render(evaluation, title), encoding="utf-8")
    if arguments.json:
        report = {**head(arguments, setting), **report_json.render(evaluation)}
        energy = {"watts_per_core": arguments.watts_per_core, **used.told()}
        sys.stdout.write(json.dumps({**report, "energy": energy, "unmatched": unmatched}) + "\n")
        return
    sys.stdout.write(f"policy       {plan.name} {plan.hash[:12]}, {setting.stage.value}\n")
    sys.stdout.write(f"data         {arguments.data}\n")
    sys.stdout.write(report_text.render(evaluation))
    sys.stdout.write(f"\nenergy       {used}\n")
    for kind, names in unmatched.items():
        if names:
            sys.stdout.write(f"\nnot measured, no category for {kind}: {', '.join(names)}\n")
