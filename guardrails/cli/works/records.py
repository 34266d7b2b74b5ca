"""`guardrails works journal|credits`: what was done to works, and what is owed for them."""

import argparse
import csv
import io
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from guardrails.cli.exits import BadArguments, Exit
from guardrails.cli.files import named
from guardrails.cli.works.showing import many, print_json, print_table, printable
from guardrails.cli.works.where import add_where_to, reading
from guardrails.works import shares_file
from guardrails.works.errors import WorksError
from guardrails.works.journal import START, Anchor, verify
from guardrails.works.ledger import as_csv, as_rows
from guardrails.works.records import Credited, Record
from guardrails.works.shares import Rules, Share, shared

_ANCHOR = re.compile(r"(\d+) ([0-9a-f]{64})?")


def add_to(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the parser."""
    parser = verbs.add_parser("journal", help="print what was done to works, or prove it whole")
    add_where_to(parser, collection=False)
    parser.add_argument("--verify", action="store_true", help="tell whether it was altered")
    parser.add_argument(
        "--anchor", type=Path, metavar="FILE", help="its end at an earlier time, kept elsewhere"
    )
    parser.add_argument(
        "--write-anchor", type=Path, metavar="FILE", help="write its end, to be kept elsewhere"
    )
    parser.set_defaults(run=run_journal)
    parser = verbs.add_parser("credits", help="sum what is owed to owners")
    add_where_to(parser, collection=False)
    parser.add_argument("--from", dest="since", required=True, type=_day, metavar="DATE")
    parser.add_argument(
        "--to", dest="until", required=True, type=_end, metavar="DATE", help="its day included"
    )
    parser.add_argument("--shares", type=Path, metavar="FILE.yaml", help="rules for shares")
    parser.add_argument("--amount", type=_amount, metavar="X", help="what is shared by them")
    parser.add_argument("--csv", action="store_true", help="print CSV")
    parser.set_defaults(run=run_credits)


def run_journal(arguments: argparse.Namespace) -> int:
    """Print records, oldest first, or tell the first that is wrong."""
    kept = _kept(arguments.anchor)
    with reading(arguments) as store:
        if arguments.verify or arguments.anchor or arguments.write_anchor:
            return _prove(arguments, store.journal(), kept)
        name = arguments.collection
        records = (one for one in store.journal() if name in {"", one.collection})
        if arguments.json:
            print_json({"records": [asdict(one) for one in records]})
        else:
            sys.stdout.writelines(map(_line, records))
    return Exit.FINE


def _prove(arguments: argparse.Namespace, records: Iterable[Record], kept: Anchor) -> int:
    """Verify the chain; its end is written only when it is whole."""
    read = _Read(records)
    wrong = verify(read, kept)
    if wrong is not None:
        if arguments.json:
            print_json({"whole": False, "wrong": asdict(wrong)})
        raise WorksError(
            f"works: the journal of '{arguments.store}' was altered at record {wrong.number}: "
            f"{wrong.why}"
        )
    if arguments.write_anchor:
        with named():
            arguments.write_anchor.write_text(f"{read.end.count} {read.end.hash}\n")
    if arguments.json:
        print_json({"whole": True, **asdict(read.end)})
    else:
        sys.stdout.write(f"whole: {many(read.end.count, 'record')}\n")
    return Exit.FINE


class _Read:
    """Hands records on, and keeps where the last one ends."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._records = records
        self.end = START

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:
            self.end = Anchor(record.number, record.hash)
            yield record


def _kept(path: Path | None) -> Anchor:
    if path is None:
        return START
    with named():
        found = _ANCHOR.fullmatch(path.read_text(encoding="utf-8").strip("\n"))
    if not found:
        raise BadArguments(f"'{path}' is no anchor, make one with '--write-anchor'")
    return Anchor(int(found[1]), found[2] or "")


def _line(record: Record) -> str:
    reason = f"  {printable(record.reason)}" if record.reason else ""
    work = f"{printable(record.collection)}/{printable(record.work)}"
    return f"{record.number:>6}  {record.at[:19]}  {record.act:<9}  {work}{reason}\n"


def run_credits(arguments: argparse.Namespace) -> int:
    """Print what each owner's works gave, and what each gets by the rules."""
    if (arguments.shares is None) != (arguments.amount is None):
        raise BadArguments("'--shares' and '--amount' go together")
    rules = None if arguments.shares is None else _rules(arguments.shares)
    with reading(arguments) as store:
        owed = store.credits(arguments.since, arguments.until, collection=arguments.collection)
    paid = [] if rules is None else shared(owed, rules, arguments.amount)
    if arguments.json:
        print_json(_report(arguments, owed, paid, with_shares=rules is not None))
    elif arguments.csv:
        sys.stdout.write(as_csv(owed) if rules is None else _shares_csv(paid))
    else:
        _print(owed, paid)
    return Exit.FINE


def _report(
    arguments: argparse.Namespace,
    owed: Sequence[Credited],
    paid: Sequence[Share],
    *,
    with_shares: bool,
) -> dict[str, Any]:
    report: dict[str, Any] = {
        "from": arguments.since.isoformat(),
        "to": arguments.until.isoformat(),
        "collection": arguments.collection,
        "owners": as_rows(owed),
    }
    if with_shares:
        report["amount"] = str(arguments.amount)
        report["shares"] = [_told(one) for one in paid]
    return report


def _print(owed: Sequence[Credited], paid: Sequence[Share]) -> None:
    if not owed:
        sys.stdout.write("nothing is owed\n")
        return
    print_table(
        [("owner", "queries", "words", "tokens", "pictures")] + [_cells(one) for one in owed]
    )
    if paid:
        rows = [(one.owner or "(unknown)", f"{one.share:.2%}", f"{one.amount}") for one in paid]
        sys.stdout.write("\n")
        print_table([("owner", "share", "amount"), *rows])


def _cells(one: Credited) -> tuple[object, ...]:
    return one.owner or "(unknown)", one.queries, one.words, one.tokens, one.pictures


def _told(one: Share) -> dict[str, str | float]:
    """Give a share; amounts are text, for they are exact."""
    return {
        "owner": one.owner,
        "points": str(one.points),
        "share": float(one.share),
        "amount": str(one.amount),
    }


def _shares_csv(paid: Sequence[Share]) -> str:
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(("owner", "points", "share", "amount"))
    rows.writerows((one.owner, one.points, float(one.share), one.amount) for one in paid)
    return written.getvalue()


def _rules(path: Path) -> Rules:
    try:
        return shares_file.load(path)
    except WorksError as error:
        raise BadArguments(str(error)) from None


def _moment(text: str) -> tuple[datetime, bool]:
    """Read a time, or a day; without a zone it is UTC."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"'{text}' is no date, give 2026-01-31") from None
        return (at if at.tzinfo else at.replace(tzinfo=UTC)), False
    return datetime.combine(day, time(), UTC), True


def _day(text: str) -> datetime:
    return _moment(text)[0]


def _end(text: str) -> datetime:
    at, whole = _moment(text)
    return at + timedelta(days=1) if whole else at


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or amount < 0:
        raise argparse.ArgumentTypeError(f"'{text}' is no amount, give one such as 1000.00")
    return amount
