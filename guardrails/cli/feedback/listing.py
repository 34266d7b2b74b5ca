"""`guardrails feedback list`, `show` and `withdraw`: for who looks through what was said."""

import argparse
import re
import sys
from typing import Any

from guardrails.cli.decisions.where import print_json
from guardrails.cli.exits import Exit
from guardrails.cli.feedback.where import add_where_to, opened
from guardrails.cli.values import whole
from guardrails.telemetry.feedback.store import Entry

_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the parser."""
    parser = verbs.add_parser("list", help="print what was said, the newest first")
    add_where_to(parser)
    parser.add_argument("--tenant", metavar="NAME")
    parser.add_argument("--policy", default="", metavar="NAME")
    parser.add_argument("--withdrawn", action="store_true", help="also what was taken back")
    parser.add_argument("--limit", type=whole(1), default=100, metavar="N")
    parser.set_defaults(run=run_list)
    parser = verbs.add_parser("show", help="print one, with its words")
    parser.add_argument("id", metavar="ID", help="of the feedback")
    add_where_to(parser)
    parser.set_defaults(run=run_show)
    parser = verbs.add_parser("withdraw", help="take one back: its words are gone")
    parser.add_argument("id", metavar="ID", help="of the feedback")
    add_where_to(parser)
    parser.set_defaults(run=run_withdraw)


def run_list(arguments: argparse.Namespace) -> int:
    """Print entries, without their words."""
    with opened(arguments) as kept:
        found = kept.entries(
            tenant=arguments.tenant, policy=arguments.policy, withdrawn=arguments.withdrawn
        )[: arguments.limit]
    if arguments.json:
        print_json({"entries": [_plain(one) for one in found]})
    else:
        sys.stdout.writelines(map(_line, found))
    return Exit.FINE


def run_show(arguments: argparse.Namespace) -> int:
    """Print one entry whole."""
    with opened(arguments) as kept:
        entry = kept.get(arguments.id)
        note, text = kept.words(arguments.id)
    if arguments.json:
        print_json({**_plain(entry), "note": note, "text": text})
        return Exit.FINE
    sys.stdout.write(_line(entry))
    for name, words in (("note", note), ("text", text)):
        if words:
            sys.stdout.write(f"  {name}: {_shown(words)}\n")
    return Exit.FINE


def run_withdraw(arguments: argparse.Namespace) -> int:
    """Take one back."""
    with opened(arguments) as kept:
        kept.withdraw(arguments.id)
    if arguments.json:
        print_json({"withdrawn": arguments.id})
    else:
        sys.stdout.write(f"withdrawn: {arguments.id}\n")
    return Exit.FINE


def _plain(entry: Entry) -> dict[str, Any]:
    said = entry.said
    return {
        "id": entry.id,
        "at": entry.at,
        "decision": said.decision,
        "tenant": said.tenant,
        "reason": said.reason.value,
        "rule": said.rule,
        "category": said.category,
        "policy": said.policy,
        "stage": said.stage.value if said.stage else None,
        "verified": entry.verified,
        "has_note": entry.has_note,
        "has_text": entry.has_text,
        "withdrawn": entry.withdrawn,
    }


def _line(entry: Entry) -> str:
    said = entry.said
    facts = [said.policy, said.rule, said.category, said.tenant]
    facts += ["with text"] if entry.has_text else []
    facts += ["with a note"] if entry.has_note else []
    facts += [] if entry.verified else ["unverified"]
    facts += [f"withdrawn {entry.withdrawn}"] if entry.withdrawn else []
    told = _shown(", ".join(fact for fact in facts if fact))
    return f"{entry.at}  {entry.id}  {said.reason.value} of {_shown(said.decision)}  {told}\n"


def _shown(text: str) -> str:
    """Show text as it is, but for what would steer a terminal."""
    return _STEERING.sub(lambda found: f"\\x{ord(found.group()):02x}", text)
