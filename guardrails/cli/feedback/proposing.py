"""`guardrails calibrate --from FEEDBACK`: thresholds that people's words speak for."""

import argparse
import asyncio
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from guardrails.cli.decisions.where import log_in, print_json
from guardrails.cli.exits import Exit
from guardrails.cli.feedback.where import opened
from guardrails.cli.setup import engine_for, store_from
from guardrails.core.content import Content, Stage, Surface, Text
from guardrails.engine.engine import Engine
from guardrails.evaluation import feedback_text
from guardrails.evaluation.feedback import Complaint, Proposal, complaints, propose
from guardrails.policy.plan import Plan
from guardrails.telemetry.decisions.record import body, noted
from guardrails.telemetry.decisions.store import Query
from guardrails.telemetry.feedback.store import Entry, Feedback

_SPOKEN = {Stage.INPUT: Surface.USER, Stage.OUTPUT: Surface.ASSISTANT}


def add_to(parser: argparse.ArgumentParser) -> None:
    """Add the options to those of `calibrate`."""
    parser.add_argument(
        "--from",
        dest="feedback",
        type=Path,
        metavar="FEEDBACK",
        help="instead of --data: propose thresholds from this file of feedback",
    )
    parser.add_argument("--log", metavar="PATH|URL", help="with --from: the log of decisions")
    parser.add_argument(
        "--key-file", type=Path, metavar="FILE", help="with --from: the keyring that sealed it"
    )


def run(arguments: argparse.Namespace) -> int:
    """Print proposals; no policy is changed."""
    with store_from(arguments) as models, opened(arguments) as kept:
        engine, name = engine_for(arguments.policy, models)
        entries = kept.entries(policy=name)
        records = asyncio.run(_records(engine, name, kept, entries))
    said = [one for entry in entries for one in _complaints(entry, records)]
    plan = engine.plans[name]
    spoken_of = {entry.said.decision for entry in entries}
    unsaid = _unsaid(arguments.log, name, spoken_of) if arguments.log else {}
    proposals = propose(said, unsaid, _thresholds(plan, said))
    _print(arguments, plan, proposals, len(entries) - len(records))
    return Exit.FINE


async def _records(
    engine: Engine, name: str, kept: Feedback, entries: Iterable[Entry]
) -> Mapping[str, Mapping[str, Any]]:
    """What was decided: as the log had it, or as it is decided now where the text was told."""
    records: dict[str, Mapping[str, Any]] = {}
    for entry in entries:
        if entry.record is not None:
            records[entry.id] = entry.record
        elif entry.has_text:
            text = kept.words(entry.id)[1] or ""
            stage = entry.said.stage or Stage.INPUT
            verdict = await engine.evaluate(
                Content((Text(text, _SPOKEN[stage]),), stage), policy=name
            )
            records[entry.id] = body(noted(verdict, 0.0), None)
    return records


def _complaints(entry: Entry, records: Mapping[str, Mapping[str, Any]]) -> Iterable[Complaint]:
    return complaints(entry.said, records[entry.id]) if entry.id in records else ()


def _unsaid(log: str, policy: str, spoken_of: set[str]) -> dict[tuple[str, str], list[float]]:
    """The scores of verdicts that nobody complained of."""
    scores: dict[tuple[str, str], list[float]] = {}
    with log_in(log) as store:
        for record in store.search(Query(policy=policy, kinds=frozenset({"verdict"}))):
            if record["id"] not in spoken_of:
                for rule in record["rules"]:
                    for category, (score, _) in rule["scores"].items():
                        scores.setdefault((rule["rule"], category), []).append(score)
    return scores


def _thresholds(plan: Plan, said: Iterable[Complaint]) -> dict[tuple[str, str], float]:
    steps = {step.rule: step for chain in plan.chains.values() for step in chain.steps}
    places = {(one.rule, one.category) for one in said}
    return {
        (rule, category): steps[rule].threshold_of(category)
        for rule, category in places
        if rule in steps
    }


def _print(
    arguments: argparse.Namespace, plan: Plan, proposals: list[Proposal], left_out: int
) -> None:
    if arguments.json:
        print_json(
            {
                "policy": plan.name,
                "policy_hash": plan.hash,
                "proposals": [feedback_text.plain(one) for one in proposals],
                "left_out": left_out,
            }
        )
        return
    sys.stdout.write(f"policy       {plan.name} {plan.hash[:12]}\n")
    sys.stdout.write(f"feedback     {arguments.feedback}\n\n")
    sys.stdout.write(feedback_text.render(proposals) or "nothing in it speaks of a threshold\n")
    if left_out:
        sys.stdout.write(f"left out: {left_out}, of which neither log nor text tells the scores\n")
    lines = feedback_text.policy_lines(proposals)
    if lines:
        sys.stdout.write(f"\nto accept it, write into {arguments.policy}:\n\n{lines}")
        sys.stdout.write("\nwho complains is no sample of all: look at the cases first\n")
