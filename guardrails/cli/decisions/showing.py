"""`guardrails decisions show` and `query`: what was decided, and why."""

import argparse
import sys
from itertools import islice
from typing import Any

from guardrails.cli.decisions.where import add_where_to, keys_of, print_json, reading, time_of
from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.values import whole
from guardrails.core.errors import UnknownDecisionError
from guardrails.core.verdict import Action
from guardrails.telemetry.decisions.keys import LogKeys
from guardrails.telemetry.decisions.store import Query, Record

_ACTIONS = [action.word for action in Action]


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the parser."""
    parser = verbs.add_parser("show", help="print what is recorded of one verdict")
    parser.add_argument("id", metavar="ID", help="of the verdict")
    add_where_to(parser)
    parser.set_defaults(run=run_show)
    parser = verbs.add_parser("query", help="print what fits, the newest first")
    add_where_to(parser, keys=True)
    parser.add_argument("--since", type=time_of, metavar="TIME", help="such as 7d")
    parser.add_argument("--until", type=time_of, metavar="TIME")
    parser.add_argument("--tenant", metavar="NAME")
    parser.add_argument("--policy", default="", metavar="NAME")
    parser.add_argument("--action", choices=_ACTIONS, default="")
    parser.add_argument("--rule", default="", metavar="NAME", help="that was not clear")
    parser.add_argument("--kind", choices=["verdict", "refused", "shadow"])
    parser.add_argument("--text", metavar="TEXT", help="what was judged, as one text; '-' is stdin")
    parser.add_argument("--limit", type=whole(1), default=100, metavar="N")
    parser.set_defaults(run=run_query)


def run_show(arguments: argparse.Namespace) -> int:
    """Print one decision.

    Raises:
        UnknownDecisionError: the log has none of that id.
    """
    with reading(arguments) as store:
        found = list(store.search(Query(id=arguments.id)))
    if not arguments.id or not found:
        raise UnknownDecisionError(f"decisions: the log has no decision '{arguments.id}'")
    if arguments.json:
        print_json({"records": found})
    else:
        sys.stdout.writelines(line for record in reversed(found) for line in _whole(record))
    return Exit.FINE


def run_query(arguments: argparse.Namespace) -> int:
    """Print decisions."""
    found: list[Record] = []
    more = False
    with reading(arguments) as store:
        for asked in _queries(arguments):
            some = list(islice(store.search(asked), arguments.limit + 1))
            found += some[: arguments.limit]
            more = more or len(some) > arguments.limit
    if arguments.json:
        print_json({"records": found, "more": more})
    else:
        sys.stdout.writelines(map(_line, found))
        if more:
            sys.stderr.write(f"there are more than {arguments.limit}, see --limit\n")
    return Exit.FINE


def _queries(arguments: argparse.Namespace) -> list[Query]:
    """One query, or one for each key under which a text may have been fingerprinted."""
    kinds = frozenset({arguments.kind}) if arguments.kind else Query().kinds
    marks = [""]
    if arguments.text is not None:
        text = sys.stdin.read() if arguments.text == "-" else arguments.text
        marks = _fingerprints(text, keys_of(arguments))
    return [
        Query(
            since=arguments.since or "",
            until=arguments.until or "",
            tenant=arguments.tenant,
            policy=arguments.policy,
            action=arguments.action,
            rule=arguments.rule,
            kinds=kinds,
            fingerprint=mark,
        )
        for mark in marks
    ]


def _fingerprints(text: str, keys: LogKeys) -> list[str]:
    if not keys.keys:
        raise BadArguments("--text goes with --key-file: contents are known by a keyed hash alone")
    return [key.mark_of(text) for key in keys.keys]


def _line(record: Record) -> str:
    """One record on one line."""
    if record["kind"] == "refused":
        return f"{record['at']}  refused  {record['status']} ({record['count']})\n"
    shadow = f"shadow of {record['enforced']}, " if record["kind"] == "shadow" else ""
    found = ", ".join(_found(rule) for rule in record["rules"] if rule["outcome"] != "clear")
    tenant = f" {record['tenant']}" if record["tenant"] else ""
    return (
        f"{record['at']}  {record['action']:6}  {record['id']}  {shadow}{record['policy']}"
        f" {record['stage']}{tenant}{'  ' if found else ''}{found}\n"
    )


def _found(rule: dict[str, Any]) -> str:
    categories = dict.fromkeys(one["category"] for one in rule["findings"])
    return f"{rule['rule']}: {', '.join(categories) or rule['outcome']}"


def _whole(record: Record) -> list[str]:
    """One record on as many lines as it takes."""
    if record["kind"] == "refused":
        return [_line(record)]
    policy = f"policy {record['policy']}@{record['policy_hash'][:12]}"
    place = f"record {record['n']} of worker {record['worker']}"
    lines = [_line(record), f"  {policy}, {place}, {record['milliseconds']:g} ms\n"]
    for name, sha256 in record["models"].items():
        lines.append(f"  model {name}@{sha256[:12]}\n")
    for rule in record["rules"]:
        lines += _rule(rule)
    lines += [
        f"  marked: {one['mark']}, key {one['key_id']}, part {one['part']}\n"
        for one in record["marks"]
    ]
    return lines


def _rule(rule: dict[str, Any]) -> list[str]:
    reason = f", {rule['reason']}" if rule["reason"] else ""
    batch = f", batch of {rule['batch']}" if rule["batch"] else ""
    head = f"  {rule['rule']}: {rule['outcome']}, {rule['action']}{reason}"
    lines = [f"{head}, {rule['milliseconds']:g} ms{batch}\n"]
    for category, (score, threshold) in rule["scores"].items():
        held = "" if threshold is None else f", threshold {threshold:g}"
        lines.append(f"    {category} {score:.3f}{held}\n")
    for one in rule["findings"]:
        work = f", a copy of '{one['work']}'" if "work" in one else ""
        lines.append(f"    found {one['category']}{_place(one)} of part {one['part']}{work}\n")
    return lines


def _place(finding: dict[str, Any]) -> str:
    if "start" in finding:
        return f" at {finding['start']}-{finding['end']}"
    return f" in {finding['region']}" if "region" in finding else ""
